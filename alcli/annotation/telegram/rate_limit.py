"""Rate limit of requests, and their repetition after failures.

Telegram accepts about 30 messages a second in all and one a second in one chat, more in
short bursts; a refusal (429) says when to send again. See
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import BaseRateLimiter

from alcli.core.errors import SurroundingsError
from alcli.core.log import log

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else RetryAfter warns
ALL, EACH = (25.0, 1), (1.0, 5)  # messages a second, and in a burst
FIRST_TRIES = 4  # of the first request
_LONGEST_WAIT = 30.0
_FINAL = (BadRequest, Conflict, Forbidden, InvalidToken)


class RateLimit:
    """Leaky bucket as one number (GCRA, ITU-T I.371): the time of the next turn.

    rate: turns per second in the long run. burst: number of turns at once.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._every, self._ahead = 1 / rate, burst / rate
        self._due = float("-inf")

    def reserve(self, now: float) -> float:
        """Take a turn, and return the seconds until it comes.

        >>> limit = RateLimit(rate=1, burst=2)
        >>> [limit.reserve(now) for now in (10.0, 10.0, 10.0, 13.0)]
        [0.0, 0.0, 1.0, 0.0]
        """
        self._due = max(self._due, now) + self._every
        return max(0.0, self._due - self._ahead - now)


class RequestPacer(BaseRateLimiter[None]):
    """Rate limiter that repeats requests until they succeed or cannot succeed.

    The `AIORateLimiter` of python-telegram-bot needs another package, has no limit for
    a private chat, and does not repeat requests that the network lost.
    """

    def __init__(self) -> None:
        self._all = RateLimit(*ALL)
        self._each: defaultdict[int, RateLimit] = defaultdict(lambda: RateLimit(*EACH))
        self._resume = 0.0  # end of the pause that Telegram asked for
        self._connected = False

    async def initialize(self) -> None:
        """Do nothing."""

    async def shutdown(self) -> None:
        """Do nothing."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:
        """Wait for a turn and make a request; parameters as in `BaseRateLimiter`.

        Raises:
            TelegramError: Telegram refuses the request.
            SurroundingsError: Telegram cannot be reached at the start.
        """
        failures = 0
        while True:
            await self._wait_turn(endpoint, data.get("chat_id"))
            try:
                answer = await callback(*args, **kwargs)
            except RetryAfter as error:
                wait = error.retry_after
                seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
                self._resume = time.monotonic() + seconds
                log.info("Telegram asks for a pause of %g seconds", seconds)
            except _FINAL:
                raise
            except TelegramError as error:  # the network, or a response that is no JSON
                failures += 1
                if not self._connected and failures >= FIRST_TRIES:
                    problem = type(error.__cause__ or error).__name__
                    raise SurroundingsError(
                        f"Telegram cannot be reached: {problem}"
                    ) from None
                await asyncio.sleep(min(0.5 * 2**failures, _LONGEST_WAIT))
            else:
                self._connected = True
                return answer

    async def _wait_turn(self, endpoint: str, chat: int | None) -> None:
        if chat is not None:
            limits = [self._each[chat]] if endpoint == "sendMessage" else []
            for limit in (*limits, self._all):
                await asyncio.sleep(limit.reserve(time.monotonic()))
        while (left := self._resume - time.monotonic()) > 0:
            await asyncio.sleep(left)
