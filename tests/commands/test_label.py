"""`alcli label`: each answer once in the ledger."""

import json
import re
import subprocess
import sys

import pytest

import alcli as library
from alcli.annotation.queue import Answer, QueueSettings, Task
from alcli.annotation.queue.records import count_open, vote_line
from alcli.core.errors import InputError, UsageError

GOLD = [{"id": i, "label": ["no", "yes"][i % 2], "text": f"t{i}"} for i in range(100)]
WITH = ["--with", "gold", "--gold", "gold.jsonl", "--append", "votes.jsonl"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "gold.jsonl").write_text(
        "".join(json.dumps(record) + "\n" for record in GOLD)
    )
    batch = [
        f'{{"id":{i},"text" : "t{i}", "query":{{"rank":1.0}}}}\n' for i in range(80)
    ]
    (tmp_path / "batch.jsonl").write_text("".join(batch))
    return tmp_path


def votes(folder):
    text = (folder / "votes.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def said(folder):
    found = {(v["id"], v["annotator"]): v["label"] for v in votes(folder)}
    assert len(found) == len(votes(folder))  # nobody was asked twice
    return found


def test_a_vote_is_the_record_with_the_answer(alcli, folder):
    done = alcli("label", "batch.jsonl", *WITH, cwd=folder, check=True)
    assert done.stderr == b"alcli label: 80 votes on 80 records\n"
    assert done.stdout == b""
    assert said(folder) == {(i, "gold-1"): GOLD[i]["label"] for i in range(80)}
    first = (folder / "votes.jsonl").read_text().splitlines()[0]
    record = (folder / "batch.jsonl").read_text().splitlines()[0]
    assert first.startswith(record[:-1] + ',"label":"no","annotator":"gold-1",')
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", votes(folder)[0]["time"])


def test_a_second_run_adds_no_votes(alcli, folder):
    alcli("label", "batch.jsonl", *WITH, cwd=folder, check=True)
    before = (folder / "votes.jsonl").read_bytes()
    done = alcli("label", "batch.jsonl", *WITH, cwd=folder, check=True)
    assert (folder / "votes.jsonl").read_bytes() == before
    assert b"0 votes on 80 records" in done.stderr


@pytest.mark.parametrize("cut", [0, 1, 10_000, 23_456])
def test_a_stopped_run_is_resumed(alcli, folder, cut):
    noise = ["--noise", "0.4", "--annotators", "3", "--seed", "5"]
    alcli("label", "batch.jsonl", *WITH, *noise, cwd=folder, check=True)
    ledger, whole = folder / "votes.jsonl", said(folder)
    ledger.write_bytes(ledger.read_bytes()[:cut])
    alcli("label", "batch.jsonl", *WITH, *noise, cwd=folder, check=True)
    assert said(folder) == whole
    assert len(whole) == 240


@pytest.mark.slow
def test_killed_at_any_time_the_ledger_has_whole_lines(folder):
    records = [{"id": i, "label": "no", "text": "t" * 500} for i in range(20_000)]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "gold.jsonl").write_text(lines)
    ledger, sizes = folder / "votes.jsonl", []
    line = [sys.executable, "-m", "alcli", "label", "gold.jsonl", *WITH]
    for _ in range(5):
        before = ledger.stat().st_size if ledger.exists() else 0
        process = subprocess.Popen(line, cwd=folder, stderr=subprocess.PIPE)
        while process.poll() is None and not (
            ledger.exists() and ledger.stat().st_size > before
        ):
            pass
        process.kill()
        process.communicate()
        whole, newline, _ = ledger.read_bytes().rpartition(b"\n")
        assert newline
        sizes.append(len({json.loads(vote)["id"] for vote in whole.split(b"\n")}))
        assert sizes[-1] == whole.count(b"\n") + 1
    assert len(set(sizes)) > 1
    subprocess.run(line, cwd=folder, check=True, stderr=subprocess.PIPE)
    assert set(said(folder)) == {(i, "gold-1") for i in range(20_000)}


