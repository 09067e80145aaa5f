"""Options of `label`: annotators, classes, gold questions."""

from __future__ import annotations

import click

from alcli.cli.options.files import InputFile
from alcli.cli.options.group import option_group
from alcli.cli.options.shares import Shares

CHECK = 0.05


# how people are asked, and how simulated annotators answer
labelling_options = option_group(
    click.option(
        "--gold",
        type=InputFile(),
        help="Known labels: what gold answers; checks on people.",
    ),
    click.option(
        "--noise",
        type=Shares(),
        default="0",
        metavar="SHARE[,SHARE...]",
        help="With gold: the share of wrong answers, of all or of each annotator.",
    ),
    click.option(
        "--annotators",
        type=click.IntRange(min=1),
        metavar="K",
        help="With gold: how many answer each record.  [default: 1 per SHARE]",
    ),
    click.option(
        "--class",
        "classes",
        multiple=True,
        metavar="NAME",
        help="With people: what they may answer, in this order; repeatable.",
    ),
    click.option(
        "--annotator", metavar="NAME", help="With people: who answers, if it is one."
    ),
    click.option(
        "--redundancy",
        type=click.IntRange(min=1),
        metavar="K",
        help="With people: how many answer each record.  [default: 1]",
    ),
    click.option("--guidelines", type=InputFile(), help="Markdown for people."),
    click.option(
        "--check",
        type=click.FloatRange(0, 1, max_open=True),
        metavar="SHARE",
        help=f"With people: share of questions taken from --gold.  [default: {CHECK}]",
    ),
    click.option("--suggest", is_flag=True, help="Show people the model's guess."),
    click.option("--host", help="With web: where it listens.  [default: 127.0.0.1]"),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        help="With web; 0 is any that is free.  [default: 0]",
    ),
)
