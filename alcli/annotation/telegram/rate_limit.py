"""Not more messages than so many a second."""

from __future__ import annotations


class RateLimit:
    """A leaky bucket that is one number (GCRA, ITU-T I.371): when the next is due.

    rate: turns per second in the long run. burst: how many may come at once.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._every, self._ahead = 1 / rate, burst / rate
        self._due = float("-inf")

    def reserve(self, now: float) -> float:
        """Take a turn, and return the seconds to wait until it comes.

        >>> pace = Pace(rate=1, burst=2)
        >>> [pace.turn(now) for now in (10.0, 10.0, 10.0, 13.0)]
        [0.0, 0.0, 1.0, 0.0]
        """
        self._due = max(self._due, now) + self._every
        return max(0.0, self._due - self._ahead - now)
