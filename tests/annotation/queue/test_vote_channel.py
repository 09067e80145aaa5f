"""Votes come out in order, and whoever waits for one hears what became of it."""

import asyncio
import math
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from types import SimpleNamespace

import pytest

from alcli.annotation.queue import Answer, LabellingSettings, Task
from alcli.annotation.queue.task_queue import TaskQueue
from alcli.annotation.queue.vote_channel import LabellingEnded, VoteChannel

LONG = 9000  # seconds
VOTES = [(Task(str(n), b"{}"), Answer("ann", "yes")) for n in range(3)]


class Waiting:
    """Keeps votes from an event loop in a thread; `heard` is what became of them."""

    def __init__(self, channel, votes=VOTES):
        self.heard = []

        async def keep(vote):
            try:
                await channel.keep(vote)
            except LabellingEnded:
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
    channel = VoteChannel()
    waiting = Waiting(channel)
    for vote in VOTES:
        assert channel.take(LONG) == vote
        assert (vote[0].id, "kept") not in waiting.heard
        channel.confirm()
    assert waiting.end() == [("0", "kept"), ("1", "kept"), ("2", "kept")]
    assert channel.take(0.01) is None


def test_at_the_end_nobody_waits_in_vain():
    channel = VoteChannel()
    waiting = Waiting(channel)
    channel.take(LONG)
    channel.confirm()
    channel.take(LONG)
    channel.close()
    late = Waiting(channel, VOTES[:1])
    assert waiting.end() == [("0", "kept"), ("1", "refused"), ("2", "refused")]
    assert late.end() == [("0", "refused")]


def test_votes_before_the_end_come_first():
    channel = VoteChannel()
    waiting = Waiting(channel, VOTES[:1])
    while channel._waiting.empty():
        pass
    channel.end()
    assert channel.take(LONG) == VOTES[0]
    channel.confirm()
    with pytest.raises(LabellingEnded):
        channel.take(LONG)
    assert waiting.end() == [("0", "kept")]


def test_a_signal_just_after_a_vote_was_kept(monkeypatch):
    channel = VoteChannel()
    waiting = Waiting(channel, VOTES[:1])
    channel.take(LONG)
    set_result = Future.set_result

    def interrupted(future, result):
        set_result(future, result)
        raise KeyboardInterrupt

    monkeypatch.setattr(Future, "set_result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        channel.confirm()
    monkeypatch.undo()
    channel.close()
    assert waiting.end() == [("0", "kept")]


async def given_up(channel):
    """Send an answer and stop waiting for word of it, as a server that ends does."""
    sent = asyncio.ensure_future(channel.keep(VOTES[0]))
    await asyncio.sleep(0)
    sent.cancel()
    with suppress(asyncio.CancelledError):
        await sent


def test_an_answer_that_nobody_waits_for_is_kept_all_the_same():
    channel = VoteChannel()
    asyncio.run(given_up(channel))
    assert channel.take(0) == VOTES[0]
    channel.confirm()
    assert channel.take(0) is None


@pytest.mark.parametrize("taken", [False, True])
def test_an_answer_that_nobody_waits_for_does_not_hinder_the_end(taken):
    channel = VoteChannel()
    asyncio.run(given_up(channel))
    if taken:
        channel.take(0)
    channel.close()


def queue_of(n):
    tasks = [Task(str(i), b'{"text": "t"}') for i in range(n)]
    return TaskQueue(tasks, LabellingSettings(classes=("no", "yes")))


def answer(queue):
    return queue.answer("ann", queue.next("ann").ticket, "yes")


def test_votes_come_until_all_is_answered_and_are_kept_one_by_one():
    queue, channel, watched = queue_of(2), VoteChannel(), []
    first = answer(queue)
    waiting = [Waiting(channel, [first])]

    def watch():
        watched.append(list(waiting[0].heard))
        if len(waiting) == 1:
            waiting.append(Waiting(channel, [answer(queue)]))

    votes = channel.votes(queue, watch=watch)
    assert next(votes) == first
    assert not waiting[0].heard
    assert [task.id for task, _ in votes] == ["1"]
    assert [w.end() for w in waiting] == [[("0", "kept")], [("1", "kept")]]
    assert watched[0] == [("0", "kept")]


def test_an_answer_on_its_way_is_waited_for_when_all_is_answered():
    queue, channel = queue_of(1), VoteChannel()
    vote, waiting = answer(queue), []
    assert queue.done
    votes = channel.votes(queue, watch=lambda: waiting.append(Waiting(channel, [vote])))
    assert list(votes) == [vote]
    assert waiting[0].end() == [("0", "kept")]


def test_in_the_pause_the_last_answer_may_be_undone(monkeypatch):
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("alcli.annotation.queue.vote_channel.time", clock)
    queue, channel = queue_of(1), VoteChannel()
    waiting = [Waiting(channel, [answer(queue)])]

    def watch():
        if len(waiting) == 1:
            assert queue.done
            queue.undo("ann")
            waiting.append(Waiting(channel, [answer(queue)]))
        elif not waiting[1].thread.is_alive():  # it is kept
            now[0] = math.inf

    votes = list(channel.votes(queue, watch=watch, pause=0.5))
    assert [task.id for task, _ in votes] == ["0", "0"]
    assert [w.end() for w in waiting] == [[("0", "kept")]] * 2


def test_what_cannot_come_any_more_ends_it():
    def watch():
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        next(VoteChannel().votes(queue_of(1), watch=watch))


def test_after_the_end_nothing_is_kept():
    channel = VoteChannel()
    channel.end()
    with pytest.raises(LabellingEnded):
        channel.take(0)
    channel.close()
    with pytest.raises(LabellingEnded):
        asyncio.run(channel.keep(VOTES[0]))
