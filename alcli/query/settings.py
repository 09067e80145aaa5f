"""Settings of `select`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from math import isnan
from typing import Any

from alcli.core.errors import UsageError
from alcli.core.settings import seed_setting, setting
from alcli.query.strategies import strategies


@dataclass(frozen=True)
class SelectionSettings:
    """Size, strategy and strata of a batch.

    n: number of records. strategy: name, or function `(scored, **params) -> utility`.
    params: keyword arguments of the strategy.

    Raises:
        UsageError: options contradict each other, or min_utility is NaN.
    """

    n: int = setting(MISSING, "-n", minimum=1, help="Number of records to select.")
    strategy: str | Callable[..., Any] = setting(  # noqa: RUF009 - it is immutable
        "margin",
        "-s",
        "--strategy",
        plugins=strategies,
        help="Strategy: a name from the list below, or FILE.py:FUNCTION.",
    )
    stratify: str | None = setting(
        None, metavar="FIELD", help="Share the batch among the values of FIELD."
    )
    shares: str | None = setting(
        None,
        choices=("proportional", "equal", "sqrt"),
        help="Shares of the values of FIELD: proportional to their numbers of records "
        "or to the square roots of these, or equal.  [default: proportional]",
    )
    per_class: bool = setting(
        False,
        help="Select equally many of each predicted class: --stratify pred "
        "--shares equal.",
    )
    diversify: bool = setting(
        False,
        help="Of the 5 n records of largest utility select those far from each other "
        "and from the labelled ones, by --vectors.",
    )
    min_utility: float | None = setting(
        None,
        metavar="X",
        help="Exclude records of less utility; the batch may be smaller.",
    )
    subsample: int | None = setting(
        None,
        metavar="N",
        minimum=1,
        help="Select by vectors from a random sample of N records.",
    )
    mix_random: float = setting(
        0.0,
        metavar="SHARE",
        minimum=0,
        maximum=1,
        show_default=False,
        help="Select this share of the batch at random.",
    )
    seed: int = seed_setting()
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.per_class and (self.stratify or self.shares):
            raise UsageError("--per-class means --stratify pred --shares equal")
        if self.min_utility is not None and isnan(self.min_utility):
            raise UsageError("--min-utility nan: expected a number")

    @property
    def strata(self) -> tuple[str | None, str | None]:
        """Field whose values are the strata, and their shares."""
        return ("pred", "equal") if self.per_class else (self.stratify, self.shares)

    @property
    def strategy_name(self) -> str:
        """Name of the strategy in `query`."""
        if isinstance(self.strategy, str):
            return self.strategy
        return getattr(self.strategy, "__name__", "strategy")

    @property
    def n_random(self) -> int:
        """Number of records selected at random."""
        return round(self.n * self.mix_random)


@dataclass(frozen=True)
class SelectionFiles:
    """Paths of the inputs of `select` beside the scored records."""

    vectors: tuple[str, ...] = setting(
        (),
        file=True,
        help="Arrow file of vectors by id, as of `alcli score --vectors` (repeatable).",
    )
    labelled: tuple[str, ...] = setting(
        (),
        file=True,
        help="Labelled records, which are never selected; strategies compare records "
        "with them (repeatable).",
    )
    votes: tuple[str, ...] = setting(
        (),
        file=True,
        help="Ledger of votes, for strategies that relabel (repeatable).",
    )
    exclude: tuple[str, ...] = setting(
        (),
        file=True,
        help="Exclude records whose id appears in FILE (repeatable).",
    )
