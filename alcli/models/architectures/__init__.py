"""Architectures: the folder is the family, the file is the architecture.

To add one, write `alcli/models/architectures/FAMILY/NAME.py` with a function of that
name, and its test. What the function takes and returns is the family's matter
(`alcli/models/families`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from alcli.core.errors import UnknownName
from alcli.core.registry import Registry, indent_words
from alcli.models.architectures.linear import Linear


@cache
def families() -> dict[str, Registry[Callable[..., Any]]]:
    """Return the registry of each family, by the family's name."""
    folder = os.path.dirname(__file__)
    names = [n for n in sorted(os.listdir(folder)) if n[0] not in "_." and "." not in n]
    return {
        name: Registry("architecture", f"{__name__}.{name}", group="models")
        for name in names
    }


def family_of(arch: str) -> str:
    """Return the family that has an architecture; one of a user's own says its family.

    Raises:
        UnknownName: and the message lists the names that would have worked.
    """
    for family, registry in families().items():
        if arch in registry.names():
            return family
    return "linear" if isinstance(get(arch), Linear) else "token"


def get(arch: str) -> Callable[..., Any]:
    """Return an architecture: a name, `./mine.py:f`, or one of another package."""
    for registry in families().values():
        if arch in registry.names():
            return registry.get(arch)
    try:
        return families()["token"].get(arch)
    except UnknownName as error:
        raise UnknownName("architecture", arch, names()) from error


def names() -> list[str]:
    """Return the names of all architectures."""
    return sorted(n for registry in families().values() for n in registry.names())


def summaries() -> str:
    """Return a block for the end of a command's help."""
    lines = ["Architectures, by family, and what --set takes:"]
    for family, registry in families().items():
        shared = import_module(registry.package).INPUT
        of_all = " ".join(f"{key}={default}" for key, default in shared.items())
        lines += ["", f"  {family}: {of_all}"]
        for name in registry.names():
            lines.append(f"  {name:<8}{registry.summary(name)}")
            lines += indent_words(registry.parameters(name))
    return "\b\n" + "\n".join(line or "\n\b" for line in lines)
