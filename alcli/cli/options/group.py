"""Options that are added to a command in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

type Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def option_group(*options: Option) -> Option:
    """Return a decorator that adds options to a command, in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add
