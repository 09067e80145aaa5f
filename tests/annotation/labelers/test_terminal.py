"""`alcli label --with terminal`, at a pseudo-terminal."""

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from alcli.annotation.labelers.terminal import escape_controls

BATCH = [{"id": i, "text": f"text {i}", "pred": "yes", "n": 1.0} for i in range(4)]
WITH = ["--with", "terminal", "--append", "votes.jsonl", "--class", "no"]
YES = [*WITH, "--class", "yes"]
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Person:
    """Sits at a terminal where `alcli label` runs."""

    def __init__(self, folder, *args, stdin=None):
        self.screen, theirs = os.openpty()
        size = struct.pack("HHHH", 40, 100, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)

        def own() -> None:
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [sys.executable, "-m", "alcli", "label", *args],
            cwd=folder,
            stdin=theirs if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=own,
            pass_fds=[theirs],
            env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        )
        self.terminal = theirs
        self.seen = ""

    def sees(self, text):
        """Wait for a text, and return what stood there until then."""
        while text not in self.seen:
            if select.select([self.screen], [], [], 0.1)[0]:
                raw = os.read(self.screen, 65536)
                self.seen += ESCAPES.sub(b"", raw).decode(errors="ignore")
            else:
                assert self.process.poll() is None, (text, self.seen)
        before, _, self.seen = self.seen.partition(text)
        return before

    def types(self, keys):
        os.write(self.screen, keys.encode())

    def ends(self):
        """Return status and stderr."""
        out, err = self.process.communicate()
        assert out == b""
        self.modes = termios.tcgetattr(self.terminal)[3]
        os.close(self.screen)
        os.close(self.terminal)
        return self.process.returncode, err.decode()


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "batch.jsonl", BATCH)
    return tmp_path


def write(path, records):
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))


