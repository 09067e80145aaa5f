"""Labelers: people or programs that answer tasks.

A labeler is a function `(tasks, save, **params)`. It calls `save` with an iterable of
votes, pairs (task, answer), which are in the ledger when the call returns: answers that
took time one by one, others all in one call. To add one, write
`alcli/annotation/labelers/NAME.py` with a function of that name, and its test;
`@labeler(...)` declares options of `alcli label`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alcli.annotation.queue import Answer as Answer
from alcli.annotation.queue import Save as Save
from alcli.annotation.queue import Task as Task
from alcli.annotation.queue import Vote as Vote
from alcli.core.registry import Registry


@dataclass(frozen=True)
class Labeler:
    """Labeler, and the options of `alcli label` that it takes.

    people: it asks people: records need a text, and it gets the options for people as
    `settings`, a `QueueSettings`. options: names of other fields of
    `LabellingSettings`, which it takes as keyword arguments.
    """

    function: Callable[..., None]
    people: bool = False
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name on the command line."""
        return self.function.__name__.replace("_", "-")


def labeler(
    *options: str, people: bool = False
) -> Callable[[Callable[..., None]], Labeler]:
    """Declare the options that a labeler takes; see `Labeler`."""
    return lambda function: Labeler(function, people, options)


labelers: Registry[Labeler | Callable[..., None]] = Registry("labeler", __name__)


def find(labeler: str | Labeler | Callable[..., None]) -> Labeler:
    """Return a labeler by name, or make one of a plain function, without options."""
    found = labelers.get(labeler) if isinstance(labeler, str) else labeler
    return found if isinstance(found, Labeler) else Labeler(found)
