"""Settings of `label` and `merge-labels`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from alcli.annotation.aggregators import aggregators
from alcli.core.errors import UsageError
from alcli.core.settings import seed_setting, setting

CHECK = 0.05  # share of gold questions


def parse_noise(text: str) -> tuple[float, ...]:
    """Parse `--noise`: one error rate of all annotators, or one of each."""
    try:
        shares = tuple(map(float, text.split(",")))
    except ValueError:
        shares = (-1.0,)
    if not all(0 <= share <= 1 for share in shares):
        raise UsageError(f"--noise {text}: expected shares from 0 to 1: 0.1 or 0,0.25")
    return shares


def error_rates(
    noise: float | Sequence[float], annotators: int | None
) -> Sequence[float]:
    """Return the error rate of each annotator; one number is that of all.

    Raises:
        UsageError: several numbers, and not one per annotator.
    """
    rates = [noise] if isinstance(noise, (int, float)) else noise
    if len(rates) == 1:
        return [*rates] * (annotators or 1)
    if annotators not in (None, len(rates)):
        raise UsageError(f"{len(rates)} shares of noise for {annotators} annotators")
    return rates


@dataclass(frozen=True)
class LabellingSettings:
    """Settings of labelling; each labeler takes some of them.

    gold, guidelines: paths. None: the labeler's default.
    """

    gold: str | None = setting(
        None,
        file=True,
        help="Records with known labels: the answers of gold; gold questions for "
        "people.",
    )
    noise: tuple[float, ...] = setting(
        (0.0,),
        metavar="SHARE[,SHARE...]",
        parse=parse_noise,
        show_default=False,
        help="With gold: share of wrong answers, of all annotators or of each.",
    )
    annotators: int | None = setting(
        None,
        metavar="K",
        minimum=1,
        help="With gold: number of annotators.  [default: 1 per SHARE]",
    )
    classes: tuple[str, ...] = setting(
        (),
        "--class",
        metavar="NAME",
        help="With people: class, in the order of the buttons (repeatable).",
    )
    annotator: str | None = setting(
        None, metavar="NAME", help="With people: name of the only annotator."
    )
    redundancy: int | None = setting(
        None,
        metavar="K",
        minimum=1,
        help="With people: number of annotators per record.  [default: 1]",
    )
    guidelines: str | None = setting(
        None, file=True, help="With people: guidelines in Markdown."
    )
    check: float | None = setting(
        None,
        metavar="SHARE",
        minimum=0,
        maximum=1,
        open_maximum=True,
        help=f"With people: share of gold questions, from --gold.  [default: {CHECK}]",
    )
    suggest: bool = setting(False, help="With people: display the model's prediction.")
    host: str | None = setting(
        None, help="With web: address of the server.  [default: 127.0.0.1]"
    )
    port: int | None = setting(
        None,
        minimum=0,
        maximum=65535,
        help="With web: port of the server; 0 is any free one.  [default: 0]",
    )
    seed: int = seed_setting()


@dataclass(frozen=True)
class MergeSettings:
    """Settings of merging votes into labels.

    aggregate: name of an aggregator, or a function. params: its parameters. min_votes,
    min_confidence: least values of a label, unless it is known.
    """

    aggregate: str | Callable[..., Any] = setting(  # noqa: RUF009 - makes a field
        "majority", plugins=aggregators, help="Aggregator of votes: a name from below."
    )
    min_votes: int = setting(
        1,
        metavar="N",
        minimum=1,
        show_default=False,
        help="Leave out ids with fewer than N votes.",
    )
    min_confidence: float = setting(
        0.0,
        metavar="P",
        minimum=0,
        maximum=1,
        show_default=False,
        help="Leave out ids with a label_confidence below P.",
    )
    newest: Literal["first", "last"] = setting(
        "last",
        choices=("first", "last"),
        help="Position of the ids with the latest votes in the output.",
    )
    params: Mapping[str, Any] = field(default_factory=dict)