def votes(folder):
    text = (folder / "votes.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def said(folder):
    return [(v["id"], v["label"], v.get("reason")) for v in votes(folder)]


def test_a_person_answers_by_keys(folder):
    begin = time.monotonic()
    person = Person(folder, "batch.jsonl", *YES)
    screen = person.sees("text 0") + person.sees("q quit")
    assert "0 of 4" in screen
    assert "guess" not in screen
    for place, key in enumerate("2s?1", 1):
        person.types(key)
        if place < 4:
            person.sees(f"text {place}")
    status, err = person.ends()
    assert (status, err) == (0, "alcli label: 4 votes on 4 records\n")
    assert said(folder) == [
        (0, "yes", None),
        (1, None, "skipped"),
        (2, None, "unsure"),
        (3, "no", None),
    ]
    first = votes(folder)[0]
    assert list(first)[:4] == ["id", "text", "pred", "n"]
    assert first["annotator"] == "me"
    assert 0 <= first["seconds"] <= time.monotonic() - begin
    assert "suggested" not in first


def test_quit_undo_and_restart(folder):
    person = Person(folder, "batch.jsonl", *YES, "--annotator", "ann")
    person.sees("text 0")
    person.types("u9x1")  # nothing to undo, no such class, no such key
    person.sees("text 1")
    person.types("u")
    person.sees("again")
    person.sees("text 0")
    person.types("2")
    person.sees("text 1")
    person.types("q")
    status, err = person.ends()
    assert (status, err) == (1, "alcli label: 2 votes on 4 records; 3 open\n")
    assert person.modes & termios.ICANON
    assert said(folder) == [(0, "no", None), (0, "yes", None)]
    assert {vote["annotator"] for vote in votes(folder)} == {"ann"}

    person = Person(folder, "batch.jsonl", *YES, "--annotator", "ann")
    assert "1 of 4" in person.sees("text 1")
    person.types("1")
    person.sees("text 2")
    person.types("\x1b[1~1")  # the Home key, and an answer after it in the same breath
    while person.process.poll() is None:  # what comes too early belongs to that key
        person.types("\x04")
        time.sleep(0.1)
    assert person.ends()[0] == 1
    assert said(folder)[2:] == [(1, "no", None)]


def test_a_persian_keyboard_gives_the_same_keys(folder):
    person = Person(folder, "batch.jsonl", *YES)
    person.sees("text 0")
    person.types("۲")
    person.sees("text 1")
    person.types("ع")
    person.sees("text 0")
    person.types("٢")
    person.sees("text 1")
    person.types("س")
    person.sees("text 2")
    person.types("؟")
    person.sees("text 3")
    person.types("ض")
    assert person.ends()[0] == 1
    assert [label for _, label, _ in said(folder)] == ["yes", "yes", None, None]


def test_the_prediction_is_displayed_and_written_with_suggest(folder):
    write(folder / "batch.jsonl", [BATCH[0] | {"probs": {"no": 0.25, "yes": 0.75}}])
    person = Person(folder, "batch.jsonl", *YES, "--suggest")
    assert "The model's guess: yes (75%)" in person.sees("q quit")
    person.types("1")
    assert person.ends()[0] == 0
    assert votes(folder)[0]["suggested"] == "yes"


def test_guidelines_are_displayed_first_and_on_demand(folder):
    guide = "# How\n\nSay **yes** if it is [so](http://x.y).\n\x1b]0;title\x07"
    (folder / "guide.md").write_text(guide)
    person = Person(folder, "batch.jsonl", *YES, "--guidelines", "guide.md")
    screen = person.sees("Press a key")
    assert "How" in screen
    assert "Say yes if it is so" in screen
    assert "\x1b]" not in screen
    person.types("1")
    person.sees("text 0")
    person.types("g")
    person.sees("Press a key")
    person.types(" ")
    person.sees("text 0")
    person.types("q")
    assert person.ends()[0] == 1
    assert said(folder) == []


def test_a_right_to_left_text_has_a_hint(folder):
    texts = ["گوشی Samsung خوب است", "plain"]
    write(folder / "batch.jsonl", [{"id": i, "text": t} for i, t in enumerate(texts)])
    person = Person(folder, "batch.jsonl", *YES)
    assert "--with web" in person.sees("q quit")
    person.types("1")
    assert "--with web" not in person.sees("q quit")
    person.types("q")
    person.ends()


def test_control_characters_and_styles_of_a_text_are_escaped(folder):
    write(
        folder / "batch.jsonl",
        [{"id": 1, "text": "a\x1b]0;evil\x07\x9b2J [red]b[/red]"}],
    )
    person = Person(folder, "batch.jsonl", *YES)
    screen = person.sees("q quit")
    assert "a\ufffd]0;evil\ufffd\ufffd2J [red]b[/red]" in screen
    person.types("q")
    person.ends()


def test_ten_classes_or_more_are_typed_as_numbers(folder):
    more = [word for n in range(2, 12) for word in ("--class", f"c{n}")]
    person = Person(folder, "batch.jsonl", *WITH, *more)
    person.sees("q quit")
    person.types("44\r")
    person.sees("44: expected a number from 1 to 11")
    person.types("15\x7f۱\n")
    person.sees("text 1")
    person.types("1\n")
    person.sees("text 2")
    person.types("q")
    person.ends()
    assert said(folder) == [(0, "c11", None), (1, "no", None)]


def test_records_may_come_through_a_pipe(folder):
    with (folder / "batch.jsonl").open("rb") as pipe:
        person = Person(folder, "-", *YES, stdin=pipe)
    person.sees("text 0")
    person.types("2")
    person.sees("text 1")
    person.types("q")
    assert person.ends()[0] == 1
    assert said(folder) == [(0, "yes", None)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_the_terminal_as_it_was(folder, number):
    person = Person(folder, "batch.jsonl", *YES)
    person.sees("text 0")
    person.types("1")
    person.sees("text 1")
    person.process.send_signal(number)
    status, err = person.ends()
    assert status == -number
    assert err == ""
    assert person.modes & termios.ICANON
    assert said(folder) == [(0, "no", None)]


def test_an_answered_batch_needs_no_terminal(folder, alcli):
    rows = [{"id": i, "label": "x", "annotator": "you"} for i in range(4)]
    write(folder / "votes.jsonl", rows)
    done = alcli("label", "batch.jsonl", *YES, cwd=folder, check=True)
    assert b"0 votes on 4 records" in done.stderr


def test_an_annotator_without_open_items_ends_with_items_open(folder, alcli):
    rows = [{"id": i, "label": "x", "annotator": "me"} for i in range(4)]
    write(folder / "votes.jsonl", rows)
    done = alcli("label", "batch.jsonl", *YES, "--redundancy", "2", cwd=folder)
    assert done.returncode == 1
    assert b"0 votes on 4 records; 4 open" in done.stderr


def test_a_missing_terminal_is_an_error(folder):
    done = subprocess.run(
        [sys.executable, "-m", "alcli", "label", "batch.jsonl", *YES],
        cwd=folder,
        start_new_session=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 5
    assert b"there is no terminal" in done.stderr
    assert b"--with web" in done.stderr


def test_gold_questions_are_asked_and_written(folder):
    gold = [{"id": f"g{i}", "text": f"known {i}", "label": "yes"} for i in range(9)]
    write(folder / "gold.jsonl", gold)
    more = ["--gold", "gold.jsonl", "--check", "0.5"]
    person = Person(folder, "batch.jsonl", *YES, *more)
    for n in range(8):
        screen = person.sees("q quit")
        assert f"{n} of 8" in screen
        person.types("1")
    assert person.ends()[0] == 0
    found = votes(folder)
    assert len(found) == 8
    known = [vote for vote in found if str(vote["id"]).startswith("g")]
    assert len(known) == 4
    assert all(vote["label"] == "no" and "known" in vote["text"] for vote in known)


def test_plain_text_is_unchanged():
    text = "می‌خواهم\tA\n😀"
    assert escape_controls(text) == text


BIDI = [chr(n) for n in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@pytest.mark.parametrize("mark", BIDI, ids=lambda mark: f"U+{ord(mark):04X}")
def test_direction_marks_are_removed(mark):
    assert escape_controls(f"a{mark}b می\u200cخواهم\u200f") == "ab می\u200cخواهم\u200f"


def test_class_names_and_predictions_are_escaped(folder):
    letters = [chr(n) for n in range(0xA0) if chr(n) not in "\n\t"]
    steering = [a for a in letters if not a.isprintable()] + BIDI
    text = "first " + "".join(steering) + "last"
    write(folder / "batch.jsonl", [{"id": 0, "text": text, "pred": text}])
    person = Person(folder, "batch.jsonl", *YES, "--suggest")
    screen = person.sees("q quit")
    assert screen.count("first") == screen.count("last") == 2
    assert not set(screen) & (set(steering) - set("\r\x1b"))  # these are ours
    person.types("q")
    person.ends()
