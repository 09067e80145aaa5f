"""Query strategies: which records of the pool should be labelled next?

A pointwise strategy is a function `(scored, **params) -> utility (n,)` of what stands
in each record; the largest utility is asked first. It never sees a model, a file or a
global random state. To add one, write `alcli/strategies/NAME.py` with a function of
that name, and its test; a plain function of scored records does as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING

from alcli.core.registry import Registry
from alcli.signals import key_of, signals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Floats = NDArray[np.float64]  # evaluated by type checkers only


@dataclass(frozen=True)
class Scored:
    """What a pointwise strategy may look at, a row for each record.

    ids: n strings. probs: (n, C), rows sum to 1. signals: name -> (n,).
    """

    ids: Sequence[str]
    probs: Floats
    signals: Mapping[str, Floats] = field(default_factory=dict)
    seed: int = 0

    @cached_property
    def noise(self) -> Floats:
        """Return (n,) in (0, 1), from seed and id alone: chance to be repeated."""
        from alcli.core.ids import noise

        return noise(self.seed, self.ids)


class Pointwise:
    """A pointwise strategy with what it needs of a record."""

    def __init__(
        self,
        utility: Callable[..., Floats],
        needs: tuple[str, ...] = ("probs",),
        stratify: str | None = None,
    ) -> None:
        self.utility, self.needs, self.stratify = utility, needs, stratify
        update_wrapper(self, utility)

    def __call__(self, scored: Scored, **params: object) -> Floats:
        """Return the utility of each record, shape (n,)."""
        return self.utility(scored, **params)


def pointwise(
    *needs: str, stratify: str | None = None
) -> Callable[[Callable[..., Floats]], Pointwise]:
    """Say what a strategy needs: `probs`, or names of signals; and its strata.

    stratify: the field whose values share the batch in proportion to their sizes.
    """
    return lambda utility: Pointwise(utility, needs, stratify)


strategies: Registry[Callable[..., Floats]] = Registry("strategy", __name__)


def find(strategy: str | Callable[..., Floats]) -> Pointwise:
    """Return a strategy by its name, or make one of a plain function.

    One with the name of a signal is that signal, largest first.
    """
    if isinstance(strategy, str) and strategy in signals.names():
        return _largest(key_of(strategy))
    found = strategies.get(strategy) if isinstance(strategy, str) else strategy
    return found if isinstance(found, Pointwise) else Pointwise(found)


def _largest(signal: str) -> Pointwise:
    def utility(scored: Scored) -> Floats:
        """Return what `score --signal` has told of each record."""
        return scored.signals[signal]

    utility.__name__ = signal
    return Pointwise(utility, (signal,))
