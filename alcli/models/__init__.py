"""Architectures: the folder is the family, the file is the architecture.

To add one, write `alcli/models/FAMILY/NAME.py` with a function of that name, and its
test. What the function takes and returns is the family's matter (`alcli/learners`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from alcli.core.errors import UnknownName
from alcli.core.registry import Registry


@cache
def families() -> dict[str, Registry[Callable[..., Any]]]:
    """Return the registry of each family, by the family's name."""
    folder = os.path.dirname(__file__)
    names = [n for n in sorted(os.listdir(folder)) if n[0] not in "_." and "." not in n]
    return {name: Registry("architecture", f"{__name__}.{name}") for name in names}


def family_of(arch: str) -> str:
    """Return the family that has an architecture.

    Raises:
        UnknownName: and the message lists the names that would have worked.
    """
    name, _, file = arch.partition(":")
    for family, registry in families().items():
        if name in registry.names():
            return family
    if file and name.endswith(".py"):  # a user's own: a file says its family
        return "token"
    raise UnknownName("architecture", arch, sorted(names()))


def get(arch: str) -> Callable[..., Any]:
    """Return the function of an architecture."""
    return families()[family_of(arch)].get(arch)


def names() -> list[str]:
    """Return the names of all architectures."""
    return sorted(n for registry in families().values() for n in registry.names())


def summaries() -> str:
    """Return a block for the end of a command's help."""
    rows = [
        f"  {name:<10}{registry.summary(name)} ({family})"
        for family, registry in families().items()
        for name in registry.names()
    ]
    return "\b\n" + "\n".join(["Architectures:", *sorted(rows)])
