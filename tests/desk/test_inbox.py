"""Votes come out in order, and whoever waits for one hears what became of it."""

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread

import pytest

from alcli.desk import Answer, Task
from alcli.desk.inbox import Ended, Inbox

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
        self.thread.join(10)
        assert not self.thread.is_alive()
        return sorted(self.heard)


def test_who_waits_goes_on_when_the_vote_is_kept():
    inbox = Inbox()
    waiting = Waiting(inbox)
    for vote in VOTES:
        assert inbox.take(10) == vote
        assert (vote[0].id, "kept") not in waiting.heard
        inbox.kept()
    assert waiting.end() == [("0", "kept"), ("1", "kept"), ("2", "kept")]
    assert inbox.take(0.01) is None


def test_at_the_end_nobody_waits_in_vain():
    inbox = Inbox()
    waiting = Waiting(inbox)
    inbox.take(10)
    inbox.kept()
    inbox.take(10)
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
    assert inbox.take(10) == VOTES[0]
    inbox.kept()
    with pytest.raises(Ended):
        inbox.take(10)
    assert waiting.end() == [("0", "kept")]


def test_a_signal_just_after_a_vote_was_kept(monkeypatch):
    inbox = Inbox()
    waiting = Waiting(inbox, VOTES[:1])
    inbox.take(10)
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


def test_after_the_end_nothing_is_kept():
    inbox = Inbox()
    inbox.end()
    with pytest.raises(Ended):
        inbox.take(0)
    inbox.close()
    with pytest.raises(Ended):
        asyncio.run(inbox.keep(VOTES[0]))
