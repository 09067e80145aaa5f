"""Texts and buttons of the bot: plain text, so that nothing has to be escaped.

A button carries `ACTION.TICKET`: the number of a class, or one of the letters below.
"""

from __future__ import annotations

from typing import NamedTuple

from alcli.annotation.queue import SKIPPED, UNSURE
from alcli.annotation.queue.direction import right_to_left
from alcli.annotation.queue.items import HeldItem
from alcli.annotation.queue.task_queue import Progress

LONGEST = 4096  # characters of a message (Bot API, sendMessage), in UTF-16 units
ROOM = LONGEST - 512  # the rest is for the heading, the guess and the answer
PARTS = 5  # messages that one text may take
_MOST = (PARTS + 1) * ROOM  # more is not even looked at
BUTTONS = 100  # of one message
SKIP, NOT_SURE, UNDO = "s", "n", "u"
_REASONS = {SKIP: SKIPPED, NOT_SURE: UNSURE}
_WIDTH, _COLUMNS, _NAME = 24, 3, 60  # characters and buttons of a row; of a name
_RLM, _FSI, _PDI = "\u200f", "\u2068", "\u2069"  # UAX 9
NOT_INVITED = "This bot is for invited people: open the link that you were given."
CLOSED = "This one is closed; nothing was counted."
NOTHING_NOW = "There is nothing for you at present. What comes back is shown here."
LAST = "That was the last one."
NOTHING_TO_UNDO = "There is nothing to take back."
USE_BUTTONS = "Please answer by the buttons. /help"
STOPPED = "Thank you! /start goes on."
THE_END = "All is answered. Thank you!"
CUT = "[the text is cut here: it is too long]"
LATER = "↩ comes again later"
COMMANDS = {
    "start": "show the text to answer",
    "undo": "answer the last one anew",
    "progress": "how far the work is",
    "stop": "leave; /start goes on",
    "help": "the guidelines, and what there is to press",
}
HELP = "\n".join(
    [
        "Read the text, and press what fits it.",
        "Skip: you would rather not answer. Not sure: you cannot tell.",
        *(f"/{name} - {what}" for name, what in COMMANDS.items()),
    ]
)

ButtonRows = list[list[tuple[str, str]]]  # of buttons: what it says, what it carries


class ButtonPress(NamedTuple):
    """A button that was pressed: a label, or a reason for none, or undo."""

    ticket: str
    label: str | None = None
    reason: str | None = None
    undo: bool = False


def buttons(classes: tuple[str, ...], ticket: str) -> ButtonRows:
    """Return the classes in their order, as many in a row as are read easily.

    >>> for row in buttons(("no", "yes"), "t"): print(row)
    [('no', '0.t'), ('yes', '1.t')]
    [('Skip', 's.t'), ('Not sure', 'n.t'), ('Undo', 'u.t')]
    """
    rows: ButtonRows = [[]]
    for number, name in enumerate(classes):
        width = sum(len(said) for said, _ in rows[-1]) + len(name)
        if rows[-1] and (len(rows[-1]) == _COLUMNS or width > _WIDTH):
            rows.append([])
        rows[-1].append((shorten(name), f"{number}.{ticket}"))
    others = [("Skip", SKIP), ("Not sure", NOT_SURE)]
    own = [(said, f"{action}.{ticket}") for said, action in others]
    return [*rows, own + undo_button(ticket)]


def undo_button(ticket: str) -> list[tuple[str, str]]:
    """Return the row that takes back the last answer."""
    return [("Undo", f"{UNDO}.{ticket}")]


def parse_press(data: str, classes: tuple[str, ...]) -> ButtonPress | None:
    """Read what a button carries; None: no button of ours has that.

    >>> press("1.t", ("no", "yes")), press("9.t", ("no", "yes"))
    (Press(ticket='t', label='yes', reason=None, undo=False), None)
    """
    action, _, ticket = data.partition(".")
    if action == UNDO:
        return ButtonPress(ticket, undo=True)
    if action in _REASONS:
        return ButtonPress(ticket, reason=_REASONS[action])
    if action.isdecimal() and int(action) < len(classes):
        return ButtonPress(ticket, label=classes[int(action)])
    return None


def item_messages(item: HeldItem, progress: Progress, mine: int) -> list[str]:
    """Return an item as messages: more than one where it is long.

    mine: answers of the one who reads it. A text of more than five messages is cut, and
    the last of them says so.
    """
    whole = item.text.strip()
    texts = split_message(mark_direction(whole[:_MOST]))
    cut = f"\n\n{CUT}" if len(whole) > _MOST or len(texts) > PARTS else ""
    texts = texts[:PARTS]
    again = " · again" if item.again else ""
    heading = f"You: {mine} · all: {progress.done} of {progress.total}{again}"
    headings = [heading, *(f"{n} of {len(texts)}" for n in range(2, len(texts) + 1))]
    mark = _RLM if right_to_left(item.text) else ""
    found = [f"{mark}{h}\n\n{text}" for h, text in zip(headings, texts, strict=True)]
    found[-1] += cut
    if item.guess is not None:
        sure = "" if item.sure is None else f" ({item.sure:.0%})"
        found[-1] += f"\n\nThe model's guess: {isolate(item.guess)}{sure}"
    return found


def with_answer(text: str, said: ButtonPress) -> str:
    """Return a message with the answer that was given to it."""
    reasons = {SKIPPED: "– skipped", UNSURE: "? not sure"}
    what = reasons[said.reason] if said.reason else f"✔ {isolate(said.label or '')}"
    return f"{text}\n\n{what}"


def guideline_messages(text: str) -> list[str]:
    """Return guidelines as messages: Markdown reads well as it is."""
    return split_message(mark_direction(text.strip())) if text.strip() else []


def progress_text(progress: Progress, mine: int) -> str:
    """Return the progress, for one annotator."""
    return f"Answered by you: {mine}. By all: {progress.done} of {progress.total}."


def split_message(text: str, room: int = ROOM) -> list[str]:
    """Split a text where it is too long for a message, between words if it can be.

    >>> parts("one two three", 8)
    ['one two', 'three']
    """
    found = []
    while _units(text) > room:
        part = text[:room]
        while (excess := _units(part) - room) > 0:
            part = part[: len(part) - (excess + 1) // 2]
        space = max(part.rfind(" "), part.rfind("\n"))
        end = space if space > len(part) // 2 else len(part)
        found.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*found, text]


def mark_direction(text: str) -> str:
    """Return a text in which all lines run as the text does, not each as it begins."""
    if not right_to_left(text):
        return text
    return "\n".join(_RLM + line for line in text.split("\n"))


def isolate(name: str) -> str:
    """Return a name that does not change which way the line around it runs."""
    return f"{_FSI}{shorten(name)}{_PDI}"


def shorten(name: str) -> str:
    """Return a name that fits on a button."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
