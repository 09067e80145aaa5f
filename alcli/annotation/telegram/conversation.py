"""Conversation with one annotator: messages, buttons, replies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from secrets import token_urlsafe
from typing import NamedTuple

from alcli.annotation.queue import Answer, Asking, Task
from alcli.annotation.queue.items import Item
from alcli.annotation.queue.task_queue import Desk, NotHandedOut
from alcli.annotation.telegram import texts
from alcli.annotation.telegram.api_client import Calls


class Office(NamedTuple):
    """Context of all conversations. keep: when it returns, the answer is on disk."""

    desk: Desk
    asking: Asking
    calls: Calls
    keep: Callable[[tuple[Task, Answer]], Awaitable[None]]


class OpenMessage(NamedTuple):
    """The message that has the buttons."""

    ticket: str
    message: int
    text: str


class Talk:
    """With an annotator in a chat; whoever calls holds the lock.

    waiting: there was nothing to show, and there may be later.
    """

    def __init__(self, chat: int, name: str, office: Office) -> None:
        self.chat, self.name = chat, name
        self.lock = asyncio.Lock()
        self.waiting = False
        self._desk, self._asking, self._calls, self._keep = office
        self._shown: OpenMessage | None = None
        self._greeted = False

    async def hear(self, said: str) -> None:
        """Answer to a message."""
        command = said.partition(" ")[0].partition("@")[0].lower()
        if command == "/start":
            await self._start()
        elif command == "/undo":
            if not await self._undo():
                await self._say(texts.NOTHING_TO_UNDO)
        elif command == "/progress":
            await self._say(texts.how_far(self._desk.progress(), self._mine()))
        elif command == "/stop":
            self._desk.leave(self.name)
            await self._put_away()
            self.waiting = False
            await self._say(texts.STOPPED)
        elif command == "/help":
            await self._help()
        elif self._shown or self.waiting:
            await self._say(texts.USE_BUTTONS)
        else:
            await self._start()

    async def press(self, query: str, message: int, data: str) -> None:
        """Answer to a button of a message; one that is not at hand makes no vote."""
        pressed = texts.press(data, self._asking.classes)
        shown = self._shown
        if not pressed or not shown or pressed.ticket != shown.ticket:
            await self._refuse(query, message)
            return
        if pressed.undo:
            undone = await self._undo()
            await self._calls.reply(query, None if undone else texts.NOTHING_TO_UNDO)
            return
        try:
            vote = self._desk.answer(
                self.name, pressed.ticket, pressed.label, pressed.reason
            )
        except NotHandedOut:  # the lease is over, and somebody else has it
            self._shown = None
            await self._refuse(query, message)
            return
        await self._keep(vote)
        self._shown = None
        await self._calls.reply(query)
        text = texts.answered(shown.text, pressed)
        await self._calls.close(self.chat, message, text)
        await self.go_on(answered=True)

    async def go_on(self, *, answered: bool = False) -> None:
        """Show the next item; answered: an answer was given, and can be undone."""
        item = self._desk.next(self.name)
        if item:
            await self._show(item)
        elif not self.waiting:
            self.waiting = True
            said = texts.LAST if self._desk.done else texts.NOTHING_NOW
            if answered:
                ticket = token_urlsafe(12)  # of no item: it undoes, and answers nothing
                await self._open(ticket, said, [texts.undo_button(ticket)])
            elif not self._desk.done:
                await self._say(said)

    async def more(self) -> None:
        """Show what has come back, to one who waits."""
        item = self._desk.next(self.name) if self.waiting else None
        if item:
            await self._put_away()
            await self._show(item)

    async def end(self) -> None:
        """Send that all tasks are answered, if the annotator is still here."""
        if self._shown or self.waiting:
            await self._put_away()
            await self._say(texts.THE_END)

    async def _start(self) -> None:
        if not self._greeted:
            await self._help()
        await self._put_away()
        self.waiting = False
        await self.go_on()

    async def _help(self) -> None:
        self._greeted = True
        for text in (texts.HELP, *texts.guidelines(self._asking.guidelines)):
            await self._say(text)

    async def _undo(self) -> bool:
        item = self._desk.undo(self.name)
        if item is None:
            return False
        await self._put_away()
        await self._show(item)
        return True

    async def _show(self, item: Item) -> None:
        found = texts.messages(item, self._desk.progress(), self._mine())
        for text in found[:-1]:
            await self._say(text)
        rows = texts.buttons(self._asking.classes, item.ticket)
        await self._open(item.ticket, found[-1], rows)
        self.waiting = False

    async def _open(self, ticket: str, text: str, rows: texts.Rows) -> None:
        message = await self._calls.send(self.chat, text, rows)
        self._shown = OpenMessage(ticket, message, text)

    async def _put_away(self) -> None:
        shown, self._shown = self._shown, None
        if shown:
            later = None if self.waiting else f"{shown.text}\n\n{texts.LATER}"
            await self._calls.close(self.chat, shown.message, later)

    async def _refuse(self, query: str, message: int) -> None:
        await self._calls.reply(query, texts.CLOSED)
        if not self._shown or self._shown.message != message:
            await self._calls.close(self.chat, message)
        if not self._shown and not self.waiting:
            await self.go_on()

    async def _say(self, text: str) -> None:
        await self._calls.send(self.chat, text)

    def _mine(self) -> int:
        return self._desk.progress().by.get(self.name, 0)
