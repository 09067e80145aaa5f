"""Options that commands share, so that they look alike everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from alcli.cli.options.files import InputFile as InputFile
from alcli.cli.options.files import OutputFile as OutputFile
from alcli.cli.options.files import reading as reading
from alcli.cli.options.files import report as report
from alcli.cli.options.files import writing as writing
from alcli.cli.options.group import Option
from alcli.cli.options.plugin_name import PluginName as PluginName
from alcli.cli.options.settings import gathered
from alcli.core.errors import UsageError
from alcli.core.run_options import MAX_LINE, RunOptions


class StdoutClosed(Exception):
    """Closed stdout: its reader went away, which is no error."""


class Command(click.Command):
    """A command with `--report`, `-q` and `--debug`; its context holds a `Report`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(
                ["--report"],
                type=OUTPUT,
                expose_value=False,
                is_eager=True,
                callback=_report,
                help="Write counts, inputs and settings of this run to FILE, as JSON.",
            ),
            click.Option(
                ["-q", "--quiet"],
                is_flag=True,
                expose_value=False,
                callback=_quiet,
                help="Print errors only.",
            ),
            click.Option(
                ["--debug"],
                is_flag=True,
                expose_value=False,
                help="Print the traceback of an error.",
            ),
        ]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if ctx.params.get("rejects") and not ctx.params["skip_invalid"]:
            raise UsageError("--rejects goes with --skip-invalid")
        for param in self.params:
            _check_finite(param, ctx.params.get(param.name or ""))
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise StdoutClosed from error


def _check_finite(param: click.Parameter, value: object) -> None:
    """Reject NaN and infinity, whatever the option."""
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, float) and not math.isfinite(item):
            raise UsageError(f"{param.opts[0]} {item}: expected a finite number")


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a command that has the common options."""
    return click.command(name, cls=Command, **attributes)


def _files(
    ctx: click.Context, _: click.Parameter, files: tuple[str, ...]
) -> tuple[str, ...]:
    if not ctx.resilient_parsing:  # completion only parses
        reading(files)
    return files


def _report(ctx: click.Context, _: click.Parameter, path: str | None) -> None:
    report().path = path


def _quiet(ctx: click.Context, _: click.Parameter, quiet: bool) -> None:
    if quiet:
        import logging

        logging.getLogger("alcli").setLevel("ERROR")


INPUT, OUTPUT = InputFile(), OutputFile()
inputs = click.argument(
    "files", metavar="[FILE]...", nargs=-1, type=INPUT, callback=_files
)
output = click.option(
    "-o",
    "--output",
    type=OUTPUT,
    default="-",
    help="Output file, written whole or not at all.  [default: stdout]",
)
jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    envvar="ALCLI_JOBS",
    help="Number of processes.  [default: $ALCLI_JOBS or 1]",
)
skip_invalid = click.option(
    "--skip-invalid", is_flag=True, help="Skip invalid records, and count them."
)
rejects = click.option(
    "--rejects",
    type=OUTPUT,
    help="Write the lines that --skip-invalid skips to FILE.",
)
params = click.option(
    "--set",
    "params",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a parameter of the plug-in (repeatable).",
)


max_line = click.option(
    "--max-line",
    type=click.IntRange(min=1 << 20),
    default=MAX_LINE,
    show_default="64 MB",
    metavar="BYTES",
    help="Refuse longer input lines; at least 1 MB.",
)


def run_options(*, jobs_too: bool = False) -> Option:
    """Return a decorator that adds `--skip-invalid`, `--rejects`, and perhaps `--jobs`.

    The command gets them, and the report, as `run`, a `RunOptions`.
    """
    names = ("skip_invalid", "rejects", "max_line", *(("jobs",) if jobs_too else ()))
    added = (skip_invalid, rejects, max_line)
    return gathered("run", _run_options, names, ((jobs,) if jobs_too else ()) + added)


def _run_options(**values: Any) -> RunOptions:
    return RunOptions(report(), **values)
