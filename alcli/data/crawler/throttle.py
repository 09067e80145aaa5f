"""Throttle of the requests to one host."""

from __future__ import annotations

import asyncio
import time

_MAX_INTERVAL = 60.0  # seconds; the delay of the policy may be longer


class Throttle:
    """Minimum interval between requests; longer if the server is slow or says so.

    minimum: seconds between two requests. concurrency: number of requests in flight at
    which the server shall work; it adjusts the interval to the latency, with the
    formula of Scrapy's AutoThrottle.
    """

    def __init__(self, minimum: float, concurrency: int) -> None:
        self.minimum, self._concurrency = minimum, concurrency
        self._interval = minimum
        self._next = 0.0  # on the clock of time.monotonic()

    async def wait(self) -> None:
        """Wait for the time of the next request."""
        while (rest := self._next - time.monotonic()) > 0:
            await asyncio.sleep(rest)
        self._next = time.monotonic() + max(self.minimum, self._interval)

    def postpone(self, seconds: float) -> None:
        """Delay all further requests, as a Retry-After demands."""
        self._next = max(self._next, time.monotonic() + seconds)

    def adjust(self, latency: float, *, success: bool) -> None:
        """Adjust the interval to the latency of a response, in seconds.

        The latency of an error never shortens it: errors are often answered faster.
        """
        target = latency / self._concurrency
        interval = max(target, (self._interval + target) / 2)
        if success or interval > self._interval:
            self._interval = min(interval, _MAX_INTERVAL)
