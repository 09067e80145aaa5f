"""Conversation with one annotator: messages, buttons, replies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from secrets import token_urlsafe
from typing import NamedTuple

from alcli.annotation.queue import Answer, LabellingSettings, Task
from alcli.annotation.queue.items import HeldItem
from alcli.annotation.queue.task_queue import NotHandedOut, TaskQueue
from alcli.annotation.telegram import texts
from alcli.annotation.telegram.api_client import ApiClient


class BotContext(NamedTuple):
    """Context of all conversations. keep: when it returns, the answer is on disk."""

    queue: TaskQueue
    settings: LabellingSettings
    client: ApiClient
    keep: Callable[[tuple[Task, Answer]], Awaitable[None]]


class OpenMessage(NamedTuple):
    """The message that has the buttons."""

    ticket: str
    message: int
    text: str


class Conversation:
    """With an annotator in a chat; whoever calls holds the lock.

    waiting: there was nothing to show, and there may be later.
    """

    def __init__(self, chat: int, name: str, context: BotContext) -> None:
        self.chat, self.name = chat, name
        self.lock = asyncio.Lock()
        self.waiting = False
        self._queue, self._settings, self._client, self._keep = context
        self._shown: OpenMessage | None = None
        self._greeted = False

    async def on_message(self, said: str) -> None:
        """Answer to a message."""
        command = said.partition(" ")[0].partition("@")[0].lower()
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
        """Answer to a button of a message; one that is not at hand makes no vote."""
        pressed = texts.parse_press(data, self._settings.classes)
        shown = self._shown
        if not pressed or not shown or pressed.ticket != shown.ticket:
            await self._refuse(query, message)
            return
        if pressed.undo:
            undone = await self._undo()
            await self._client.reply(query, None if undone else texts.NOTHING_TO_UNDO)
            return
        try:
            vote = self._queue.answer(
                self.name, pressed.ticket, pressed.label, pressed.reason
            )
        except NotHandedOut:  # the lease is over, and somebody else has it
            self._shown = None
            await self._refuse(query, message)
            return
        await self._keep(vote)
        self._shown = None
        await self._client.reply(query)
        text = texts.with_answer(shown.text, pressed)
        await self._client.close(self.chat, message, text)
        await self.show_next(answered=True)

    async def show_next(self, *, answered: bool = False) -> None:
        """Show the next item; answered: an answer was given, and can be undone."""
        item = self._queue.next(self.name)
        if item:
            await self._show(item)
        elif not self.waiting:
            self.waiting = True
            said = texts.LAST if self._queue.done else texts.NOTHING_NOW
            if answered:
                ticket = token_urlsafe(12)  # of no item: it undoes, and answers nothing
                await self._open(ticket, said, [texts.undo_button(ticket)])
            elif not self._queue.done:
                await self._say(said)

    async def show_returned(self) -> None:
        """Show what has come back, to one who waits."""
        item = self._queue.next(self.name) if self.waiting else None
        if item:
            await self._put_away()
            await self._show(item)

    async def finish(self) -> None:
        """Send that all tasks are answered, if the annotator is still here."""
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
        message = await self._client.send(self.chat, text, rows)
        self._shown = OpenMessage(ticket, message, text)

    async def _put_away(self) -> None:
        shown, self._shown = self._shown, None
        if shown:
            later = None if self.waiting else f"{shown.text}\n\n{texts.LATER}"
            await self._client.close(self.chat, shown.message, later)

    async def _refuse(self, query: str, message: int) -> None:
        await self._client.reply(query, texts.CLOSED)
        if not self._shown or self._shown.message != message:
            await self._client.close(self.chat, message)
        if not self._shown and not self.waiting:
            await self.show_next()

    async def _say(self, text: str) -> None:
        await self._client.send(self.chat, text)

    def _mine(self) -> int:
        return self._queue.progress().by_annotator.get(self.name, 0)
