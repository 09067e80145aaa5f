"""Watched polling of the Bot API: what a failed poll tells about the connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from alcli.core.errors import SurroundingsError
from alcli.core.log import log

CONFLICTS = 6  # in a row; an earlier run may need a minute until Telegram forgets it


class PollingRequest(HTTPXRequest):
    """HTTP client of polls; they are repeated, so it is the one that sees an outage.

    fail: function called with an error that ends the bot.
    """

    def __init__(self, fail: Callable[[Exception], None]) -> None:
        super().__init__(connection_pool_size=1)
        self._fail, self._lost, self._conflicts = fail, False, 0

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Make a request; see `telegram.request.BaseRequest`."""
        try:
            status, body = await super().do_request(*args, **kwargs)
        except TelegramError as error:
            self._log_outage(type(error.__cause__ or error).__name__)
            raise
        self._log_outage(f"HTTP {status}" if status >= 500 else "")
        self._conflicts = self._conflicts + 1 if status == 409 else 0
        if status in (401, 404):
            self._fail(InvalidToken())
        if self._conflicts == CONFLICTS:
            problem = "another program reads the messages of this bot; end it"
            self._fail(SurroundingsError(problem))
        return status, body

    def _log_outage(self, problem: str) -> None:
        if problem and not self._lost:
            log.warning("Telegram cannot be reached (%s); trying again", problem)
        elif self._lost and not problem:
            log.info("Telegram can be reached again")
        self._lost = bool(problem)
