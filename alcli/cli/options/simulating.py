"""Options of `simulate`: strategies, architectures, seeds, sizes, annotators."""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.cli.options.group import option_group
from alcli.cli.options.shares import Shares

# the options of `simulate` that no other command has
simulation_options = option_group(
    click.option(
        "--append",
        "curve",
        type=options.OUTPUT,
        help="Add the records to this ledger; what stands there is done.",
    ),
    click.option("--test", type=options.INPUT, help="Labelled records to measure on."),
    click.option(
        "--test-size",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="Without --test: hold out so many records, or this part.  [default: 0.2]",
    ),
    click.option(
        "--stop-size",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Note the model's predictions on so many records of the pool.",
    ),
    click.option(
        "-s",
        "--strategy",
        "strategies_",
        multiple=True,
        default=("random", "margin"),
        show_default=True,
        metavar="NAME[,KEY=VALUE]",
        help="A name from below, or FILE.py:FUNCTION; repeatable.",
    ),
    click.option(
        "--arch",
        "archs",
        multiple=True,
        default=("logreg",),
        show_default=True,
        metavar="NAME[,KEY=VALUE]",
        help="A name from below; repeatable.",
    ),
    click.option(
        "-n",
        "sizes",
        type=click.IntRange(min=1),
        multiple=True,
        default=(100,),
        show_default=True,
        help="How many are asked in a round; repeatable.",
    ),
    click.option(
        "--start",
        "starts",
        multiple=True,
        default=("random",),
        show_default=True,
        metavar="NAME",
        help="The strategy that chooses the first records, or per-class=K: K records "
        "of each class, by their labels; repeatable.",
    ),
    click.option(
        "--start-size",
        type=click.IntRange(min=1),
        metavar="N",
        help="How many are labelled at first.  [default: -n]",
    ),
    click.option(
        "--seeds",
        type=click.IntRange(min=1),
        default=10,
        show_default=True,
        metavar="K",
        help="How many, from --seed on.",
    ),
    options.seed,
    click.option(
        "--until",
        multiple=True,
        metavar="NAME[=VALUE]",
        help="End a run when this is so, as in `proceed`; repeatable, any will do. "
        "[default: when the pool is empty]",
    ),
    click.option(
        "--baselines", is_flag=True, help="Train on the whole pool, too: paper, strong."
    ),
    click.option(
        "--noise",
        type=Shares(),
        metavar="SHARE[,SHARE...]",
        default="0",
        help="The share of wrong answers, of all annotators or of each.",
    ),
    click.option(
        "--annotators",
        type=click.IntRange(min=1),
        metavar="K",
        help="How many answer each record.  [default: 1 per SHARE]",
    ),
    click.option(
        "--aggregate",
        default="majority",
        show_default=True,
        metavar="NAME[,KEY=VALUE]",
        help="How their votes become a label.",
    ),
    click.option(
        "--newest",
        type=click.Choice(["first", "last"]),
        default="first",
        show_default=True,
        help="Where the newest labels stand in what models are trained on.",
    ),
)
