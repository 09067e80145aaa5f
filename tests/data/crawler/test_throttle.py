"""Interval between requests, adjusted to the latency; with a clock of the test."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from alcli.data.crawler import throttle
from alcli.data.crawler.throttle import Throttle


class Clock:
    """Clock that only sleeping moves on."""

    now = 100.0

    def monotonic(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(throttle, "time", found)
    monkeypatch.setattr(throttle, "asyncio", found)
    return found


def waits(clock, found, number):
    """Return the seconds between requests that are sent as soon as they may be."""
    moments = []
    for _ in range(number + 1):
        asyncio.run(found.wait())
        moments.append(clock.now)
    return [pytest.approx(b - a) for a, b in pairwise(moments)]


def test_the_interval_is_never_below_the_minimum(clock):
    found = Throttle(2.0, 1)
    found.adjust(0.5, success=True)

    assert waits(clock, found, 3) == [2, 2, 2]


def test_a_slow_server_gets_fewer_requests(clock):
    found = Throttle(1.0, 2)
    found.adjust(6.0, success=True)

    assert waits(clock, found, 1) == [3]  # two in flight, each of 6 seconds


def test_the_interval_falls_slowly_and_never_after_an_error(clock):
    found = Throttle(1.0, 1)
    found.adjust(9.0, success=True)
    found.adjust(1.0, success=False)
    assert waits(clock, found, 1) == [9]
    found.adjust(1.0, success=True)
    assert waits(clock, found, 1) == [5]


def test_the_interval_has_a_limit_unless_the_minimum_is_longer(clock):
    slow, slower = Throttle(1.0, 1), Throttle(90.0, 1)
    slow.adjust(1000.0, success=True)

    assert waits(clock, slow, 1) == [60]
    assert waits(clock, slower, 1) == [90]


def test_all_requests_wait_for_the_end_of_a_retry_after(clock):
    found = Throttle(1.0, 1)
    asyncio.run(found.wait())
    found.postpone(30.0)
    found.postpone(5.0)

    assert waits(clock, found, 1) == [1]
    assert clock.now == 131.0
