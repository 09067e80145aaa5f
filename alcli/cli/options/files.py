"""Files named on the command line: inputs and outputs.

No two outputs are one file, and nothing but `-o`, which writes aside and moves into
place, may name a file that is read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from alcli.core.errors import UsageError
from alcli.core.inputs import STDIO, regular_target

if TYPE_CHECKING:
    from alcli.core.report import Report


def report() -> Report:
    """Return the report of the command that is running."""
    context = click.get_current_context()
    if context.obj is None:  # a command called as a function, without `main`
        context.obj = new_report()
    found: Report = context.obj
    return found


def new_report(command: str = "", arguments: Sequence[str] = ()) -> Report:
    """Return the report of a run; help, which needs none, is spared its imports."""
    from alcli.core.report import Report

    return Report(command, arguments)


class _File(click.ParamType[str]):
    name = "FILE"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Let the shell complete file names."""
        return [CompletionItem(incomplete, type="file")]


class InputFile(_File):
    """A file that the command reads: `--report` names it, with its sha256.

    Every option and argument for such a file has this type, and nothing more is needed.
    """

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Note the file, before the command can replace it."""
        if ctx and not ctx.resilient_parsing:  # completion only parses
            _note_read(value)
        report().input(value)
        return value


class OutputFile(_File):
    """A file that the command writes; every option for one has this type."""

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Note the file, and refuse one that another option writes."""
        if param and ctx and not ctx.resilient_parsing:
            writing(value, param.opts[0])
        return value


def reading(files: tuple[str, ...]) -> None:
    """Note stdin where no file is named; refuse a keyboard: records are not typed.

    Raises:
        UsageError: stdin is a terminal; the help has been shown.
    """
    if not files:
        report().input(STDIO)
    if (not files or STDIO in files) and sys.stdin.isatty():
        click.echo(click.get_current_context().get_help(), err=True)
        raise UsageError("stdin is a terminal: name a FILE, or pipe records in")


def writing(path: str, option: str) -> None:
    """Note a file that an option writes.

    Raises:
        UsageError: another option writes it, or it is read, perhaps by another name.
    """
    files, place = _files(), _place(path)
    if place is None:  # a pipe or a device takes all that comes
        return
    other = files.written.setdefault(place, option)
    if other != option:
        raise _refusal(f"{other} and {option} are the same file, {path}", option, other)
    if place in files.read:
        _check_read(path, option)


class _Files:
    def __init__(self) -> None:
        self.read: set[str] = set()
        self.written: dict[str, str] = {}  # and the option


def _files() -> _Files:
    found: _Files = click.get_current_context().meta.setdefault(__name__, _Files())
    return found


def _place(path: str) -> str | None:
    if path == STDIO or (target := regular_target(path)) is None:
        return None
    try:  # two names of one file are one place
        found = os.stat(target)
    except OSError:
        return target
    return f"{found.st_dev}:{found.st_ino}"


def _note_read(path: str) -> None:
    files, place = _files(), _place(path)
    if place is not None:
        files.read.add(place)
        _check_read(path, files.written.get(place, "-o"))


def _check_read(path: str, option: str) -> None:
    if option != "-o":  # which comes into being aside, and is moved into place
        raise _refusal(f"{option} would write to {path}, which is read", option)


def _refusal(problem: str, *options: str) -> UsageError:
    if "--report" in options:  # it would be written there all the same
        report().path = None
    return UsageError(f"{problem}; name another")
