"""One person at the terminal, who answers by keys."""

from __future__ import annotations

import os
import termios
import tty
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from select import select
from typing import IO, TYPE_CHECKING

from alcli.annotation.labelers import Save, Task, labeler
from alcli.annotation.queue import SKIPPED, UNSURE, QueueSettings
from alcli.annotation.queue.direction import right_to_left
from alcli.annotation.queue.items import HeldItem
from alcli.annotation.queue.task_queue import Progress, TaskQueue
from alcli.core.errors import SurroundingsError

if TYPE_CHECKING:
    from rich.console import Console

RIGHT_TO_LEFT_HINT = (
    "Right-to-left text; many terminals display it badly: try --with web"
)
QUIT, UNDO, SKIP, NOT_SURE, GUIDELINES = "q", "u", "s", "?", "g"
# characters of the same keys on a Persian keyboard; n is for "not sure"
_KEY_ALIASES = {"ض": QUIT, "ع": UNDO, "س": SKIP, "ل": GUIDELINES}
_KEY_ALIASES |= dict.fromkeys("؟nد", NOT_SURE) | {"\x04": QUIT}  # Ctrl-D
_ENTER, _ERASE = "\r\n", "\x7f\b"
_WIDTH = 76
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@labeler(people=True)
def terminal(tasks: Iterable[Task], save: Save, *, settings: QueueSettings) -> None:
    """Display tasks to one person until none is left or the person quits.

    Raises:
        SurroundingsError: there is no terminal.
    """
    name = settings.annotator or "me"
    queue = TaskQueue(tasks, settings)
    item = queue.next(name)
    if item is None:
        return
    with _screen() as (console, keys):
        screen = Screen(console, keys, settings)
        if settings.guidelines:
            screen.guidelines()
        while item:
            key = screen.ask(item, queue.progress())
            if key == QUIT:
                break
            if key == UNDO:
                item = queue.undo(name) or item
            elif key == GUIDELINES:
                screen.guidelines()
            else:
                label = settings.classes[int(key) - 1] if key.isdecimal() else None
                reason = {SKIP: SKIPPED, NOT_SURE: UNSURE}.get(key)
                save([queue.answer(name, item.ticket, label, reason)])
                item = queue.next(name)


class Screen:
    """Screen and keyboard of a terminal."""

    def __init__(
        self, console: Console, keys: Iterator[str], settings: QueueSettings
    ) -> None:
        self.console, self.keys, self.settings = console, keys, settings

    def ask(self, item: HeldItem, progress: Progress) -> str:
        """Display an item until a valid key is pressed; return the key."""
        self._show(item, progress)
        commands = {UNDO, SKIP, NOT_SURE, QUIT}
        commands |= {GUIDELINES} if self.settings.guidelines else set()
        classes, typed = len(self.settings.classes), ""
        for key in self.keys:
            if key in commands:
                return key
            if classes < 10:
                if key.isdecimal() and 1 <= int(key) <= classes:
                    return key
            elif key.isdecimal():  # more classes than keys: a number, then Enter
                typed += key
                self.console.print(key, end="")
            elif key in _ERASE and typed:
                typed = typed[:-1]
                self.console.print("\b \b", end="")
            elif key in _ENTER and typed:
                if 1 <= int(typed) <= classes:
                    return typed
                self.console.print(f": expected a number from 1 to {classes}")
                typed = ""
        return QUIT  # the terminal is closed

    def guidelines(self) -> None:
        """Display the guidelines until a key is pressed."""
        from rich.markdown import Markdown

        self.console.clear()
        text = Markdown(escape_controls(self.settings.guidelines), hyperlinks=False)
        self.console.print(text, width=min(_WIDTH, self.console.width))
        self.console.print("\nPress a key to continue.", style="dim")
        next(self.keys, None)

    def _show(self, item: HeldItem, progress: Progress) -> None:
        from rich.table import Table
        from rich.text import Text

        self.console.clear()
        again = "  ·  again" if item.again else ""
        self.console.print(f"{progress.done} of {progress.total}{again}", style="dim")
        text = Text(f"\n{escape_controls(item.text)}\n", style="bold")
        self.console.print(text, width=min(_WIDTH, self.console.width))
        if right_to_left(item.text):
            self.console.print(RIGHT_TO_LEFT_HINT, style="dim", highlight=False)
        if item.guess is not None:
            sure = "" if item.sure is None else f" ({item.sure:.0%})"
            guess = f"The model's guess: {escape_controls(item.guess)}{sure}"
            self.console.print(Text(guess, style="cyan"))
        table = Table.grid(padding=(0, 1))
        for number, name in enumerate(self.settings.classes, 1):
            button = Text(str(number), style="bold cyan")
            table.add_row(button, Text(escape_controls(name)))
        self.console.print(table)
        more = "  g guidelines" if self.settings.guidelines else ""
        hint = f"\ns skip  ? not sure  u undo{more}  q quit"
        self.console.print(hint, style="dim", highlight=False)


def escape_controls(text: str) -> str:
    r"""Return a text with control characters replaced and direction marks removed.

    Direction marks (UAX 9, 2.1 to 2.4) are invisible; one that is left open would
    change the direction of our own lines.

    >>> escape_controls("a\x1b[2Jb\n\u202ec")
    'a�[2Jb\nc'
    """
    text = text.translate(_DIRECTIONS)
    return "".join("\ufffd" if _is_control(letter) else letter for letter in text)


def _is_control(letter: str) -> bool:
    return (letter < " " or "\x7f" <= letter < "\xa0") and letter not in "\n\t"


@contextmanager
def _screen() -> Iterator[tuple[Console, Iterator[str]]]:
    """Yield a console and the keys of the terminal; stdin may be records."""
    from rich.console import Console

    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        problem = f"there is no terminal ({error.strerror}); try --with web"
        raise SurroundingsError(problem) from error
    with open(handle, "w", encoding="utf-8", errors="replace") as out:
        before = termios.tcgetattr(handle)
        try:
            tty.setcbreak(handle)
            yield Console(file=out, force_terminal=True), _keys(handle, out)
        finally:
            termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _keys(handle: int, out: IO[str]) -> Iterator[str]:
    """Yield the pressed keys, those of a Persian keyboard as Latin ones."""
    decoder = getincrementaldecoder("utf-8")("replace")
    while True:
        out.flush()
        try:
            data = os.read(handle, 1)
        except OSError:  # the terminal is closed
            return
        if not data:
            return
        for key in decoder.decode(data):
            if key == "\x1b":  # an arrow key or the like: drop its other characters
                while select([handle], [], [], 0.02)[0] and os.read(handle, 64):
                    pass
            else:
                yield _KEY_ALIASES.get(key.lower(), key.lower())
