"""Texts and buttons of the bot, in plain text, which needs no escapes.

The data of a button is `ACTION.TICKET`: the number of a class, or a letter.
"""

from __future__ import annotations

from typing import NamedTuple

from alcli.annotation.queue import SKIPPED, UNSURE
from alcli.annotation.queue.direction import right_to_left
from alcli.annotation.queue.items import HeldItem
from alcli.annotation.queue.task_queue import Progress

LONGEST = 4096  # characters of a message (Bot API, sendMessage), in UTF-16 units
ROOM = LONGEST - 512  # the rest is for heading, prediction and answer
PARTS = 5  # messages per text at most
_MOST = (PARTS + 1) * ROOM  # characters that are read at all
BUTTONS = 100  # of one message
SKIP, NOT_SURE, UNDO = "s", "n", "u"
_REASONS = {SKIP: SKIPPED, NOT_SURE: UNSURE}
_WIDTH, _COLUMNS, _NAME = 24, 3, 60  # characters and buttons of a row; of a name
_RLM, _FSI, _PDI = "\u200f", "\u2068", "\u2069"  # UAX 9
NOT_INVITED = "This bot is for invited people: open the link that you were given."
CLOSED = "This one is closed; nothing was counted."
NOTHING_NOW = "There is nothing for you at present. What comes back is shown here."
LAST = "That was the last one."
NOTHING_TO_UNDO = "There is no answer to undo."
USE_BUTTONS = "Please answer by the buttons. /help"
STOPPED = "Thank you! /start goes on."
THE_END = "All is answered. Thank you!"
CUT = "[the text is cut here: it is too long]"
LATER = "↩ comes again later"
COMMANDS = {
    "start": "show the text to answer",
    "undo": "change the last answer",
    "progress": "number of answers so far",
    "stop": "leave; /start goes on",
    "help": "guidelines and buttons",
}
HELP = "\n".join(
    [
        "Read the text, and press the class that fits.",
        "Skip: you do not want to answer. Not sure: you cannot decide.",
        *(f"/{name} - {what}" for name, what in COMMANDS.items()),
    ]
)

ButtonRows = list[list[tuple[str, str]]]  # rows of (text, data)


class ButtonPress(NamedTuple):
    """Pressed button: a label, a reason for none, or undo."""

    ticket: str
    label: str | None = None
    reason: str | None = None
    undo: bool = False


def buttons(classes: tuple[str, ...], ticket: str) -> ButtonRows:
    """Return the classes in order, in rows of readable width, and the other buttons.

    >>> for row in buttons(("no", "yes"), "t"): print(row)
    [('no', '0.t'), ('yes', '1.t')]
    [('Skip', 's.t'), ('Not sure', 'n.t'), ('Undo', 'u.t')]
    """
    rows: ButtonRows = [[]]
    for number, name in enumerate(classes):
        width = sum(len(text) for text, _ in rows[-1]) + len(name)
        if rows[-1] and (len(rows[-1]) == _COLUMNS or width > _WIDTH):
            rows.append([])
        rows[-1].append((shorten(name), f"{number}.{ticket}"))
    others = [("Skip", SKIP), ("Not sure", NOT_SURE)]
    own = [(text, f"{action}.{ticket}") for text, action in others]
    return [*rows, own + undo_button(ticket)]


def undo_button(ticket: str) -> list[tuple[str, str]]:
    """Return the row with the button that undoes the last answer."""
    return [("Undo", f"{UNDO}.{ticket}")]


def parse_press(data: str, classes: tuple[str, ...]) -> ButtonPress | None:
    """Parse the data of a button; None: no button of ours has it.

    >>> parse_press("1.t", ("no", "yes")), parse_press("9.t", ("no", "yes"))
    (ButtonPress(ticket='t', label='yes', reason=None, undo=False), None)
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
    """Return an item as messages, several for a long text.

    mine: number of answers of the annotator. A text of more than five messages is cut,
    with a note in the last one.
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


def with_answer(text: str, pressed: ButtonPress) -> str:
    """Return a message with its answer."""
    reasons = {SKIPPED: "– skipped", UNSURE: "? not sure"}
    reason, label = pressed.reason, pressed.label or ""
    answer = reasons[reason] if reason else f"✔ {isolate(label)}"
    return f"{text}\n\n{answer}"


def guideline_messages(text: str) -> list[str]:
    """Return guidelines as messages, in Markdown, which reads well as text."""
    return split_message(mark_direction(text.strip())) if text.strip() else []


def progress_text(progress: Progress, mine: int) -> str:
    """Return a message about the progress, for one annotator."""
    return f"Answered by you: {mine}. By all: {progress.done} of {progress.total}."


def split_message(text: str, room: int = ROOM) -> list[str]:
    """Split a text into messages, between words if possible.

    room: length of a message in UTF-16 units.

    >>> split_message("one two three", 8)
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
    """Return a text whose lines all have the direction of the text."""
    if not right_to_left(text):
        return text
    return "\n".join(_RLM + line for line in text.split("\n"))


def isolate(name: str) -> str:
    """Return a name that does not change the direction of the line around it."""
    return f"{_FSI}{shorten(name)}{_PDI}"


def shorten(name: str) -> str:
    """Return a name cut to fit on a button."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
