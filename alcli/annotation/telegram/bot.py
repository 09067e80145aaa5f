"""Bot in front of a labelling session, for all annotators at once."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from telegram import BotCommand, Message, Update
from telegram.error import BadRequest, InvalidToken
from telegram.ext import Application, ApplicationBuilder, CallbackContext, TypeHandler

from alcli.annotation.queue.session import LabellingEnded, LabellingSession
from alcli.annotation.telegram.access import (
    SECRET,
    TOKEN,
    BotSecrets,
    Invitation,
    pseudonym,
)
from alcli.annotation.telegram.conversation import Conversation
from alcli.annotation.telegram.messenger import Messenger, RecipientUnreachable
from alcli.annotation.telegram.polling import PollingRequest
from alcli.annotation.telegram.rate_limit import RequestPacer
from alcli.annotation.telegram.texts import COMMANDS, NOT_INVITED
from alcli.core.errors import SurroundingsError
from alcli.core.log import log

STOP, FAREWELL = 3.0, 30.0  # seconds at most
_POLL = 25  # seconds after which Telegram answers a poll that nothing has happened
_TICK = 0.2  # seconds until a returned item, or the end, is noticed
_LOGGERS = ("telegram", "httpx", "httpcore")  # they log the token


class TelegramBot:
    """Telegram bot in front of a session; no error that ends it contains the token.

    api: address of the Bot API, up to the token.
    """

    def __init__(
        self,
        session: LabellingSession,
        secrets: BotSecrets,
        invitation: Invitation,
        api: str,
    ) -> None:
        self._session, self._secrets = session, secrets
        self._invitation, self._api = invitation, api
        self._conversations: dict[int, Conversation] = {}

    def serve(self) -> None:
        """Run the bot until the session is over."""
        try:
            with _silent(*_LOGGERS):
                asyncio.run(self._run())
        except BaseException as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, InvalidToken):
            error = SurroundingsError(f"Telegram does not know the token in {TOKEN}")
        elif self._secrets.token in "".join(traceback.format_exception(error)):
            error = SurroundingsError(f"{type(error).__name__}: the text has the token")
        self._session.end(error)

    def _build(self) -> Application[Any, Any, Any, Any, Any, Any]:
        application = (
            ApplicationBuilder()
            .token(self._secrets.token)
            .base_url(lambda token: f"{self._api}{token}")  # strings are formatted
            .get_updates_request(PollingRequest(self._fail))
            .rate_limiter(RequestPacer())
            .concurrent_updates(True)
            .job_queue(None)
            .build()
        )
        application.add_handler(TypeHandler(Update, self._handle))
        application.add_error_handler(self._handle_error)
        return application

    async def _run(self) -> None:
        application = self._application = self._build()
        self._messenger = Messenger(application.bot)
        updater = application.updater
        assert updater  # there is one by default
        # the bot first: an application that does not start leaves it open
        async with application.bot, application:
            with suppress(BadRequest):
                commands = [BotCommand(name, text) for name, text in COMMANDS.items()]
                await application.bot.set_my_commands(commands)
            secret = self._secrets.secret if self._secrets.fresh else f"${SECRET}"
            # a warning: notebooks show nothing less
            log.warning(
                "invite people: https://t.me/%s?start=%s",
                application.bot.username,
                secret,
            )
            await application.start()
            await updater.start_polling(
                timeout=_POLL,
                allowed_updates=[Update.MESSAGE, Update.CALLBACK_QUERY],
            )
            try:
                await self._watch()
            finally:
                for stop in (updater.stop, application.stop):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(STOP / 2):
                            await stop()

    async def _watch(self) -> None:
        """Display returned items to annotators who wait; at the end, tell everybody."""
        while not self._session.over:
            await asyncio.sleep(_TICK)
            for conversation in self._conversations.values():
                if conversation.waiting and not conversation.lock.locked():
                    work = self._locked(conversation, conversation.show_returned)
                    self._application.create_task(work)
        if self._session.complete:
            ends = [self._locked(c, c.finish) for c in self._conversations.values()]
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await asyncio.gather(*ends)

    async def _handle(self, update: Update, _: object) -> None:
        """Handle an update of one person; without an invitation refuse it."""
        user, query = update.effective_user, update.callback_query
        message = query.message if query else update.message
        if not user or user.is_bot or not message or message.chat.type != "private":
            return
        text = message.text or "" if isinstance(message, Message) and not query else ""
        offered = text.removeprefix("/start ") if text.startswith("/start ") else ""
        name = pseudonym(user.id, self._secrets.key)
        if not self._invitation.admits(name, offered.strip()):
            if not self._invitation.ignores(name):
                await self._refuse(user.id, query.id if query else None)
            return
        if user.id not in self._conversations:
            self._conversations[user.id] = Conversation(
                user.id, name, self._session, self._messenger
            )
        conversation = self._conversations[user.id]
        if query:
            id, number, data = query.id, message.message_id, query.data or ""
            await self._locked(
                conversation, lambda: conversation.on_button(id, number, data)
            )
        else:
            await self._locked(conversation, lambda: conversation.on_message(text))

    async def _handle_error(
        self, _: object, context: CallbackContext[Any, Any, Any, Any]
    ) -> None:
        if context.error:
            self._fail(context.error)

    async def _locked(
        self, conversation: Conversation, do: Callable[[], Awaitable[None]]
    ) -> None:
        async with conversation.lock:
            try:
                await do()
            except LabellingEnded:
                pass
            except RecipientUnreachable:
                self._session.queue.leave(conversation.name)
                self._conversations.pop(conversation.chat, None)

    async def _refuse(self, chat: int, query: str | None) -> None:
        if query:
            await self._messenger.reply(query, NOT_INVITED)
            return
        with suppress(RecipientUnreachable):
            await self._messenger.send(chat, NOT_INVITED)


@contextmanager
def _silent(*names: str) -> Iterator[None]:
    """Turn off loggers."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
