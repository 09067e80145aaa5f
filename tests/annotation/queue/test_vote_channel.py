"""Votes come out in order, and whoever waits for one hears what became of it."""

import asyncio
import math
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from types import SimpleNamespace

import pytest

from alcli.annotation.queue import Answer, Asking, Task
from alcli.annotation.queue.task_queue import Desk
from alcli.annotation.queue.vote_channel import Ended, Inbox

LONG = 9000  # seconds
VOTES = [(Task(str(n), b"{}"), Answer("ann", "yes")) for n in range(3)]


class Waiting:
    """Keeps votes from an event loop in a thread; `heard` is what became of them."""

    def __init__(self, inbox, votes=VOTES):
        self.heard = []

        async def keep(vote):
            try:
                await inbox.keep(vote)
            except Ended:
                self.heard.append((vote[0].id, "refused"))
            else:
                self.heard.append((vote[0].id, "kept"))

        async def keep_all():
            await asyncio.gather(*map(keep, votes))

        self.thread = Thread(target=asyncio.run, args=(keep_all(),))
        self.thread.start()

    def end(self):
        self.thread.join()
        return sorted(self.heard)


def test_who_waits_goes_on_when_the_vote_is_kept():
    inbox = Inbox()
    waiting = Waiting(inbox)
    for vote in VOTES:
        assert inbox.take(LONG) == vote
        assert (vote[0].id, "kept") not in waiting.heard
        inbox.kept()
    assert waiting.end() == [("0", "kept"), ("1", "kept"), ("2", "kept")]
    assert inbox.take(0.01) is None


def test_at_the_end_nobody_waits_in_vain():
    inbox = Inbox()
    waiting = Waiting(inbox)
    inbox.take(LONG)
    inbox.kept()
    inbox.take(LONG)
    inbox.close()
    late = Waiting(inbox, VOTES[:1])
    assert waiting.end() == [("0", "kept"), ("1", "refused"), ("2", "refused")]
    assert late.end() == [("0", "refused")]


def test_votes_before_the_end_come_first():
    inbox = Inbox()
    waiting = Waiting(inbox, VOTES[:1])
    while inbox._waiting.empty():
        pass
    inbox.end()
    assert inbox.take(LONG) == VOTES[0]
    inbox.kept()
    with pytest.raises(Ended):
        inbox.take(LONG)
    assert waiting.end() == [("0", "kept")]


def test_a_signal_just_after_a_vote_was_kept(monkeypatch):
    inbox = Inbox()
    waiting = Waiting(inbox, VOTES[:1])
    inbox.take(LONG)
    set_result = Future.set_result

    def interrupted(future, result):
        set_result(future, result)
        raise KeyboardInterrupt

    monkeypatch.setattr(Future, "set_result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        inbox.kept()
    monkeypatch.undo()
    inbox.close()
    assert waiting.end() == [("0", "kept")]


async def given_up(inbox):
    """Send an answer and stop waiting for word of it, as a server that ends does."""
    sent = asyncio.ensure_future(inbox.keep(VOTES[0]))
    await asyncio.sleep(0)
    sent.cancel()
    with suppress(asyncio.CancelledError):
        await sent


def test_an_answer_that_nobody_waits_for_is_kept_all_the_same():
    inbox = Inbox()
    asyncio.run(given_up(inbox))
    assert inbox.take(0) == VOTES[0]
    inbox.kept()
    assert inbox.take(0) is None


@pytest.mark.parametrize("taken", [False, True])
def test_an_answer_that_nobody_waits_for_does_not_hinder_the_end(taken):
    inbox = Inbox()
    asyncio.run(given_up(inbox))
    if taken:
        inbox.take(0)
    inbox.close()


def desk_of(n):
    tasks = [Task(str(i), b'{"text": "t"}') for i in range(n)]
    return Desk(tasks, Asking(classes=("no", "yes")))


def answer(desk):
    return desk.answer("ann", desk.next("ann").ticket, "yes")


def test_votes_come_until_all_is_answered_and_are_kept_one_by_one():
    desk, inbox, watched = desk_of(2), Inbox(), []
    first = answer(desk)
    waiting = [Waiting(inbox, [first])]

    def watch():
        watched.append(list(waiting[0].heard))
        if len(waiting) == 1:
            waiting.append(Waiting(inbox, [answer(desk)]))

    votes = inbox.votes(desk, watch=watch)
    assert next(votes) == first
    assert not waiting[0].heard
    assert [task.id for task, _ in votes] == ["1"]
    assert [w.end() for w in waiting] == [[("0", "kept")], [("1", "kept")]]
    assert watched[0] == [("0", "kept")]


def test_an_answer_on_its_way_is_waited_for_when_all_is_answered():
    desk, inbox = desk_of(1), Inbox()
    vote, waiting = answer(desk), []
    assert desk.done
    votes = inbox.votes(desk, watch=lambda: waiting.append(Waiting(inbox, [vote])))
    assert list(votes) == [vote]
    assert waiting[0].end() == [("0", "kept")]


def test_in_the_pause_the_last_answer_may_be_undone(monkeypatch):
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("alcli.annotation.queue.vote_channel.time", clock)
    desk, inbox = desk_of(1), Inbox()
    waiting = [Waiting(inbox, [answer(desk)])]

    def watch():
        if len(waiting) == 1:
            assert desk.done
            desk.undo("ann")
            waiting.append(Waiting(inbox, [answer(desk)]))
        elif not waiting[1].thread.is_alive():  # it is kept
            now[0] = math.inf

    votes = list(inbox.votes(desk, watch=watch, pause=0.5))
    assert [task.id for task, _ in votes] == ["0", "0"]
    assert [w.end() for w in waiting] == [[("0", "kept")]] * 2


def test_what_cannot_come_any_more_ends_it():
    def watch():
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        next(Inbox().votes(desk_of(1), watch=watch))


def test_after_the_end_nothing_is_kept():
    inbox = Inbox()
    inbox.end()
    with pytest.raises(Ended):
        inbox.take(0)
    inbox.close()
    with pytest.raises(Ended):
        asyncio.run(inbox.keep(VOTES[0]))
