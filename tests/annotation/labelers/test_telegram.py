"""`--with telegram`, with the real library, against a Bot API on loopback."""

import json
import logging
import math
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections import Counter
from functools import partial
from types import SimpleNamespace

import pytest

from alcli.annotation.labelers import find
from alcli.annotation.queue import QueueSettings, Task
from alcli.annotation.queue.task_queue import TaskQueue
from alcli.annotation.telegram.access import pseudonym
from alcli.core.errors import BadParameter, SurroundingsError, UsageError
from tests.annotation.telegram.api import TOKEN, BotApi, Person

KEY = "a key that is long enough"
SECRET = "an-invitation-for-tests"
ENVIRONMENT = {
    "ALCLI_TELEGRAM_TOKEN": TOKEN,
    "ALCLI_TELEGRAM_KEY": KEY,
    "ALCLI_TELEGRAM_SECRET": SECRET,
}
CLASSES = ("negative", "مثبت")
telegram = find("telegram").function


@pytest.fixture
def api(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("alcli.annotation.telegram.rate_limit.EACH", (1000.0, 100))
    monkeypatch.setattr("alcli.annotation.telegram.rate_limit.ALL", (1000.0, 100))
    api = BotApi()
    yield api
    api.close()


def tasks(n):
    return [
        Task(str(i), json.dumps({"id": i, "text": f"متن {i} of"}).encode())
        for i in range(n)
    ]


class Run:
    """Labeler in its own thread; `votes` are on disk."""

    def __init__(self, api, batch, classes=CLASSES, **settings):
        self.votes, self.error, self._api = [], None, api
        lease, pause = settings.pop("lease", 600.0), settings.pop("pause", 0.0)
        save = settings.pop("save", self.save)
        self._arguments = {
            "settings": QueueSettings(classes=classes, **settings),
            "api": api.url,
            "lease": float(lease),
            "pause": pause,
        }
        self._thread = threading.Thread(target=self._go, args=(batch, save))
        self._thread.daemon = True
        self._thread.start()

    def save(self, votes):
        with self._api.changed:
            self.votes += [(task.id, answer) for task, answer in votes]
            self._api.changed.notify_all()

    def _go(self, batch, save):
        try:
            telegram(batch, save, **self._arguments)
        except BaseException as error:
            self.error = error

    def end(self):
        self._thread.join()
        if self.error:
            raise self.error
        return self.votes

    def written(self, n):
        self._api.until(lambda: len(self.votes) >= n)


def people(api, n):
    found = [Person(api, 77000 + i) for i in range(n)]
    for person in found:
        person.say(f"/start {SECRET}")
    return found


def answers(person, over, choose):
    """Press until the bot says that all is answered."""
    asked = None
    while True:
        asked = person.api.until(
            lambda last=asked: (
                "over" if over(person) else person.asked() != last and person.asked()
            )
        )
        if asked == "over":
            return
        person.press(asked, choose(person, person.api.sent[asked]["text"]))


def all_answer(found, choose=lambda person, text: CLASSES[0]):
    def over(person):
        return any("All is answered" in text for text in person.texts())

    threads = [
        threading.Thread(target=answers, args=(p, over, choose), daemon=True)
        for p in found
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("redundancy", [1, 2])
def test_three_people_answer_everything_and_nothing_twice(api, redundancy):
    run = Run(api, tasks(12), redundancy=redundancy)
    found = people(api, 3)
    all_answer(found, lambda person, text: CLASSES[person.number % 2])
    votes = run.end()
    names = {pseudonym(p.number, KEY): CLASSES[p.number % 2] for p in found}

    assert Counter(id for id, _ in votes) == {str(i): redundancy for i in range(12)}
    assert len({(id, a.annotator) for id, a in votes}) == len(votes)
    assert all(a.label == names[a.annotator] for _, a in votes)
    assert not any(m["rows"] for m in api.sent.values())


def test_messages_contain_the_answer_and_the_progress(api):
    run = Run(api, tasks(4), guidelines="# How\n\nRead *well* <b>.")
    (person,) = people(api, 1)
    first = person.asks()
    rows = [[b["text"] for b in row] for row in api.sent[first]["rows"]]
    assert rows == [list(CLASSES), ["Skip", "Not sure", "Undo"]]
    assert person.texts()[1] == "# How\n\nRead *well* <b>."
    assert api.sent[first]["text"] == "\u200fYou: 0 · all: 0 of 4\n\n\u200fمتن 0 of"
    person.press(first, "مثبت")
    second = person.asks(first)
    assert api.sent[first]["text"].endswith("متن 0 of\n\n✔ \u2068مثبت\u2069")
    assert "You: 1 · all: 1 of 4" in api.sent[second]["text"]
    assert [a.label for _, a in run.votes] == ["مثبت"]
    person.press(second, "Skip")
    third = person.asks(second)
    person.press(third, "Not sure")
    fourth = person.asks(third)
    person.say("/progress")
    assert person.hears("Answered by you: 3. By all: 3 of 4.")
    person.press(fourth, "negative")
    votes = [(a.label, a.reason) for _, a in run.end()]
    assert votes[1:] == [(None, "skipped"), (None, "unsure"), ("negative", None)]


def test_a_vote_is_saved_before_the_next_task_is_displayed(api):
    seen = []

    def save(votes):
        run.save(votes)
        seen.append([text for text in person.texts() if "متن" in text or "✔" in text])

    run = Run(api, tasks(3), save=save)
    (person,) = people(api, 1)
    all_answer([person])
    assert len(run.end()) == 3
    assert [sum("✔" in text for text in texts) for texts in seen] == [0, 1, 2]
    assert [len(texts) for texts in seen] == [1, 2, 3]


def test_the_last_votes_are_not_lost_when_they_come_together(api):
    both = threading.Barrier(2)

    run = Run(api, tasks(2))
    found = people(api, 2)
    asked = [person.asks() for person in found]

    def press(person, number):
        both.wait()
        person.press(number, CLASSES[0])

    for pair in zip(found, asked, strict=True):
        threading.Thread(target=press, args=pair, daemon=True).start()
    assert sorted(id for id, _ in run.end()) == ["0", "1"]


def test_an_answer_that_cannot_be_saved_is_not_acknowledged(api):
    def save(_):
        raise OSError("disk full")

    run = Run(api, tasks(1), save=save)
    (person,) = people(api, 1)
    person.press(person.asks(), CLASSES[0])
    with pytest.raises(OSError, match="full"):
        run.end()
    assert not any("All is" in text or "✔" in text for text in person.texts())


def test_a_button_and_a_command_undo_an_answer(api):
    run = Run(api, tasks(2))
    (person,) = people(api, 1)
    first = person.asks()
    person.press(first, "Undo")
    api.until(lambda: api.count("answerCallbackQuery") == 1)
    person.press(first, "negative")
    second = person.asks(first)
    person.press(second, "Undo")
    again = person.asks(second)
    assert "· again\n\n\u200fمتن 0" in api.sent[again]["text"]
    assert api.sent[second]["text"].endswith("↩ comes again later")
    person.press(again, "مثبت")
    third = person.asks(again)
    assert "متن 1" in api.sent[third]["text"]
    person.say("/undo")
    fourth = person.asks(third)
    person.press(fourth, "negative")
    fifth = person.asks(fourth)
    person.press(fifth, "negative")
    votes = [(id, a.label) for id, a in run.end()]
    assert votes == [
        ("0", "negative"),
        ("0", "مثبت"),
        ("0", "negative"),
        ("1", "negative"),
    ]


@pytest.fixture
def now(monkeypatch):
    """Return the time for leases and pauses, in a list."""
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("alcli.annotation.queue.session.time", clock)
    queue = partial(TaskQueue, clock=clock.monotonic)
    monkeypatch.setattr("alcli.annotation.labelers.telegram.TaskQueue", queue)
    return now


def test_the_last_answer_can_be_undone_for_a_while(api, now):
    run = Run(api, tasks(1), pause=2.0)
    (person,) = people(api, 1)
    first = person.asks()
    person.press(first, "negative")
    person.hears("That was the last one.")
    (last,) = (n for n, m in api.sent.items() if m["text"].startswith("That was"))
    api.until(lambda: run.votes)
    person.press(last, "Undo")
    again = person.asks(first)
    assert "· again" in api.sent[again]["text"]
    assert not api.sent[last]["rows"]
    person.press(again, "مثبت")
    api.until(lambda: len(run.votes) == 2)
    assert not any("All is answered" in text for text in person.texts())
    now[0] = math.inf  # the pause is over, whenever it began
    assert [answer.label for _, answer in run.end()] == ["negative", "مثبت"]
    assert "All is answered" in person.texts()[-1]
    assert not any(m["rows"] for m in api.sent.values())


def test_a_waiting_annotator_can_undo_and_gets_returned_items(api):
    run = Run(api, tasks(3))
    one, other = people(api, 2)
    held = other.asks()
    first = one.asks()
    one.press(first, "negative")
    second = one.asks(first)
    one.press(second, "negative")
    one.hears("nothing for you at present")
    (waits,) = (n for n, m in api.sent.items() if "at present" in m["text"])
    one.press(waits, "Undo")
    again = one.asks(second)
    one.press(again, "مثبت")
    api.until(lambda: len(run.votes) == 3)
    other.say("/stop")
    back = one.asks(again)
    assert api.sent[back]["text"].endswith(api.sent[held]["text"].split("\n\n")[1])
    one.press(back, "negative")
    votes = [answer.label for _, answer in run.end()]
    assert votes == ["negative", "negative", "مثبت", "negative"]
    assert not any(m["rows"] for m in api.sent.values())


def test_a_second_press_and_old_messages_make_no_vote(api):
    run = Run(api, tasks(3))
    (person,) = people(api, 1)
    first = person.asks()
    data = person.press(first, "negative")
    person.press_data(first, data)
    second = person.asks(first)
    person.press_data(first, "1" + data[1:])
    api.until(lambda: api.count("answerCallbackQuery") == 3)
    said = [g.get("text", "") for n, g, _ in api.calls if n == "answerCallbackQuery"]
    assert [bool(text) for text in said] == [False, True, True]
    for junk in ("", "9.x", "0." + "x" * 60, "²." + data, "nonsense"):
        person.press_data(second, junk or "x")
    person.say("what?")
    person.hears("by the buttons")
    assert person.asked() == second
    person.press(second, "مثبت")
    person.press(person.asks(second), "مثبت")
    assert [id for id, _ in run.end()] == ["0", "1", "2"]


def test_a_person_without_invitation_sees_nothing(api):
    run = Run(api, tasks(1))
    stranger = Person(api, 5)
    for text in ("/start", "hello", f"/start {SECRET}x", "/start \ud83d"):
        stranger.say(text)
    api.until(lambda: len(stranger.texts()) == 4)
    stranger.press_data(1, "0.x")
    assert set(stranger.texts()) == {
        "This bot is for invited people: open the link that you were given."
    }
    for n in range(9):
        stranger.say(f"/start {SECRET}{n}")
    stranger.say(f"/start {SECRET}")  # too late
    (person,) = people(api, 1)
    person.press(person.asks(), "negative")
    run.end()
    replies = [given for name, given, _ in api.calls if name == "answerCallbackQuery"]
    assert replies[0]["text"] == stranger.texts()[0]
    assert len(stranger.texts()) == 4
    assert len(replies) == 2
    assert not any("متن" in text for text in stranger.texts())


def test_the_invitation_is_logged_as_a_warning(api, monkeypatch, caplog):
    monkeypatch.setenv("ALCLI_TELEGRAM_SECRET", "")
    run = Run(api, tasks(1))
    api.until(lambda: api.count("getUpdates"))
    (said,) = (r for r in caplog.records if "t.me" in r.getMessage())
    assert said.levelno == logging.WARNING
    person = Person(api, 3)
    person.say(f"/start {said.getMessage().rpartition('=')[2]}")
    person.press(person.asks(), "negative")
    run.end()


def test_messages_in_groups_are_ignored(api):
    run = Run(api, tasks(1))
    Person(api, 6).say(f"/start {SECRET}", chat_type="group")
    (person,) = people(api, 1)
    person.press(person.asks(), "negative")
    run.end()
    assert {m["chat"] for m in api.sent.values()} == {person.number}


def test_a_returned_item_goes_to_a_waiting_annotator(api):
    run = Run(api, tasks(1))
    one, other = people(api, 2)
    api.until(lambda: one.asked() or other.asked())
    if other.asked():
        one, other = other, one
    other.hears("nothing for you at present")
    one.say("/stop")
    one.hears("/start goes on")
    other.press(other.asks(), "negative")
    assert len(run.end()) == 1
    assert other.hears("All is answered")
    assert not any("All is answered" in text for text in one.texts())


@pytest.mark.slow
def test_an_item_goes_to_another_annotator_after_the_lease(api, now):
    run = Run(api, tasks(1), lease=2)
    one, other = people(api, 2)
    api.until(lambda: one.asked() or other.asked())
    late, next = (one, other) if one.asked() else (other, one)
    next.hears("nothing for you at present")
    now[0] += 2
    asked = next.asks()
    late.press(late.asked(), "negative")
    late.hears("nothing for you at present")
    next.press(asked, "negative")
    votes = run.end()
    assert [a.annotator for _, a in votes] == [pseudonym(next.number, KEY)]


def test_annotators_of_earlier_runs_need_no_secret(api):
    one, other = 100, 200
    known = frozenset({pseudonym(one, KEY), pseudonym(other, KEY)})
    run = Run(api, tasks(2), redundancy=2, past_annotators=known)
    api.sent[1] = {"chat": one, "text": "of an earlier run", "rows": [[]]}
    one, other = Person(api, one), Person(api, other)
    one.press_data(1, "0.of-an-earlier-run")
    other.say("/start")
    all_answer([one, other])
    assert len(run.end()) == 4
    assert api.sent[1] == {"chat": 100, "text": "of an earlier run", "rows": []}


@pytest.mark.slow
def test_failed_requests_are_repeated(api):
    pause = (429, "Too Many Requests: retry after 2", {"retry_after": 2})
    broken = (500, "Internal Server Error", {})
    api.troubles["sendMessage"] += [broken, "cut", "html", pause]
    api.troubles["getUpdates"] += ["cut", (502, "Bad Gateway", {})]
    api.troubles["editMessageText"] += ["cut", (400, "Bad Request: not found", {})]
    late = (400, "Bad Request: query is too old and response timeout expired", {})
    api.troubles["answerCallbackQuery"] += [late]
    run = Run(api, tasks(4))
    all_answer(people(api, 2))
    assert sorted(id for id, _ in run.end()) == ["0", "1", "2", "3"]
    assert not any(api.troubles.values())


@pytest.mark.slow
def test_a_pause_that_telegram_asks_for_is_kept(api):
    run = Run(api, tasks(2))
    (person,) = people(api, 1)
    first = person.asks()
    pause = (429, "Too Many Requests: retry after 2", {"retry_after": 2})
    api.troubles["sendMessage"].append(pause)
    start = len(api.calls)
    person.press(first, "negative")
    person.press(person.asks(first), "negative")
    run.end()
    times = {name: at for name, _, at in reversed(api.calls[start:])}
    assert times["sendMessage"] - times["editMessageText"] >= 2


def test_the_item_of_an_annotator_who_blocks_the_bot_is_returned(api):
    run = Run(api, tasks(2))
    (one,) = people(api, 1)
    first = one.asks()
    api.troubles["sendMessage"].append((403, "Forbidden: bot was blocked", {}))
    one.press(first, "negative")
    run.written(1)
    api.until(lambda: not api.troubles["sendMessage"])
    (other,) = (Person(api, 9),)
    other.say(f"/start {SECRET}")
    other.press(other.asks(), "negative")
    assert [id for id, _ in run.end()] == ["0", "1"]


def test_a_long_text_is_more_than_one_message(api):
    text = "کتاب 🎉 " * 1200
    run = Run(api, [Task("a", json.dumps({"text": text}).encode())])
    (person,) = people(api, 1)
    asked = person.asks()
    shown = [t for t in person.texts() if "🎉" in t]
    assert len(shown) == 3
    assert "".join(shown).count("🎉") == 1200
    assert shown[-1] == api.sent[asked]["text"]
    person.press(asked, "negative")
    run.end()


@pytest.mark.parametrize(
    ("environment", "error", "says"),
    [
        ({"ALCLI_TELEGRAM_TOKEN": ""}, UsageError, "ALCLI_TELEGRAM_TOKEN"),
        ({"ALCLI_TELEGRAM_TOKEN": "12:a b"}, SurroundingsError, "BotFather"),
        ({"ALCLI_TELEGRAM_TOKEN": "12:wrong"}, SurroundingsError, "does not know"),
        ({"ALCLI_TELEGRAM_KEY": ""}, UsageError, "ALCLI_TELEGRAM_KEY"),
        ({"ALCLI_TELEGRAM_KEY": "short"}, UsageError, "16 characters"),
        ({"ALCLI_TELEGRAM_SECRET": "short"}, UsageError, "ALCLI_TELEGRAM_SECRET"),
    ],
)
def test_invalid_environment_variables_are_errors(
    api, monkeypatch, environment, error, says
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(error, match=says) as raised:
        Run(api, tasks(1)).end()
    for value in ENVIRONMENT.values():
        assert value not in str(raised.value)
    assert "12:" not in str(raised.value)


def test_invalid_parameters_are_errors(api):
    with pytest.raises(UsageError, match="--annotator"):
        Run(api, tasks(1), annotator="me").end()
    with pytest.raises(UsageError, match="100 buttons"):
        Run(api, tasks(1), classes=tuple(map(str, range(98)))).end()
    settings = QueueSettings(classes=CLASSES)
    with pytest.raises(BadParameter, match="expected http"):
        telegram([], list, settings=settings, api="ftp://x")


def test_a_missing_package_is_an_error_with_the_install_command(tmp_path):
    code = (
        "import sys; sys.modules['telegram'] = None\n"
        "from alcli.cli.main import main\n"
        "main(['label', 'batch.jsonl', '--with', 'telegram', '--append', 'v',"
        " '--class', 'a'])"
    )
    (tmp_path / "batch.jsonl").write_text('{"id":1,"text":"t"}\n')
    call = [sys.executable, "-c", code]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True)
    assert done.returncode == 5
    assert b"run: pip install 'alcli[telegram]'" in done.stderr


def test_an_unreachable_telegram_at_the_start_is_an_error(api, monkeypatch):
    monkeypatch.setattr("alcli.annotation.telegram.rate_limit.FIRST_TRIES", 1)
    api.troubles["getMe"].append("cut")
    with pytest.raises(SurroundingsError, match="cannot be reached"):
        Run(api, tasks(1)).end()


def test_another_program_that_polls_ends_the_run(api, monkeypatch):
    monkeypatch.setattr("alcli.annotation.telegram.polling.CONFLICTS", 1)
    api.troubles["getUpdates"].append((409, "Conflict: terminated by other", {}))
    with pytest.raises(SurroundingsError, match="another program"):
        Run(api, tasks(1)).end()


def test_a_token_that_is_revoked_ends_the_run(api):
    run = Run(api, tasks(1))
    api.until(lambda: api.count("getUpdates"))
    api.troubles["getUpdates"].append((401, "Unauthorized", {}))
    people(api, 1)  # the poll at hand ends
    with pytest.raises(SurroundingsError, match="does not know the token"):
        run.end()


def test_an_outage_is_logged_once(api, caplog):
    caplog.set_level(logging.INFO)
    api.troubles["getUpdates"] += ["cut", (502, "Bad Gateway", {})]
    run = Run(api, tasks(1))
    (person,) = people(api, 1)
    person.press(person.asks(), "negative")
    run.end()
    logged = [r.getMessage() for r in caplog.records if "reached" in r.getMessage()]
    assert logged == [
        "Telegram cannot be reached (RemoteProtocolError); trying again",
        "Telegram can be reached again",
    ]


def test_errors_do_not_contain_the_token(api, monkeypatch):
    async def fail(*_, **__):
        raise ValueError(f"no such address: {api.url}{TOKEN}/sendMessage")

    messenger = "alcli.annotation.telegram.messenger.Messenger"
    monkeypatch.setattr(f"{messenger}.send", fail)
    run = Run(api, tasks(1))
    people(api, 1)
    with pytest.raises(SurroundingsError) as raised:
        run.end()
    assert TOKEN not in "".join(traceback.format_exception(raised.value))


def test_logs_contain_no_secrets_and_no_texts(api, caplog):
    caplog.set_level(logging.DEBUG)
    run = Run(api, tasks(1))
    (person,) = people(api, 1)
    person.press(person.asks(), "negative")
    run.end()
    assert "invite people: https://t.me/a_test_bot" in caplog.text
    for word in (TOKEN, KEY, SECRET, str(person.number), "Somebody", "متن"):
        assert word not in caplog.text


# --- The command, in a process of its own ---


@pytest.fixture
def folder(tmp_path):
    lines = [f'{{"id":{i},"text":"متن {i} of"}}\n' for i in range(6)]
    (tmp_path / "batch.jsonl").write_text("".join(lines))
    return tmp_path


@pytest.fixture
def start(api, folder):
    started = []

    def start(*more, **environment):
        classes = [word for name in CLASSES for word in ("--class", name)]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "alcli", "label", "batch.jsonl"),
                    *("--with", "telegram", "--append", "votes.jsonl", *classes),
                    *("--set", f"api={api.url}", "--set", "pause=0", *more),
                ],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stderr=log,
                env=os.environ | environment,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def votes(folder):
    lines = (folder / "votes.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.slow
def test_annotators_continue_after_a_killed_run(api, start, folder):
    first = start()
    found = people(api, 2)
    for person in found:
        asked = person.asks()
        person.press(asked, "negative")
        person.asks(asked)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert len(votes(folder)) == 2
    second = start()
    one, other = found
    one.press(one.asked(), "negative")  # of the run that was killed
    other.say("/start")
    all_answer(found)
    assert second.wait() == 0
    whole = votes(folder)
    assert sorted(vote["id"] for vote in whole) == list(range(6))
    assert {v["annotator"] for v in whole} == {pseudonym(p.number, KEY) for p in found}
    kept = (folder / "votes.jsonl").read_text() + (folder / "log").read_text()
    numbers = [str(person.number) for person in found]
    for word in (TOKEN, KEY, SECRET, "Somebody", "user_", *numbers):
        assert word not in kept


@pytest.mark.slow
def test_annotators_in_the_ledger_need_no_link(api, start, folder):
    earlier = {"id": "x", "label": "negative", "annotator": pseudonym(77000, KEY)}
    (folder / "votes.jsonl").write_text(json.dumps(earlier) + "\n")
    process = start()
    person = Person(api, 77000)
    person.say("/start")
    all_answer([person])
    assert process.wait() == 0
    assert len(votes(folder)) == 7


@pytest.mark.slow
def test_a_new_invitation_is_on_stderr(api, start, folder):
    process = start(ALCLI_TELEGRAM_SECRET="")
    api.until(lambda: api.count("getUpdates"))
    log = (folder / "log").read_text()
    assert log.startswith("alcli label: invite people: https://t.me/a_test_bot?start=")
    person = Person(api, 3)
    person.say(f"/start {log.strip().rpartition('=')[2]}")
    person.asks()
    process.send_signal(signal.SIGINT)
    assert process.wait() == -signal.SIGINT
    assert votes(folder) == []


@pytest.mark.slow
def test_quiet_with_a_new_invitation_is_an_error(start, folder):
    assert start("-q", ALCLI_TELEGRAM_SECRET="").wait() == 2
    assert "-q hides the invitation" in (folder / "log").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_a_wrong_token_is_one_line_without_the_token(start, folder, debug):
    process = start(*debug, ALCLI_TELEGRAM_TOKEN="99999:wrong-and-secret")
    assert process.wait() == 5
    *before, last = (folder / "log").read_text().splitlines()
    says = "alcli label: Telegram does not know the token in ALCLI_TELEGRAM_TOKEN"
    assert last == says
    assert bool(before) == bool(debug)
    assert "99999" not in (folder / "log").read_text()
