"""Options that commands share, so that they look alike everywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from alcli.core.errors import UsageError
from alcli.core.registry import Registry

if TYPE_CHECKING:
    from alcli.core.report import Report

type Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class ReaderGone(Exception):
    """Whoever read our stdout went away; click must not make an error of it."""


class Command(click.Command):
    """A command with `--report`, `-q` and `--debug`; its context holds a `Report`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(
                ["--report"],
                metavar="FILE",
                expose_value=False,
                is_eager=True,
                callback=_report,
                help="Write what was done, as JSON, to FILE.",
            ),
            click.Option(
                ["-q", "--quiet"],
                is_flag=True,
                expose_value=False,
                callback=_quiet,
                help="Say nothing but errors.",
            ),
            click.Option(
                ["--debug"],
                is_flag=True,
                expose_value=False,
                help="Show the traceback of every error.",
            ),
        ]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if ctx.params.get("rejects") and not ctx.params["skip_invalid"]:
            raise UsageError("--rejects goes with --skip-invalid")
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a command that has the common options."""
    return click.command(name, cls=Command, **attributes)


def report() -> Report:
    """Return the report of the command that is running."""
    from alcli.core.report import Report

    return click.get_current_context().find_object(Report) or Report()


class PluginName(click.ParamType[str]):
    """The name of a plug-in; the registry answers unknown ones when it is asked."""

    name = "NAME"

    def __init__(self, registry: Registry[Any]) -> None:
        self.registry = registry

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so."""
        names = self.registry.names()
        return [CompletionItem(n) for n in names if n.startswith(incomplete)]


def at_terminal(files: tuple[str, ...]) -> bool:
    """Say whether records would be read from a keyboard."""
    return (not files or "-" in files) and sys.stdin.isatty()


def refuse_terminal(ctx: click.Context) -> None:
    """Show the help and end with status 2: records are not typed."""
    click.echo(ctx.get_help(), err=True)
    raise UsageError("stdin is a terminal: name a FILE, or pipe records in")


def _files(
    ctx: click.Context, _: click.Parameter, files: tuple[str, ...]
) -> tuple[str, ...]:
    if at_terminal(files) and not ctx.resilient_parsing:  # completion only parses
        refuse_terminal(ctx)
    return files


def _report(ctx: click.Context, _: click.Parameter, path: str | None) -> None:
    report().path = path


def _quiet(ctx: click.Context, _: click.Parameter, quiet: bool) -> None:
    if quiet:
        from alcli.core.report import log

        log.setLevel("ERROR")


inputs = click.argument("files", metavar="[FILE]...", nargs=-1, callback=_files)
output = click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    help="Where to write, all or nothing.  [default: stdout]",
)
seed = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Same seed: same output.",
)
exclude = click.option(
    "--exclude",
    multiple=True,
    metavar="FILE",
    help="Leave out records whose id is in FILE; repeatable.",
)
jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    envvar="ALCLI_JOBS",
    help="Processes.  [default: ALCLI_JOBS, else 1]",
)
skip_invalid = click.option(
    "--skip-invalid", is_flag=True, help="Go on after bad records, and count them."
)
rejects = click.option(
    "--rejects",
    metavar="FILE",
    help="Where --skip-invalid puts bad lines.",
)
params = click.option(
    "--set",
    "params",
    multiple=True,
    metavar="KEY=VALUE",
    help="A parameter of the plug-in; repeatable.",
)
field = click.option(
    "--field",
    default=None,
    metavar="NAME",
    help="The field that the model reads: tokens or text.  [default: tokens]",
)


def invalid(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--skip-invalid` and `--rejects`."""
    return skip_invalid(rejects(function))