def test_a_share_of_the_answers_is_wrong(alcli, folder):
    alcli("label", "batch.jsonl", *WITH, "--noise", "0.25", cwd=folder, check=True)
    wrong = [i for (i, _), label in said(folder).items() if label != GOLD[i]["label"]]
    assert 8 < len(wrong) < 34


def test_an_id_without_an_answer_is_an_error(alcli, folder):
    (folder / "batch.jsonl").write_text('{"id":5}\n{"id":"x"}\n')
    done = alcli("label", "batch.jsonl", *WITH, cwd=folder)
    assert done.returncode == 3
    assert b'label: gold.jsonl: no label for id "x"' in done.stderr
    assert all(vote["id"] == 5 for vote in votes(folder))


def test_a_repeated_record_is_labelled_once(alcli, folder):
    batch = (folder / "batch.jsonl").read_bytes()
    alcli("label", "batch.jsonl", "-", *WITH, stdin=batch, cwd=folder, check=True)
    assert len(said(folder)) == 80


def test_invalid_records_are_rejected(alcli, folder):
    options = [*WITH, "--skip-invalid", "--rejects", "bad"]
    data = b'{"id":1}\nx\n{"id":2}\n'
    alcli("label", *options, stdin=data, cwd=folder, check=True)
    assert [vote["id"] for vote in votes(folder)] == [1, 2]
    assert (folder / "bad").read_bytes() == b"x\n"


def test_an_earlier_answer_is_replaced():
    task = Task("1", b'{"id":1,"label":"a","annotator":"b","time":"c","seconds":9}')
    vote = json.loads(vote_line(task, Answer("me", None, 2.5)))
    assert vote.pop("time").endswith("Z")
    assert vote == {"id": 1, "label": None, "annotator": "me", "seconds": 2.5}


def test_the_function_skips_records_with_votes(folder):
    options = {"gold": str(folder / "gold.jsonl"), "annotators": 2}
    records = [{"id": 1}, {"id": "2"}, {"id": "1"}]
    there = [{"id": "1", "annotator": "gold-1", "label": "x"}, {"id": 2, "label": "y"}]
    found = library.label(records, there, **options)
    assert [(vote["id"], vote["annotator"]) for vote in found] == [
        ("2", "gold-1"),
        (1, "gold-2"),
        ("2", "gold-2"),
    ]


def test_an_unknown_id_is_an_error_of_the_function(folder):
    with pytest.raises(InputError, match='no label for id "x"'):
        library.label([{"id": "x"}], gold=str(folder / "gold.jsonl"))


def test_each_annotator_has_a_share_of_noise(alcli, folder):
    noise = ["--noise", "0,1,0.5", "--seed", "3"]
    alcli("label", "batch.jsonl", *WITH, *noise, cwd=folder, check=True)
    right = {f"gold-{number}": 0 for number in (1, 2, 3)}
    for (id, who), label in said(folder).items():
        right[who] += label == GOLD[id]["label"]
    assert (right["gold-1"], right["gold-2"]) == (80, 0)
    assert 20 < right["gold-3"] < 60


def test_one_share_of_noise_applies_to_all_annotators(alcli, folder):
    noise = ["--noise", "1", "--annotators", "2"]
    alcli("label", "batch.jsonl", *WITH, *noise, cwd=folder, check=True)
    assert {who for _, who in said(folder)} == {"gold-1", "gold-2"}
    assert all(label != GOLD[id]["label"] for (id, _), label in said(folder).items())


def test_a_vote_has_the_reason_and_the_suggested_class():
    task = Task("1", b'{"id":1,"reason":"old","suggested":"old","pred":"a"}')
    vote = json.loads(vote_line(task, Answer("me", None, 1.5, "unsure", "a")))
    assert list(vote) == [
        *("id", "pred", "label", "annotator", "time", "seconds", "reason", "suggested")
    ]
    assert (vote["reason"], vote["suggested"]) == ("unsure", "a")
    vote = json.loads(vote_line(task, Answer("me", "a")))
    assert list(vote) == ["id", "pred", "label", "annotator", "time"]


