"""Rate limit: a number of turns a second, and a burst."""

from alcli.annotation.telegram.rate_limit import RateLimit


def test_a_burst_is_followed_by_the_rate():
    rate_limit = RateLimit(rate=4, burst=3)
    waits = [rate_limit.reserve(100.0) for _ in range(6)]

    assert waits == [0, 0, 0, 0.25, 0.5, 0.75]


def test_the_burst_is_restored_after_a_wait():
    rate_limit = RateLimit(rate=2, burst=2)
    for _ in range(2):
        rate_limit.reserve(0.0)

    assert [rate_limit.reserve(10.0) for _ in range(3)] == [0, 0, 0.5]
