"""Query strategies: the choice of the records to label next.

A pointwise strategy is a function `(scored, **params) -> utility (n,)` of what stands
in each record; the largest utility is asked first. A batch strategy is a function
`(pool, n, rng, **params) -> rows`, best first, of all records together: their vectors,
and what is labelled already. Neither ever sees a model, a file or a global random
state. To add one, write `alcli/query/strategies/NAME.py` with a function of that name,
and its test; a plain function of scored records does as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING, Self

from alcli.core.errors import UsageError
from alcli.core.registry import Registry, indent_words
from alcli.query.signals import key_of, signals

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

    from alcli.annotation.aggregators import Votes

type Floats = NDArray[np.float64]  # evaluated by type checkers only
type Rows = NDArray[np.intp]
type Strategy = Pointwise | Batch


@dataclass(frozen=True)
class Scored:
    """Input of a pointwise strategy, a row for each record.

    ids: n strings. probs: (n, C), rows sum to 1. signals: name -> (n,).
    """

    ids: Sequence[str]
    probs: Floats
    signals: Mapping[str, Floats] = field(default_factory=dict)
    seed: int = 0

    @cached_property
    def noise(self) -> Floats:
        """Return (n,) in (0, 1), from seed and id alone: chance to be repeated."""
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

    Rows stand by their noise, so the order of the input does not matter, ties go to
    the first row, and the first rows are a sample; classes stand by their names. No two
    records have the same `tokens`. vectors: (n, d), finite. labels: (n,) class numbers,
    -1 where there is no label. labelled: the records that are labelled already. votes:
    the first items are the rows of the pool; those after them may not be chosen, but
    tell of the annotators, too.
    """

    scored: Scored
    vectors: NDArray[np.float32]
    labels: NDArray[np.intp] | None = None
    labelled: Pool | None = None
    votes: Votes | None = None

    def __len__(self) -> int:
        return len(self.scored.ids)

    def take(self, rows: Rows) -> Pool:
        """Return some rows, which should rise, with all that is labelled; no votes."""
        labels = None if self.labels is None else self.labels[rows]
        vectors = self.vectors[rows]
        return Pool(self.scored.take(rows), vectors, labels, self.labelled)


@dataclass(frozen=True)
class Size:
    """Size of a choice: n records, `labelled` others, width d, k to choose.

    votes: how many there are, on `voted` records.
    """

    n: int
    d: int
    classes: int
    labelled: int
    k: int
    votes: int = 0
    voted: int = 0


class Pointwise:
    """A pointwise strategy with what it needs of a record."""

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
        """Return the utility of each record, shape (n,)."""
        return self.utility(scored, **params)


class Batch:
    """A batch strategy with what it needs, and the bytes that it takes.

    centred: the mean of the vectors may be put at the origin.
    """

    def __init__(
        self,
        choose: Callable[..., Rows],
        needs: tuple[str, ...],
        memory: Callable[[Size], int],
        centred: bool = False,
    ) -> None:
        self.choose, self.needs, self.memory = choose, needs, memory
        self.centred = centred
        update_wrapper(self, choose)

    def __call__(self, pool: Pool, n: int, rng: Generator, **params: object) -> Rows:
        """Return min(n, len(pool)) different rows, best first."""
        import numpy as np

        n = min(n, len(pool))
        return self.choose(pool, n, rng, **params) if n else np.empty(0, np.intp)


def pointwise(
    *needs: str, stratify: str | None = None, shares: str = "proportional"
) -> Callable[[Callable[..., Floats]], Pointwise]:
    """Declare the needs of a strategy, `probs` or names of signals, and its strata.

    stratify: the field whose values share the batch. shares: how much each gets,
    `proportional` to its size, to the `sqrt` of it, or `equal`.
    """
    return lambda utility: Pointwise(utility, needs, stratify, shares)


def batch(
    *needs: str, memory: Callable[[Size], int], centred: bool = False
) -> Callable[[Callable[..., Rows]], Batch]:
    """Declare the needs of a strategy, and its memory in bytes beyond the pool.

    needs: `probs`, `vectors`; `labelled` (one record at least), `labels` (one that has
    a label), `labelled-probs`; `votes`; names of signals. What it does not need may be
    empty. centred: of vectors only distances count, no lengths and no angles, so their
    mean is put at the origin, where float32 tells distances best.
    """
    return lambda choose: Batch(choose, needs, memory, centred)


strategies: Registry[Callable[..., object]] = Registry("strategy", __name__)


def summaries(*, option: str = "--set") -> str:
    """Return a block for the end of a command's help: strategies, and signals."""
    also = "  Each signal of `alcli score --signal` is one, too, the largest first:"
    names = [f"{name}," for name in signals.names()]
    told = indent_words([*names[:-1], names[-1].rstrip(",")])
    return "\n".join([strategies.summaries(option=option), also, *told])


def lookup(strategy: str | Callable[..., object]) -> Strategy:
    """Return a strategy by its name; a plain function is a pointwise one.

    One with the name of a signal is that signal, largest first.
    """
    if isinstance(strategy, str) and strategy in signals.names():
        return _largest(key_of(strategy))
    found = strategies.get(strategy) if isinstance(strategy, str) else strategy
    return found if isinstance(found, Pointwise | Batch) else Pointwise(found)  # type: ignore[arg-type]


def find(strategy: str | Callable[..., object]) -> Pointwise:
    """Return a pointwise strategy by its name, or make one of a plain function.

    Raises:
        UsageError: it is one that looks at all records together.
    """
    found = lookup(strategy)
    if isinstance(found, Batch):
        raise UsageError(f"{found.__name__} looks at all records together")  # type: ignore[attr-defined]
    return found


def _largest(signal: str) -> Pointwise:
    def utility(scored: Scored) -> Floats:
        """Return the signal that `score --signal` wrote for each record."""
        return scored.signals[signal]

    utility.__name__ = signal
    return Pointwise(utility, (signal,))


def top(utility: NDArray[np.floating], n: int) -> Rows:
    """Return the n rows of largest utility, best first; of equal ones the first."""
    import numpy as np

    return np.argsort(-utility, kind="stable")[:n]
