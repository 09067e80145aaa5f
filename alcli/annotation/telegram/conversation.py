"""Conversation with one annotator: messages, buttons, replies."""

from __future__ import annotations

import asyncio
from secrets import token_urlsafe
from typing import NamedTuple

from alcli.annotation.queue.items import HeldItem
from alcli.annotation.queue.session import LabellingSession
from alcli.annotation.queue.task_queue import NotHandedOut
from alcli.annotation.telegram import texts
from alcli.annotation.telegram.messenger import Messenger


class OpenMessage(NamedTuple):
    """Message with the buttons."""

    ticket: str
    message: int
    text: str


class Conversation:
    """Conversation with an annotator in a chat; callers hold the lock.

    waiting: there is no item for the annotator, and there may be one later.
    """

    def __init__(
        self, chat: int, name: str, session: LabellingSession, messenger: Messenger
    ) -> None:
        self.chat, self.name = chat, name
        self.lock = asyncio.Lock()
        self.waiting = False
        self._session, self._messenger = session, messenger
        self._queue, self._settings = session.queue, session.queue.settings
        self._shown: OpenMessage | None = None
        self._greeted = False

    async def on_message(self, text: str) -> None:
        """Handle a message."""
        command = text.partition(" ")[0].partition("@")[0].lower()
        if command == "/start":
            await self._start()
        elif command == "/undo":
            if not await self._undo():
                await self._say(texts.NOTHING_TO_UNDO)
        elif command == "/progress":
            await self._say(texts.progress_text(self._queue.progress(), self._mine()))
        elif command == "/stop":
            self._queue.leave(self.name)
            await self._put_away()
            self.waiting = False
            await self._say(texts.STOPPED)
        elif command == "/help":
            await self._help()
        elif self._shown or self.waiting:
            await self._say(texts.USE_BUTTONS)
        else:
            await self._start()

    async def on_button(self, query: str, message: int, data: str) -> None:
        """Handle a button; only those of the open message make a vote."""
        pressed = texts.parse_press(data, self._settings.classes)
        shown = self._shown
        if not pressed or not shown or pressed.ticket != shown.ticket:
            await self._refuse(query, message)
            return
        if pressed.undo:
            undone = await self._undo()
            await self._messenger.reply(
                query, None if undone else texts.NOTHING_TO_UNDO
            )
            return
        try:
            self._session.answer(
                self.name, pressed.ticket, pressed.label, pressed.reason
            )
        except NotHandedOut:  # the lease is over, and another annotator has the item
            self._shown = None
            await self._refuse(query, message)
            return
        self._shown = None
        await self._messenger.reply(query)
        text = texts.with_answer(shown.text, pressed)
        await self._messenger.close(self.chat, message, text)
        await self.show_next(answered=True)

    async def show_next(self, *, answered: bool = False) -> None:
        """Display the next item. answered: there is an answer to undo."""
        item = self._queue.next(self.name)
        if item:
            await self._show(item)
        elif not self.waiting:
            self.waiting = True
            text = texts.LAST if self._queue.done else texts.NOTHING_NOW
            if answered:
                ticket = token_urlsafe(12)  # of no item: only undo accepts it
                await self._open(ticket, text, [texts.undo_button(ticket)])
            elif not self._queue.done:
                await self._say(text)

    async def show_returned(self) -> None:
        """Display an item that another annotator returned, if this one waits."""
        item = self._queue.next(self.name) if self.waiting else None
        if item:
            await self._put_away()
            await self._show(item)

    async def finish(self) -> None:
        """Send the last message, unless the annotator has stopped."""
        if self._shown or self.waiting:
            await self._put_away()
            await self._say(texts.THE_END)

    async def _start(self) -> None:
        if not self._greeted:
            await self._help()
        await self._put_away()
        self.waiting = False
        await self.show_next()

    async def _help(self) -> None:
        self._greeted = True
        for text in (texts.HELP, *texts.guideline_messages(self._settings.guidelines)):
            await self._say(text)

    async def _undo(self) -> bool:
        item = self._queue.undo(self.name)
        if item is None:
            return False
        await self._put_away()
        await self._show(item)
        return True

    async def _show(self, item: HeldItem) -> None:
        found = texts.item_messages(item, self._queue.progress(), self._mine())
        for text in found[:-1]:
            await self._say(text)
        rows = texts.buttons(self._settings.classes, item.ticket)
        await self._open(item.ticket, found[-1], rows)
        self.waiting = False

    async def _open(self, ticket: str, text: str, rows: texts.ButtonRows) -> None:
        message = await self._messenger.send(self.chat, text, rows)
        self._shown = OpenMessage(ticket, message, text)

    async def _put_away(self) -> None:
        shown, self._shown = self._shown, None
        if shown:
            later = None if self.waiting else f"{shown.text}\n\n{texts.LATER}"
            await self._messenger.close(self.chat, shown.message, later)

    async def _refuse(self, query: str, message: int) -> None:
        await self._messenger.reply(query, texts.CLOSED)
        if not self._shown or self._shown.message != message:
            await self._messenger.close(self.chat, message)
        if not self._shown and not self.waiting:
            await self.show_next()

    async def _say(self, text: str) -> None:
        await self._messenger.send(self.chat, text)

    def _mine(self) -> int:
        return self._queue.progress().by_annotator.get(self.name, 0)
