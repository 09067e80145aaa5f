"""Options of every command that trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from alcli.cli.options.group import option_group

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add them; they reach the command by the names of `FitOptions`."""
    return common_training_options(_ON_INTERRUPT(command))


def common_training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all but `--on-interrupt`."""
    return option_group(*_OPTIONS)(command)


def _threads(ctx: click.Context, _: click.Parameter, value: int | None) -> None:
    if value:
        from alcli.core.threads import limit

        limit(value)


_ON_INTERRUPT = click.option(
    "--on-interrupt",
    type=click.Choice(["save", "discard"]),
    default="discard",
    show_default=True,
    help="save: a signal ends the epochs, and the best so far is written.",
)
_OPTIONS = (
    click.option(
        "--epochs",
        type=click.IntRange(min=0),
        help="Passes over the records; 0 writes an untrained model.  [default: 10, or "
        "more to make 80 steps]",
    ),
    click.option(
        "--batch-size",
        type=click.IntRange(min=1),
        default=64,
        show_default=True,
        help="Records in a training step.",
    ),
    click.option(
        "--learning-rate",
        type=click.FloatRange(min=0, min_open=True),
        default=0.001,
        show_default=True,
        help="Of Adam.",
    ),
    click.option(
        "--schedule",
        type=click.Choice(["constant", "linear", "cosine"]),
        default="constant",
        show_default=True,
        help="How the learning rate falls.",
    ),
    click.option(
        "--warmup",
        type=click.FloatRange(0, 1),
        default=0.0,
        metavar="SHARE",
        help="Of the steps, in which the learning rate rises first.",
    ),
    click.option(
        "--validation",
        metavar="SHARE",
        help="Hold out this share, by the hash of the id; or tail=SHARE: the last.",
    ),
    click.option(
        "--patience",
        type=click.IntRange(min=1),
        help="End after so many epochs without a lower validation loss; keep the best.",
    ),
    click.option(
        "--calibrate",
        type=click.Choice(["none", "temperature"]),
        default="none",
        show_default=True,
        help="Make the probabilities as sure as they are right on --validation.",
    ),
    click.option(
        "--class-weight",
        type=click.Choice(["capped", "balanced", "none"]),
        default="capped",
        show_default=True,
        help="Weight of a record of a class with n_c of the n records: n / (C n_c), at "
        "most 3 (capped); without that limit (balanced); 1 (none).",
    ),
    click.option(
        "--order",
        type=click.Choice(["shuffle", "file"]),
        default="shuffle",
        show_default=True,
        help="The order of the records in an epoch.",
    ),
    click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        default="float32",
        show_default=True,
        help="Of a network's arithmetic; mixed ones are for GPUs.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        expose_value=False,
        is_eager=True,
        callback=_threads,
        help="To compute with.  [default: all cores]",
    ),
)
