"""The methods of the Bot API that we need: at its pace, and tried again where it fails.

Telegram asks for about 30 messages a second over all and one a second to one chat, in
short bursts more; what it refuses all the same (429) it says when to send again. See
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from alcli.annotation.telegram.rate_limit import RateLimit
from alcli.annotation.telegram.texts import COMMANDS, ButtonRows
from alcli.core.errors import SurroundingsError
from alcli.core.report import log

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else RetryAfter warns of itself
ALL, EACH = (25.0, 1), (1.0, 5)  # messages a second, and in a burst
POLL = 25  # seconds that Telegram waits with the answer for something to happen
FIRST_TRIES, CONFLICTS = 4, 6
_LONGEST_WAIT = 30.0


class RecipientUnreachable(Exception):
    """Error of a person who has blocked the bot, or deleted the account."""


class ApiClient:
    """A bot as we use it."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._all = RateLimit(*ALL)
        self._each: defaultdict[int, RateLimit] = defaultdict(lambda: RateLimit(*EACH))
        self._pause = 0.0  # when Telegram wants to hear of us again
        self._down = False  # and it was said

    async def start(self) -> str:
        """Ask who we are, and return the name that links to us have.

        Raises:
            InvalidToken: Telegram does not know it.
            SurroundingsError: Telegram cannot be reached.
        """
        await self._call(self._bot.initialize, tries=FIRST_TRIES)
        await self._call(self._bot.delete_webhook)
        commands = [BotCommand(name, what) for name, what in COMMANDS.items()]
        with suppress(BadRequest):
            await self._call(lambda: self._bot.set_my_commands(commands))
        return self._bot.username

    async def updates(self, offset: int | None) -> tuple[Update, ...]:
        """Wait for what people say, from the update of this number on.

        Raises:
            SurroundingsError: another program reads the same bot's messages.
        """
        kinds = [Update.MESSAGE, Update.CALLBACK_QUERY]
        for again in range(CONFLICTS):
            try:
                return await self._call(
                    lambda: self._bot.get_updates(
                        offset, timeout=POLL, allowed_updates=kinds
                    )
                )
            except Conflict:  # an earlier run, perhaps, that Telegram has not forgotten
                await asyncio.sleep(min(2.0**again, _LONGEST_WAIT))
        raise SurroundingsError("another program reads what this bot is told; end it")

    async def send(self, chat: int, text: str, rows: ButtonRows | None = None) -> int:
        """Send a message, and return its number.

        Raises:
            Gone: nobody can be written to there.
        """
        plain = LinkPreviewOptions(is_disabled=True)
        try:
            sent = await self._call(
                lambda: self._bot.send_message(
                    chat, text, reply_markup=_keyboard(rows), link_preview_options=plain
                ),
                self._each[chat],
                self._all,
            )
        except (BadRequest, Forbidden) as error:
            if isinstance(error, BadRequest):
                log.warning("a message could not be sent: %s", error.message)
            raise RecipientUnreachable from error
        return sent.message_id

    async def close(self, chat: int, message: int, text: str | None = None) -> None:
        """Take the buttons from a message, and change its text."""
        with suppress(BadRequest, Forbidden):  # it is deleted, or closed already
            if text is None:
                edit = partial(self._bot.edit_message_reply_markup, chat, message)
            else:
                edit = partial(self._bot.edit_message_text, text, chat, message)
            await self._call(edit, self._all)

    async def reply(self, query: str, text: str | None = None) -> None:
        """Acknowledge the press of a button, with a text if there is one."""
        with suppress(BadRequest, Forbidden):  # too old, after 15 seconds or so
            await self._call(lambda: self._bot.answer_callback_query(query, text))

    async def _call[T](
        self,
        call: Callable[[], Awaitable[T]],
        *rate_limits: RateLimit,
        tries: float = float("inf"),
    ) -> T:
        """Wait for a turn, call, and call again; what cannot be mended is raised."""
        failed = 0
        while True:
            await self._wait_turn(*rate_limits)
            try:
                answer = await call()
            except RetryAfter as error:
                wait = error.retry_after
                seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
                self._pause = time.monotonic() + seconds
                log.info("Telegram asks for a pause of %g seconds", seconds)
                continue
            except (BadRequest, Forbidden, InvalidToken, Conflict):
                raise
            except TelegramError as error:  # the network, or an answer that is no JSON
                failed += 1
                problem = type(error.__cause__ or error).__name__
                if failed >= tries:
                    raise SurroundingsError(
                        f"Telegram cannot be reached: {problem}"
                    ) from None
                if not self._down:
                    log.warning("Telegram cannot be reached (%s): trying", problem)
                self._down = True
                await asyncio.sleep(min(0.5 * 2**failed, _LONGEST_WAIT))
                continue
            if self._down:
                log.info("Telegram can be reached again")
                self._down = False
            return answer

    async def _wait_turn(self, *rate_limits: RateLimit) -> None:
        for rate_limit in rate_limits:
            await asyncio.sleep(rate_limit.reserve(time.monotonic()))
        while (left := self._pause - time.monotonic()) > 0:
            await asyncio.sleep(left)


def _keyboard(rows: ButtonRows | None) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(t, callback_data=data) for t, data in r] for r in rows]
    )
