"""So many a second in the long run, a few more at once."""

from alcli.annotation.telegram.rate_limit import Pace


def test_a_burst_is_followed_by_the_rate():
    pace = Pace(rate=4, burst=3)
    waits = [pace.turn(100.0) for _ in range(6)]

    assert waits == [0, 0, 0, 0.25, 0.5, 0.75]


def test_who_waits_gets_the_burst_again():
    pace = Pace(rate=2, burst=2)
    for _ in range(2):
        pace.turn(0.0)

    assert [pace.turn(10.0) for _ in range(3)] == [0, 0, 0.5]
