"""Option type for names of plug-ins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import click
from click.shell_completion import CompletionItem

from alcli.cli.options.files import report


class PluginNames(Protocol):
    """Names of plug-ins: a registry, or `alcli.models.architectures`."""

    def names(self) -> Sequence[str]:
        """Return them; nothing is imported."""
        ...


class PluginName(click.ParamType[str]):
    """The name of a plug-in; the registry answers unknown ones when it is asked."""

    name = "NAME"

    def __init__(self, registry: PluginNames) -> None:
        self.registry = registry

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Note the file of `FILE.py:FUNCTION`: it is read, too."""
        file, colon, _ = value.rpartition(":")
        if colon and file.endswith(".py"):
            report().input(file)
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so."""
        names = self.registry.names()
        return [CompletionItem(n) for n in names if n.startswith(incomplete)]
