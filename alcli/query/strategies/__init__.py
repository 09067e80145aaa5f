"""Query strategies: selection of the records to label next.

A pointwise strategy is a function `(scored, **params) -> utility (n,)` of each record
alone; the largest utility is selected first. A batch strategy is a function
`(pool, n, rng, **params) -> rows`, best first, of all records together: their vectors,
and the labelled ones. Neither sees a model, a file or a global random state. To add
one, write `alcli/query/strategies/NAME.py` with a function of that name, and its test;
a plain function of scored records is a strategy, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING, Self

from alcli.core.registry import Registry, indent_words
from alcli.core.types import Float32s, Floats, Indices
from alcli.query.signals import signal_key, signals

if TYPE_CHECKING:
    from numpy.random import Generator

    from alcli.annotation.aggregators import Votes

type Rows = Indices  # of a pool; the name in `alcli.plugins`
type Strategy = Pointwise | Batch

# needs that the scored records themselves cannot meet
POOL_LEVEL_NEEDS = frozenset(
    {"vectors", "labelled", "labels", "labelled-probs", "votes"}
)


@dataclass(frozen=True)
class Scored:
    """Input of a pointwise strategy, a row for each record.

    ids: n strings. probs: (n, C), rows sum to 1. signals: name -> (n,).
    seed: of the noise.
    """

    ids: Sequence[str]
    probs: Floats
    signals: Mapping[str, Floats] = field(default_factory=dict)
    seed: int = 0

    @cached_property
    def noise(self) -> Floats:
        """Uniform random numbers in (0, 1) of seed and id alone, (n,)."""
        from alcli.core.ids import seeded_uniform

        return seeded_uniform(self.seed, self.ids)

    def take(self, rows: Rows) -> Self:
        """Return some rows."""
        return type(self)(
            [self.ids[row] for row in rows.tolist()],
            self.probs[rows],
            {name: values[rows] for name, values in self.signals.items()},
            self.seed,
        )


@dataclass(frozen=True)
class Pool:
    """Input of a batch strategy, a row for each record.

    Rows are sorted by noise, classes by name: the order of the input does not matter,
    ties go to the first row, and the first rows are a random sample. No two records
    have the same `tokens`.

    vectors: (n, d), finite. labels: (n,) class indices, -1 without a label.
    labelled: the labelled records. votes: items are the rows of the pool, and after
    them records that may not be selected, from which annotators are judged, too.
    """

    scored: Scored
    vectors: Float32s
    labels: Indices | None = None
    labelled: Pool | None = None
    votes: Votes | None = None

    def __len__(self) -> int:
        return len(self.scored.ids)

    def take(self, rows: Rows) -> Pool:
        """Return some rows, in ascending order, with all labelled records; no votes."""
        labels = None if self.labels is None else self.labels[rows]
        vectors = self.vectors[rows]
        return Pool(self.scored.take(rows), vectors, labels, self.labelled)


@dataclass(frozen=True)
class Size:
    """Size of a selection: n records, `labelled` others, width d, k to select.

    votes: number of votes, on `voted` records.
    """

    n: int
    d: int
    classes: int
    labelled: int
    k: int
    votes: int = 0
    voted: int = 0


class Pointwise:
    """A pointwise strategy, the fields that it needs, and its strata."""

    def __init__(
        self,
        utility: Callable[..., Floats],
        needs: tuple[str, ...] = ("probs",),
        stratify: str | None = None,
        shares: str = "proportional",
    ) -> None:
        self.utility, self.needs = utility, needs
        self.stratify, self.shares = stratify, shares
        update_wrapper(self, utility)

    def __call__(self, scored: Scored, **params: object) -> Floats:
        """Return the utility of each record, (n,)."""
        return self.utility(scored, **params)


class Batch:
    """A batch strategy, the inputs that it needs, and its memory in bytes.

    centred: whether the mean of the vectors may be moved to the origin.
    """

    def __init__(
        self,
        select: Callable[..., Rows],
        needs: tuple[str, ...],
        memory: Callable[[Size], int],
        centred: bool = False,
    ) -> None:
        self.select, self.needs, self.memory = select, needs, memory
        self.centred = centred
        update_wrapper(self, select)

    def __call__(self, pool: Pool, n: int, rng: Generator, **params: object) -> Rows:
        """Return min(n, len(pool)) different rows, best first."""
        import numpy as np

        n = min(n, len(pool))
        return self.select(pool, n, rng, **params) if n else np.empty(0, np.intp)


def pointwise(
    *needs: str, stratify: str | None = None, shares: str = "proportional"
) -> Callable[[Callable[..., Floats]], Pointwise]:
    """Declare the needs of a strategy, `probs` or names of signals, and its strata.

    stratify: field whose values share the batch. shares: of each value,
    `proportional` to its number of records, to the `sqrt` of that, or `equal`.
    """
    return lambda utility: Pointwise(utility, needs, stratify, shares)


def batch(
    *needs: str, memory: Callable[[Size], int], centred: bool = False
) -> Callable[[Callable[..., Rows]], Batch]:
    """Declare the needs of a strategy, and its memory in bytes beyond the pool.

    needs: `probs`, `vectors`; `labelled` (at least one record), `labels` (at least one
    with a label), `labelled-probs`; `votes`; names of signals. Other inputs may be
    empty. centred: only distances between vectors count, no lengths and no angles, so
    their mean is moved to the origin, where float32 distances are most precise.
    """
    return lambda select: Batch(select, needs, memory, centred)


strategies: Registry[Callable[..., object]] = Registry("strategy", __name__)


def summaries(*, option: str = "--set") -> str:
    """Return the list of strategies and signals for the end of a command's help."""
    title = "  Each signal of `alcli score --signal` is a strategy, largest first:"
    names = ", ".join(signals.names()).split(" ")
    return "\n".join([strategies.summaries(option=option), title, *indent_words(names)])


def lookup(strategy: str | Callable[..., object]) -> Strategy:
    """Return a strategy by its name; a plain function is a pointwise strategy.

    The name of a signal is a strategy, too: that signal, largest first.

    Raises:
        UsageError: the name is unknown.
    """
    if isinstance(strategy, str) and strategy in signals.names():
        return _largest(signal_key(strategy))
    found = strategies.get(strategy) if isinstance(strategy, str) else strategy
    return found if isinstance(found, Pointwise | Batch) else Pointwise(found)  # type: ignore[arg-type]


def name_of(strategy: Strategy) -> str:
    """Return the command-line name of a strategy, for messages."""
    return getattr(strategy, "__name__", "function").replace("_", "-")


def _largest(signal: str) -> Pointwise:
    def utility(scored: Scored) -> Floats:
        """Return the signal that `score --signal` wrote for each record."""
        return scored.signals[signal]

    utility.__name__ = signal
    return Pointwise(utility, (signal,))


def top(utility: Floats | Float32s, n: int) -> Rows:
    """Return the n rows of largest utility, best first; ties go to the first row."""
    import numpy as np

    return np.argsort(-utility, kind="stable")[:n]
