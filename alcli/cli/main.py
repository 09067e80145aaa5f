"""The `alcli` command: finds commands by file name; the only place where errors,
signals and broken pipes become messages and exit statuses.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from alcli.cli.options import StdoutClosed
from alcli.cli.options.files import new_report
from alcli.cli.surroundings import SURROUNDINGS, LenientStream, is_memory_limited
from alcli.core.errors import AlcliError, Signalled
from alcli.core.printable import printable
from alcli.core.registry import Registry

if TYPE_CHECKING:
    from logging import LogRecord

    from alcli.core.report import Report

commands: Registry[Any] = Registry("command", "alcli.commands")

USAGE, BUG = 2, 70


class CommandFolder(click.Group):
    """A group whose commands are the files of `alcli/commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names, without importing any of them."""
        return commands.names()

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in commands.names():
            return None
        module = import_module(f"{commands.package}.{name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands by the first lines of their files."""
        with formatter.section("Commands"):
            formatter.write_dl([(n, commands.summary(n)) for n in commands.names()])


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"alcli {version('alcli')}")
        ctx.exit()


@click.group(
    cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version.",
)
def group() -> None:
    """Active learning on text, as small commands to be joined by pipes.

    Each command reads JSON Lines and writes JSON Lines, or a model checkpoint.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its status (see DESIGN, Commands)."""
    args = list(sys.argv[1:] if args is None else args)
    # closed by the caller: nothing to read, nobody to write to
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = LenientStream(sys.stderr or open(os.devnull, "w"))  # noqa: SIM115
    name = next((a for a in args if not a.startswith("-")), "")
    prefix = f"alcli {name}" if name in commands.names() else "alcli"
    report = _listen(prefix, args)
    status, died_of = 0, None
    error: Exception | None = None
    limited = is_memory_limited()
    try:
        with _signals():
            answer = group(args, prog_name="alcli", standalone_mode=False, obj=report)
            status = answer if isinstance(answer, int) else 0
            sys.stdout.flush()
    except (StdoutClosed, BrokenPipeError):
        _drop_stdout()
    except AlcliError as problem:
        status, error = problem.status, problem
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        status = USAGE
    except click.ClickException as problem:
        status, error = problem.exit_code, problem
    except Signalled as problem:
        died_of = problem.args[0]
    except MemoryError as problem:
        status, error = SURROUNDINGS, problem
    except OSError as problem:
        status, error = SURROUNDINGS, problem
    except ModuleNotFoundError as problem:
        status, error = BUG, problem
    except (ImportError, SystemError) as problem:  # NumPy and others, out of memory
        status, error = (SURROUNDINGS, MemoryError()) if limited else (BUG, problem)
    except Exception as problem:
        status, error = BUG, problem
    _end(prefix, args, report, status, error, died_of)


class _NoReport:
    """Report of a run that ends in help."""

    path: str | None = None

    def write(self, *, status: int, error: str | None) -> None:
        """Write nothing."""

    def input(self, path: str) -> None:
        """Forget an input file."""


def _end(
    prefix: str,
    args: Sequence[str],
    report: Report,
    status: int,
    error: Exception | None,
    died_of: int | None,
) -> None:
    message = _message(error) if error else None
    if error and (status == BUG or "--debug" in args):
        import traceback

        traceback.print_exception(error)
    if message:
        print(f"{prefix}: {printable(message)}", file=sys.stderr)  # noqa: T201
    report.write(status=-died_of if died_of else status, error=message)
    if died_of:
        signal.signal(died_of, signal.SIG_DFL)
        os.kill(os.getpid(), died_of)
    try:
        sys.stdout.flush()
    except OSError:  # it was said; Python would say it again, with a status of its own
        _drop_stdout()
    sys.exit(status)


def _drop_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _message(error: Exception) -> str:
    if isinstance(error, click.ClickException):
        text = error.format_message()
        usage = isinstance(error, click.UsageError)
        return f"{text} (try --help)" if usage else text
    if isinstance(error, MemoryError):
        return f"out of memory{f': {error}' if str(error) else ''}"
    if isinstance(error, OSError):
        return f"{f'{error.filename}: ' if error.filename else ''}{error.strerror}"
    if isinstance(error, AlcliError):
        return str(error)
    return f"this is a bug in alcli: {type(error).__name__}: {error}"


def _listen(prefix: str, args: Sequence[str]) -> Any:
    """Return a report, and let what the library says reach stderr.

    A call that ends in help needs neither, and is spared the imports.
    """
    if (
        {"--help", "-h", "--version"} & set(args)
        or not args
        or "_ALCLI_COMPLETE" in os.environ
    ):
        return _NoReport()
    import logging

    gc.set_threshold(50_000, 20, 20)  # records are many, and none is part of a cycle
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(f"{prefix}: %(message)s"))
    handler.addFilter(_make_printable)
    log = logging.getLogger("alcli")
    log.handlers = [handler]
    log.setLevel("INFO")
    return new_report(prefix.removeprefix("alcli "), args)


def _make_printable(line: LogRecord) -> bool:
    line.msg, line.args = printable(line.getMessage()), ()
    return True


@contextmanager
def _signals() -> Iterator[None]:
    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one ends us at once
        Signalled.number = number
        if not Signalled.deferred:
            raise Signalled(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, end)
    yield
