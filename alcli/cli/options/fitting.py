"""Options of every command that trains."""

from __future__ import annotations

from collections.abc import Iterable

import click

from alcli.cli.options.group import Option, option_group
from alcli.cli.options.settings import from_settings
from alcli.core.threads import limit
from alcli.models.settings import TrainingSettings


def training_options(*, without: Iterable[str] = ()) -> Option:
    """Return a decorator that adds the options of `TrainingSettings`, and `--threads`.

    The command gets them as `training`.

    without: fields without an option.
    """
    return option_group(
        from_settings(TrainingSettings, parameter="training", without=without), _threads
    )


def _limit_threads(ctx: click.Context, _: click.Parameter, value: int | None) -> None:
    if value:
        limit(value)


# eager: the limit is set before a package of computations is imported
_threads = click.option(
    "--threads",
    type=click.IntRange(min=1),
    expose_value=False,
    is_eager=True,
    callback=_limit_threads,
    help="Number of threads that compute.  [default: all cores]",
)
