"""Architectures: one folder per family, one file per architecture.

To add one, write `alcli/models/architectures/FAMILY/NAME.py` with a function of that
name, and its test. The docstring of the family's folder defines the arguments and the
result of the function.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from alcli.core.errors import UnknownName
from alcli.core.registry import Registry, indent_words
from alcli.models.architectures.linear import LinearArchitecture


@cache
def registries() -> dict[str, Registry[Callable[..., Any]]]:
    """Return the registries of architectures, keyed by family name."""
    folder = os.path.dirname(__file__)
    names = [n for n in sorted(os.listdir(folder)) if n[0] not in "_." and "." not in n]
    return {
        name: Registry("architecture", f"{__name__}.{name}", group="models")
        for name in names
    }


def family_of(arch: str) -> str:
    """Return the family name of an architecture.

    A user's own architecture is linear if it is a `LinearArchitecture`, else token.

    Raises:
        UnknownName: no architecture has this name; the message lists the known names.
    """
    for family, registry in registries().items():
        if arch in registry.names():
            return family
    return "linear" if isinstance(get(arch), LinearArchitecture) else "token"


def get(arch: str) -> Callable[..., Any]:
    """Return an architecture by name: built in, `./mine.py:f`, or an entry point.

    Raises:
        UnknownName: no architecture has this name; the message lists the known names.
    """
    for registry in registries().values():
        if arch in registry.names():
            return registry.get(arch)
    try:
        return registries()["token"].get(arch)
    except UnknownName as error:
        raise UnknownName("architecture", arch, names()) from error


def names() -> list[str]:
    """Return the names of all built-in and installed architectures, sorted."""
    return sorted(n for registry in registries().values() for n in registry.names())


def summaries() -> str:
    """Return a summary of all architectures, for the end of a command's help."""
    lines = ["Architectures by family, with the parameters of --set:"]
    for family, registry in registries().items():
        shared = import_module(registry.package).INPUT
        of_all = " ".join(f"{key}={default}" for key, default in shared.items())
        lines += ["", f"  {family}: {of_all}"]
        for name in registry.names():
            lines.append(f"  {name:<8}{registry.summary(name)}")
            lines += indent_words(registry.parameters(name))
    return "\b\n" + "\n".join(line or "\n\b" for line in lines)
