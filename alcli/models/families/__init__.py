"""Families: how to create, fit, save, load and query the models of one kind.

A family is a module `alcli/models/families/NAME.py` with the functions of `Family`. It
handles the architectures in `alcli/models/architectures/NAME/`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from alcli.core.errors import UsageError
from alcli.core.types import Float32s, Floats, Indices
from alcli.models.settings import TrainingSettings

type Members = dict[str, bytes]  # files inside a checkpoint, by name


@dataclass(frozen=True)
class Prediction:
    """Predictions of a model for n texts; fields that were not requested are None.

    All are float32.
    probs: class probabilities, (n, C); rows sum to 1.
    vectors: the last layer's input, (n, d); of a linear model its truncated SVD.
    member_probs: probabilities of m committee members or dropout passes, (m, n, C).
    word_gradient_norms: expected gradient norm of each word's vector, (n, words), see
    `networks/word_gradients.py`.
    last_layer_norm: L2 norm of the last layer's input, (n,).
    """

    probs: Float32s
    vectors: Float32s | None = None
    member_probs: Float32s | None = None
    word_gradient_norms: Float32s | None = None
    last_layer_norm: Float32s | None = None


@dataclass(frozen=True)
class LabelledTexts:
    """Labelled texts for a fit, with class indices, (n,), and sample weights, (n,)."""

    texts: Sequence[str]
    targets: Indices
    weights: Floats


@dataclass(frozen=True)
class FitResult:
    """Result of a fit.

    history: a record of metrics for each epoch. kept_epoch: the epoch whose weights the
    learner has, 0 for those of the start. interrupted: the number of the signal that
    ended the fit, or 0.
    """

    learner: Learner
    history: list[dict[str, float]]
    kept_epoch: int = 1
    interrupted: int = 0


class Predictor(Protocol):
    """A model that predicts class probabilities."""

    @property
    def labels(self) -> list[str]:
        """Class names, in the order of the probabilities' columns."""
        ...

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return class probabilities, (n, C), with the requested extra arrays.

        The prediction of a text does not depend on the other texts. want: names of
        further fields of `Prediction` to compute. passes: number of dropout passes for
        the `member_probs` of one network. seed: seed of their masks.

        Raises:
            UsageError: the model cannot compute a requested field.
        """
        ...

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Precompute and cache the features of texts; descendants share the cache.

        Predictions do not change, only their time does. Models fitted from this one
        share the cache.
        """
        ...


class Learner(Predictor, Protocol):
    """A predictor that can be saved in a checkpoint."""

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return the arguments of `load`: JSON-ready values, and files by name."""
        ...


class Family(Protocol):
    """Functions and constants of a module in this folder.

    EPOCHS: default number of epochs; None if models are not fitted by epochs.
    PACKAGES: packages whose versions a checkpoint records.
    """

    EPOCHS: int | None
    PACKAGES: tuple[str, ...]

    def defaults(self, arch: str) -> dict[str, Any]:
        """Return the parameters of an architecture, with their defaults."""
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
        """Return an untrained learner, with the vocabulary of a corpus."""
        ...

    def add_classes(
        self, start: Learner, labels: Sequence[str], *, seed: int
    ) -> Learner:
        """Return a copy of a learner with more classes.

        labels: the start's classes, in their order, then the new ones. The weights of
        the start's classes are kept, those of the new classes are untrained.
        """
        ...

    def fit(
        self,
        start: Learner,
        data: LabelledTexts,
        held: LabelledTexts | None,
        settings: TrainingSettings,
    ) -> FitResult:
        """Return a fitted copy of a learner, with its history.

        held: validation texts, if any.
        """
        ...

    def load(self, spec: Mapping[str, Any], members: Members) -> Learner:
        """Return the learner that `save` saved."""
        ...


def reject_unavailable(
    kind: str, want: Collection[str], has: Collection[str] = ()
) -> None:
    """Check the requested fields of a `Prediction`.

    kind: name of the model's kind, for the message. want: requested fields. has: fields
    that models of this kind can compute.

    Raises:
        UsageError: a requested field is not available.
    """
    if missing := sorted(set(want) - set(has)):
        raise UsageError(
            f"a {kind} model has no {', '.join(missing).replace('_', ' ')}"
        )


def no_dropout_error(kind: str) -> UsageError:
    """Return the error for the `member_probs` of one model without dropout.

    kind: name of the model's kind, for the message.
    """
    return UsageError(
        f"a {kind} model without dropout makes one prediction; pass several -m for a "
        "committee (`alcli train --bootstrap` trains members that differ)"
    )


def load_family(name: str) -> Family:
    """Return the family of a name, such as `linear` or `token`."""
    return cast(Family, import_module(f"{__name__}.{name}"))
