"""Session of labelling: saved answers, the end, failures."""

import math
import time
from threading import Event, Thread
from types import SimpleNamespace

import pytest

from alcli.annotation.queue import QueueSettings, Task
from alcli.annotation.queue.session import LabellingEnded, LabellingSession
from alcli.annotation.queue.task_queue import NotHandedOut, TaskQueue
from alcli.core.errors import SurroundingsError


@pytest.fixture
def saved():
    return []


@pytest.fixture
def now(monkeypatch):
    """Return the time for the pause, in a list."""
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("alcli.annotation.queue.session.time", clock)
    return now


def session_of(n, save, pause=0.0):
    tasks = [Task(str(i), b'{"text": "t"}') for i in range(n)]
    queue = TaskQueue(tasks, QueueSettings(classes=("no", "yes")))
    return LabellingSession(queue, save, pause=pause)


def answer(session, label="yes"):
    session.answer("ann", session.queue.next("ann").ticket, label)


def serving(work):
    """Return a server that does some work and then waits for its end."""
    ended = Event()

    def serve():
        work()
        ended.wait()

    return serve, ended.set


def run(session, work):
    serve, stop = serving(work)
    session.run(serve, stop, seconds=60)


def test_an_answer_is_saved_before_it_is_acknowledged(saved):
    session = session_of(2, saved.extend)
    answer(session)
    ((task, vote),) = saved
    assert (task.id, vote.annotator, vote.label) == ("0", "ann", "yes")
    answer(session, "no")
    assert [vote.label for _, vote in saved] == ["yes", "no"]


def test_an_invalid_answer_is_not_saved(saved):
    session = session_of(1, saved.extend)
    with pytest.raises(NotHandedOut):
        session.answer("ann", "x", "yes")
    ticket = session.queue.next("ann").ticket
    with pytest.raises(ValueError, match="not one of the classes"):
        session.answer("ann", ticket, "maybe")
    assert saved == []
    assert not session.over


def test_a_session_ends_when_all_tasks_are_answered(saved):
    session = session_of(3, saved.extend)
    run(session, lambda: [answer(session) for _ in range(3)])
    assert [task.id for task, _ in saved] == ["0", "1", "2"]
    assert session.over
    assert session.complete


def test_the_end_waits_for_an_answer_that_is_being_saved(saved):
    saving, on_disk = Event(), Event()

    def save(votes):
        saving.set()
        on_disk.wait()
        saved.extend(votes)

    session = session_of(1, save)
    ended = []
    main = Thread(
        target=lambda: (run(session, lambda: answer(session)), ended.append(len(saved)))
    )
    main.start()
    saving.wait()
    assert session.queue.done
    time.sleep(0.5)  # longer than the interval of checks
    assert not session.over
    on_disk.set()
    main.join()
    assert ended == [1]


def test_in_the_pause_the_last_answer_can_be_undone(saved, now):
    session = session_of(1, saved.extend, pause=2.0)

    def work():
        answer(session, "no")
        session.queue.undo("ann")
        now[0] += 1
        answer(session, "yes")
        now[0] = math.inf

    run(session, work)
    assert [vote.label for _, vote in saved] == ["no", "yes"]


def test_the_pause_is_kept(saved, now):
    session = session_of(1, saved.extend, pause=2.0)
    over = []

    def work():
        now[0] += 9
        answer(session)
        time.sleep(0.5)  # longer than the interval of checks
        over.append(session.over)
        now[0] += 2

    run(session, work)
    assert over == [False]


def test_an_answer_that_cannot_be_saved_ends_the_session_with_the_error():
    def save(_):
        raise OSError("disk full")

    session, refused = session_of(1, save), []

    def work():
        with pytest.raises(LabellingEnded, match="lost") as raised:
            answer(session)
        refused.append(raised)

    with pytest.raises(OSError, match="disk full"):
        run(session, work)
    assert refused
    assert not session.complete


def test_after_the_end_answers_are_refused_and_not_saved(saved):
    session = session_of(2, saved.extend)
    answer(session)
    ticket = session.queue.next("ann").ticket
    session.end()
    with pytest.raises(LabellingEnded):
        session.answer("ann", ticket, "yes")
    assert len(saved) == 1
    assert session.queue.next("ann").ticket == ticket


def test_an_annotator_may_end_a_session_with_open_tasks(saved):
    session = session_of(2, saved.extend)
    run(session, lambda: (answer(session), session.end()))
    assert len(saved) == 1
    assert not session.complete


def test_a_server_that_fails_ends_the_session_with_its_error(saved):
    def serve():
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        session_of(1, saved.extend).run(serve, seconds=1)


def test_a_server_that_stops_by_itself_ends_the_session(saved):
    with pytest.raises(SurroundingsError, match="the server has stopped"):
        session_of(1, saved.extend).run(lambda: None, seconds=1)


def test_a_signal_stops_the_server_and_refuses_later_answers(saved, monkeypatch):
    session, stopped = session_of(2, saved.extend), []
    serve, stop = serving(lambda: answer(session))

    def interrupted(_):
        while not saved:
            pass
        raise KeyboardInterrupt

    monkeypatch.setattr(session._ended, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.run(serve, lambda: (stopped.append(True), stop()), seconds=60)
    assert stopped
    assert session.over
    assert session.failure is None
    assert len(saved) == 1
