"""Options of `select` that no other command has."""

from __future__ import annotations

import click

from alcli.cli import options
from alcli.cli.options.group import option_group
from alcli.query.strategies import strategies

# in the order of the help
selection_options = option_group(
    click.option(
        "-n", "n", type=click.IntRange(min=1), required=True, help="How many."
    ),
    click.option(
        "-s",
        "--strategy",
        type=options.PluginName(strategies),
        default="margin",
        show_default=True,
        help="A name from below, or FILE.py:FUNCTION.",
    ),
    click.option(
        "--stratify",
        metavar="FIELD",
        help="Share the batch among the values of FIELD.",
    ),
    click.option(
        "--shares",
        type=click.Choice(["proportional", "equal", "sqrt"]),
        help="How: in proportion to their numbers, to the square roots of these, or "
        "all alike.  [default: proportional]",
    ),
    click.option(
        "--per-class",
        is_flag=True,
        help="As many of every predicted class: --stratify pred --shares equal.",
    ),
    click.option(
        "--diversify",
        is_flag=True,
        help="Of the 5 n best take those far from each other, and from the labelled "
        "ones, by --vectors.",
    ),
    click.option(
        "--min-utility",
        type=float,
        metavar="X",
        help="Leave out records of less utility, and choose fewer.",
    ),
    click.option(
        "--vectors",
        multiple=True,
        type=options.INPUT,
        help="An Arrow file of vectors by id, of `alcli score --vectors`; repeatable.",
    ),
    click.option(
        "--labelled",
        multiple=True,
        type=options.INPUT,
        help="Records that are labelled: never chosen, but shown to the strategy.",
    ),
    click.option(
        "--votes",
        multiple=True,
        type=options.INPUT,
        help="The ledger of votes, for strategies that ask again, too; repeatable.",
    ),
    click.option(
        "--subsample",
        type=click.IntRange(min=1),
        metavar="N",
        help="Choose by vectors from a sample of N records.",
    ),
    options.exclude,
    click.option(
        "--mix-random",
        type=click.FloatRange(0, 1),
        default=0.0,
        metavar="SHARE",
        help="Choose this share of the batch at random.",
    ),
)
