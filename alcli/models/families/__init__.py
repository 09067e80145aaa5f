"""Families of models: how they are made, fitted, stored, and asked.

A family is a module `alcli/models/families/NAME.py` for the architectures in
`alcli/models/architectures/NAME/`; it has the functions of `Family`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from alcli.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Members = dict[str, bytes]  # of a checkpoint file, by name


@dataclass(frozen=True)
class Prediction:
    """What a learner says of n texts.

    probs: (n, C) float32, rows sum to 1. vectors: (n, d) float32, what the last layer
    computes them from, or for linear models a truncated SVD of that. stack: (m, n, C)
    float32, what each of m members says, or each of m passes of dropout. slopes:
    (n, words) float32, how far a label is expected to move the vector of each word, see
    `networks/slopes.py`. fed: (n,) float32, the length of what the last layer is fed.
    """

    probs: NDArray[np.float32]
    vectors: NDArray[np.float32] | None = None
    stack: NDArray[np.float32] | None = None
    slopes: NDArray[np.float32] | None = None
    fed: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Labelled:
    """Texts with the numbers of their classes, (n,), and their weights, (n,)."""

    texts: Sequence[str]
    targets: NDArray[np.intp]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class Options:
    """How to fit; a family says which of these it cannot use."""

    epochs: int | None = None  # the family's own default
    batch_size: int = 64
    learning_rate: float = 0.001
    schedule: str = "constant"  # of the learning rate: constant, linear, cosine
    warmup: float = 0.0  # the share of the steps in which the rate rises
    patience: int | None = None  # epochs without a better validation loss
    shuffle: bool = True
    precision: str = "float32"  # to compute in: mixed_float16, mixed_bfloat16
    on_interrupt: str = "discard"  # or save: a signal ends training, not the work
    validation: Labelled | None = None


@dataclass(frozen=True)
class Fitted:
    """What came of fitting.

    history: a record for each epoch. kept: the epoch that the learner is from, 0 is the
    start. interrupted: the number of the signal that ended it, if any.
    """

    learner: Learner
    history: list[dict[str, float]]
    kept: int = 1
    interrupted: int = 0


class Asked(Protocol):
    """What knows classes and can be asked."""

    @property
    def labels(self) -> list[str]:
        """The class names, in the order of the probabilities."""
        ...

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Say what is known of each text, whatever else is asked beside it.

        want: what of a `Prediction` is needed beside `probs`. passes: of dropout, for
        the stack of one network; which units each leaves out depends on the seed.

        Raises:
            UsageError: models of this kind have no such thing.
        """
        ...

    def remember(self, texts: Sequence[str]) -> None:
        """Look once at texts that are met often; what is fitted from it knows them too.

        No answer changes, but the time that it takes.
        """
        ...


class Learner(Asked, Protocol):
    """A model that can be asked and stored."""

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return what `load` needs: JSON-ready values, and files by name."""
        ...


class Family(Protocol):
    """What a module in this folder has.

    EPOCHS: how many by default; None where a model is not fitted by epochs.
    PACKAGES: whose versions a checkpoint notes.
    """

    EPOCHS: int | None
    PACKAGES: tuple[str, ...]

    def defaults(self, arch: str) -> dict[str, Any]:
        """Return the parameters of an architecture with their defaults."""
        ...

    def new(
        self,
        arch: str,
        labels: Sequence[str],
        corpus: Sequence[str],
        params: Mapping[str, Any],
        *,
        seed: int,
    ) -> Learner:
        """Return an untrained learner; the corpus gives it its vocabulary."""
        ...

    def grown(self, start: Learner, labels: Sequence[str], *, seed: int) -> Learner:
        """Return a learner of more classes, which begin with those of the start.

        What the start has learnt stays; of the new classes nothing is known.
        """
        ...

    def fit(
        self, start: Learner, data: Labelled, options: Options, *, seed: int
    ) -> Fitted:
        """Return a fitted learner and how it came about; the start stays as it is."""
        ...

    def load(self, spec: Mapping[str, Any], members: Members) -> Learner:
        """Return the learner that `save` described."""
        ...


def refuse(kind: str, want: Collection[str], has: Collection[str] = ()) -> None:
    """Raise a UsageError if anything is wanted that models of a kind do not have."""
    if missing := sorted(set(want) - set(has)):
        raise UsageError(f"a {kind} model has no {', '.join(missing)}")


def no_dropout(kind: str) -> UsageError:
    """Return what to say where one model has one opinion only."""
    return UsageError(
        f"a {kind} model without dropout has one opinion; name several -m, a committee "
        "(`alcli train --bootstrap` makes members that differ)"
    )


def family(name: str) -> Family:
    """Return a family by its name."""
    return cast(Family, import_module(f"{__name__}.{name}"))