def test_only_votes_on_gold_questions_are_marked():
    line = b'{"id":1,"check":true}'
    vote = json.loads(vote_line(Task("1", line), Answer("me", "a")))
    assert list(vote) == ["id", "label", "annotator", "time"]
    vote = json.loads(vote_line(Task("1", line, check=True), Answer("me", "a", 1.0)))
    assert list(vote) == ["id", "label", "annotator", "time", "seconds", "check"]
    assert vote["check"] is True


def test_gold_questions_outside_the_pool_are_asked_and_not_merged(alcli, folder):
    gold = [{"id": f"gold-{i}", "text": "g", "label": "a"} for i in range(40)]
    (folder / "gold.jsonl").write_text("".join(json.dumps(g) + "\n" for g in gold))
    args = people(folder, "--class", "a", "--gold", "gold.jsonl", "--check", "0.2")
    alcli("label", *args, "--set", "n=200", cwd=folder, check=True)
    merge = ["v", "--records", "batch.jsonl", "-o", "out", "--annotators", "people"]
    done = alcli("merge-labels", *merge, "--gold", "gold.jsonl", cwd=folder, check=True)
    ids = [json.loads(x)["id"] for x in (folder / "out").read_text().splitlines()]
    assert ids == list(range(80))
    assert b"100 votes on 100 ids, 80 labelled; left out: 20 known q" in done.stderr
    (person,) = (folder / "people").read_text().splitlines()
    assert json.loads(person)["gold_items"] == 20


def test_suggest_needs_predictions_of_gold_questions(alcli, folder):
    (folder / "gold.jsonl").write_text('{"id":"g","text":"g","label":"a"}\n')
    (folder / "batch.jsonl").write_text('{"id":1,"text":"t","pred":"a"}\n')
    args = people(folder, "--class", "a", "--gold", "gold.jsonl", "--suggest")
    done = alcli("label", *args, cwd=folder)
    assert done.returncode == 2
    assert b"label: --suggest: 1 records of --gold lack a prediction" in done.stderr
    assert not (folder / "v").read_bytes()


def test_the_examples_of_the_help_run(alcli, folder):
    text = alcli("label", "--help", check=True).stdout.decode().replace("\\\n", "")
    found = re.findall(r"^ +alcli (label .*)", text, re.M)
    assert len(found) == 2
    (folder / "guide.md").write_text("g")
    (folder / "gold.jsonl").write_text("")
    (folder / "batch.jsonl").write_text("")  # nothing to label
    for line in found:
        alcli(*line.split(), cwd=folder, check=True)
    assert (folder / "votes.jsonl").exists()


def test_open_records_lack_answers_of_different_annotators():
    tasks = [Task("1", b"", frozenset({"a"})), Task("2", b""), Task("3", b"")]
    votes = [("1", "a"), ("1", "b"), ("2", "a"), ("2", "a"), ("gold", "a")]
    assert count_open(tasks, votes, 1) == 1
    assert count_open(tasks, votes, 2) == 2
    assert count_open(tasks, [], 1) == 2


PEOPLE = """\
from alcli.annotation.queue.task_queue import TaskQueue
from alcli.plugins import labeler

@labeler(people=True)
def people(tasks, save, *, settings, n=2):
    queue = TaskQueue(tasks, settings)
    try:
        for _ in range(n):
            if item := queue.next("me"):
                label = settings.guidelines.strip() or settings.classes[0]
                save([queue.answer("me", item.ticket, label)])
    finally:
        open("closed", "w").close()
"""


def people(folder, *args):
    (folder / "mine.py").write_text(PEOPLE)
    return ["batch.jsonl", "--with", "./mine.py:people", "--append", "v", *args]


def test_a_labeler_for_people_gets_the_settings(alcli, folder):
    (folder / "guide").write_text("b\n")
    args = people(folder, "--class", "a", "--class", "b", "--guidelines", "guide")
    done = alcli("label", *args, cwd=folder)
    assert done.returncode == 1
    assert done.stderr == b"alcli label: 2 votes on 80 records; 78 open\n"
    labels = [json.loads(x)["label"] for x in (folder / "v").read_text().splitlines()]
    assert labels == ["b", "b"]
    done = alcli("label", *args, "--set", "n=78", cwd=folder)
    assert done.returncode == 0
    assert done.stderr == b"alcli label: 78 votes on 80 records\n"


