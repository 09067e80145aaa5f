"""Runs the bot: hears everybody at once, and each of them in order."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from telegram import Bot, Message, Update
from telegram.error import InvalidToken

from alcli.annotation.queue import Answer, LabellingSettings, Task
from alcli.annotation.queue.task_queue import TaskQueue
from alcli.annotation.queue.vote_channel import LabellingEnded
from alcli.annotation.telegram.access import (
    SECRET,
    TOKEN,
    BotSecrets,
    Invitation,
    pseudonym,
)
from alcli.annotation.telegram.api_client import ApiClient, RecipientUnreachable
from alcli.annotation.telegram.conversation import BotContext, Conversation
from alcli.annotation.telegram.texts import NOT_INVITED
from alcli.core.errors import SurroundingsError
from alcli.core.report import log

_LOUD = ("telegram", "httpx", "httpcore")  # they log the token
_TICK = 0.2  # seconds until an end, or something that came back, is noticed
_WAIT, _FAREWELL = 3.0, 30.0  # seconds at most


class Telegram:
    """Telegram bot in front of a task queue, in its own thread.

    keep: waits until an answer is on disk. api: where the Bot API is, up to the token.
    why: what has ended the bot, if anything has. The token is not in it.
    """

    def __init__(
        self,
        queue: TaskQueue,
        settings: LabellingSettings,
        keep: Callable[[tuple[Task, Answer]], Awaitable[None]],
        keys: BotSecrets,
        invitation: Invitation,
        api: str,
    ) -> None:
        self.why: BaseException | None = None
        self._queue, self._keys, self._invitation = queue, keys, invitation
        with _silent(*_LOUD):
            # a function: a string would be searched for braces
            self._bot = Bot(keys.token, base_url=lambda token: f"{api}{token}")
        self._client = ApiClient(self._bot)
        self._context = BotContext(queue, settings, self._client, keep)
        self._conversations: dict[int, Conversation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed, self._farewell = Event(), False
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self, *, farewell: bool = False) -> None:
        """End the bot; farewell: tell everybody before that all is answered."""
        self._farewell = self._farewell or farewell
        self._closed.set()
        self._thread.join(_FAREWELL + _WAIT if farewell else _WAIT)

    def _serve(self) -> None:
        why: BaseException | None = None
        try:
            with _silent(*_LOUD):
                asyncio.run(self._run())
        except BaseException as error:
            why = error
        while isinstance(why, BaseExceptionGroup):
            why = why.exceptions[0]
        if isinstance(why, InvalidToken):
            why = SurroundingsError(f"Telegram does not know the token in {TOKEN}")
        elif why and self._keys.token in "".join(traceback.format_exception(why)):
            why = SurroundingsError(f"{type(why).__name__}, and not to be shown")
        self.why = why

    async def _run(self) -> None:
        try:
            name = await self._client.start()
            secret = self._keys.secret if self._keys.fresh else f"${SECRET}"
            # a warning: notebooks show nothing less
            log.warning("invite people: https://t.me/%s?start=%s", name, secret)
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._spawn(self._listen())
                await self._watch()
                for task in self._tasks:
                    task.cancel()
        finally:
            await self._bot.shutdown()

    async def _listen(self) -> None:
        offset = None
        while True:
            for update in await self._client.updates(offset):
                offset = update.update_id + 1
                self._spawn(self._handle(update))

    async def _watch(self) -> None:
        """Show what comes back to those who wait for it; at the end, tell everybody."""
        while not self._closed.is_set():
            await asyncio.sleep(_TICK)
            for conversation in self._conversations.values():
                if conversation.waiting and not conversation.lock.locked():
                    self._spawn(self._locked(conversation, conversation.show_returned))
        if self._farewell:
            conversations = list(self._conversations.values())
            with suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    ends = [
                        self._locked(conversation, conversation.finish)
                        for conversation in conversations
                    ]
                    await asyncio.gather(*ends)

    async def _handle(self, update: Update) -> None:
        """Handle an update of one person; without an invitation refuse it."""
        user, query = update.effective_user, update.callback_query
        message = query.message if query else update.message
        if not user or user.is_bot or not message or message.chat.type != "private":
            return
        said = message.text or "" if isinstance(message, Message) and not query else ""
        offered = said.removeprefix("/start ") if said.startswith("/start ") else ""
        name = pseudonym(user.id, self._keys.key)
        if not self._invitation.admits(name, offered.strip()):
            if not self._invitation.ignores(name):
                await self._refuse(user.id, query.id if query else None)
            return
        if user.id not in self._conversations:
            self._conversations[user.id] = Conversation(user.id, name, self._context)
        conversation = self._conversations[user.id]
        if query:
            id, data = query.id, query.data or ""
            await self._locked(
                conversation,
                lambda: conversation.on_button(id, message.message_id, data),
            )
        else:
            await self._locked(conversation, lambda: conversation.on_message(said))

    async def _locked(
        self, conversation: Conversation, do: Callable[[], Awaitable[None]]
    ) -> None:
        async with conversation.lock:
            try:
                await do()
            except LabellingEnded:
                pass
            except RecipientUnreachable:
                self._queue.leave(conversation.name)
                self._conversations.pop(conversation.chat, None)

    async def _refuse(self, chat: int, query: str | None) -> None:
        if query:
            await self._client.reply(query, NOT_INVITED)
            return
        with suppress(RecipientUnreachable):
            await self._client.send(chat, NOT_INVITED)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextmanager
def _silent(*names: str) -> Iterator[None]:
    """Keep what these packages log from everybody, at every level."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