@pytest.mark.parametrize(
    "field", ['"text":5', '"text":"t","pred":5', '"text":"t","probs":[1]']
)
def test_invalid_displayed_fields_are_an_error_at_the_start(alcli, folder, field):
    bad = f'{{"id":1,"text":"t"}}\n{{"id":2,{field}}}\n'
    args = people(folder, "--class", "a")
    (folder / "batch.jsonl").write_text(bad)
    done = alcli("label", *args, cwd=folder)
    assert done.returncode == 3
    assert b"label: batch.jsonl:2: " in done.stderr
    assert not (folder / "v").read_bytes()


@pytest.mark.parametrize(
    "wrong", [["--annotators", "3"], ["--noise", "0.1"], ["--host", "localhost"]]
)
def test_options_of_other_labelers_are_refused(alcli, folder, wrong):
    done = alcli("label", *people(folder, "--class", "a", *wrong), cwd=folder)
    assert done.returncode == 2
    assert f"{wrong[0]} does not go with --with".encode() in done.stderr
    assert not (folder / "v").exists()


def test_a_failed_write_ends_the_labeler(folder):
    args = people(folder, "--class", "a")
    limited = f"ulimit -f 0; exec {sys.executable} -m alcli label {' '.join(args)}"
    done = subprocess.run(["bash", "-c", limited], cwd=folder, capture_output=True)
    assert done.returncode == 5
    assert not (folder / "v").read_bytes()
    assert (folder / "closed").exists()


def test_the_function_takes_settings_for_people(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "mine.py").write_text(PEOPLE)
    records = [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]
    there = [{"id": "1", "annotator": "x", "label": "y"}]
    options = {"labeler": f"{folder}/mine.py:people", "classes": ("a",), "n": 1}
    heard = []
    (vote,) = library.label(records, there, on_vote=heard.append, **options)
    assert (vote["id"], vote["label"], vote["annotator"]) == (2, "a", "me")
    assert heard == [vote]
    with pytest.raises(InputError, match='1: no "text" field'):
        library.label([{"id": 1}], **options)


def test_each_vote_is_on_disk_before_the_next_question(alcli, folder):
    (folder / "mine.py").write_text(
        "from alcli.plugins import Answer\n"
        "def slow(tasks, save):\n"
        "    for n, task in enumerate(tasks[:3]):\n"
        "        assert open('v').read().count('\\n') == n\n"
        "        save([(task, Answer('me', 'a'))])\n"
        "def fast(tasks, save):\n"
        "    save((t, Answer(str(n), 'a')) for t in tasks for n in range(20))\n"
    )
    args = ["batch.jsonl", "--append", "v", "--with"]
    alcli("label", *args, "./mine.py:slow", cwd=folder, check=True)
    done = alcli("label", *args, "./mine.py:fast", cwd=folder, check=True)
    assert done.stderr == b"alcli label: 1600 votes on 80 records\n"


def test_a_labeler_that_yields_votes_is_refused(alcli, folder):
    (folder / "mine.py").write_text("def old(tasks, save):\n    yield tasks[0], None\n")
    args = ["batch.jsonl", "--append", "v", "--with", "./mine.py:old"]
    done = alcli("label", *args, cwd=folder)
    assert done.returncode == 2
    assert b"--with old yields or returns votes; call save(votes)" in done.stderr


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"classes": ()}, "--class NAME"),
        ({"classes": ("a", "b", "a")}, "'a' is repeated"),
        ({"classes": ("a", "")}, "--class is empty"),
        ({"classes": ("a",), "redundancy": 0}, "redundancy 0"),
        ({"classes": ("a",), "annotator": " "}, "--annotator is empty"),
        ({"classes": ("a",), "check": 1.0}, "check 1.0"),
        ({"classes": ("a",), "check": -0.1}, "check -0.1"),
    ],
)
def test_invalid_settings_are_errors(wrong, says):
    with pytest.raises(UsageError, match=says):
        QueueSettings(**wrong)
