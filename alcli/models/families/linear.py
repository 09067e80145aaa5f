"""Family of linear models on TF-IDF n-grams: quick to fit, strong on few labels."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np

from alcli.core import container
from alcli.core.errors import UsageError
from alcli.core.params import check_range
from alcli.core.params import defaults as defaults_of
from alcli.core.report import log
from alcli.core.types import Float32s
from alcli.features.svd import Axes, TruncatedSvd
from alcli.features.tfidf import Terms, Tfidf
from alcli.models import architectures
from alcli.models.architectures.linear import INPUT, NGRAMS, Arrays, LinearArchitecture
from alcli.models.families import (
    FitResult,
    LabelledTexts,
    Members,
    Prediction,
    no_dropout_error,
    reject_unavailable,
)
from alcli.models.settings import TrainingSettings

EPOCHS = None  # not fitted by epochs
PACKAGES = ("numpy", "scipy", "scikit-learn")
_ADDED_LATER = ("floor",)  # missing in old checkpoints: taken from an unfitted model


class LinearLearner:
    """Linear model with its features: TF-IDF of n-grams, and their SVD.

    arrays: the fitted arrays of the architecture `model`.
    """

    def __init__(
        self,
        arch: str,
        labels: Sequence[str],
        params: Mapping[str, Any],
        tfidf: Tfidf,
        latent: TruncatedSvd,
        arrays: Arrays,
        model: LinearArchitecture,
    ) -> None:
        self.arch, self.labels, self.params = arch, list(labels), dict(params)
        self.tfidf, self.latent = tfidf, latent
        self.arrays, self.model = arrays, model

    def with_arrays(self, labels: Sequence[str], arrays: Arrays) -> LinearLearner:
        """Return a learner with other classes and arrays, on the same features."""
        return LinearLearner(
            self.arch,
            labels,
            self.params,
            self.tfidf,
            self.latent,
            arrays,
            self.model,
        )

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return class probabilities, (n, C), with `vectors` and `last_layer_norm`.

        vectors: truncated SVD of the features, (n, components).

        Raises:
            UsageError: the model cannot compute a requested field.
        """
        if "member_probs" in want:
            raise no_dropout_error("linear")
        if "vectors" in want and not self.params["components"]:
            raise UsageError(
                "a linear model without components has no vectors; "
                "train it with --set components=64"
            )
        reject_unavailable("linear", want, {"vectors", "last_layer_norm"})
        if not want and (rows := self.tfidf.cached_rows(texts)):
            return Prediction(self._cached_probs[rows])
        features = self.tfidf.transform(texts)
        probs = self.model.predict(self.arrays, features).astype(np.float32)
        vectors = self.latent(features) if "vectors" in want else None
        norms = np.sqrt(features.multiply(features).sum(axis=1)) if want else None
        norm = None if norms is None else np.asarray(norms, np.float32).ravel()
        return Prediction(probs, vectors, last_layer_norm=norm)

    @cached_property
    def _cached_probs(self) -> Float32s:
        """Probabilities of all cached texts: faster than a copy of some features."""
        return self.model.predict(self.arrays, self.tfidf.cached).astype(np.float32)

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Precompute and cache the features of texts; fitted copies share the cache."""
        self.tfidf.cache_texts(texts)

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return the n-grams as text files; IDF, SVD axes and arrays as one `.npz`."""
        file = io.BytesIO()
        own = {"idf": self.tfidf.idf.astype(np.float32)}
        if self.params["components"]:
            own |= {f"axes_{k}": v for k, v in self.latent.axes._asdict().items()}
        np.savez(file, allow_pickle=False, **own, **self.arrays)
        spec = {"arch": self.arch, "labels": self.labels, "params": self.params}
        terms = self.tfidf.terms
        members = {
            "model.npz": file.getvalue(),
            "vocabulary.txt": _to_lines(terms.words),
        }
        if terms.characters:
            members["characters.txt"] = _to_lines(terms.characters)
        return spec, members


def defaults(arch: str) -> dict[str, Any]:
    """Return the parameters of the features and of the architecture, with defaults."""
    own = {
        k: v for k, v in defaults_of(architectures.get(arch)).items() if k != "classes"
    }
    return INPUT | own


def new(
    arch: str,
    labels: Sequence[str],
    corpus: Sequence[str],
    params: Mapping[str, Any],
    *,
    seed: int,
) -> LinearLearner:
    """Return an unfitted learner, under which all classes are equally probable.

    corpus: texts for the n-grams and their IDF. params: as in `defaults`. seed: unused.

    Raises:
        BadParameter: a parameter is out of range.
        InputError: the corpus has no frequent n-gram.
    """
    width = params["components"]
    check_range(width >= 0, "components", width, "0 or more")
    tfidf = Tfidf.fit(corpus, **{name: params[name] for name in NGRAMS})
    model: LinearArchitecture = architectures.get(arch)  # type: ignore[assignment]
    arrays = model.unfitted(len(tfidf), len(labels))
    latent = TruncatedSvd.of(tfidf, corpus, width)
    return LinearLearner(arch, labels, params, tfidf, latent, arrays, model)


def add_classes(
    start: LinearLearner, labels: Sequence[str], *, seed: int
) -> LinearLearner:
    """Return a copy of a learner with more classes; the new ones are unfitted."""
    arrays = dict(start.model.unfitted(len(start.tfidf), len(labels)))
    for name, old in start.arrays.items():
        arrays[name][..., : old.shape[-1]] = old  # the last axis is that of classes
    return start.with_arrays(labels, arrays)


def fit(
    start: LinearLearner,
    data: LabelledTexts,
    held: LabelledTexts | None,
    settings: TrainingSettings,
) -> FitResult:
    """Fit a model on the start's features; the start's weights are not used.

    held: texts for the validation accuracy. settings: unused, the fit has no epochs and
    is deterministic.
    """
    own = {k: v for k, v in start.params.items() if k not in INPUT}
    arrays = start.model(
        start.tfidf.transform(data.texts),
        data.targets,
        data.weights,
        classes=len(start.labels),
        **own,
    )
    fitted = start.with_arrays(start.labels, arrays)
    history: dict[str, float] = {"epoch": 1}
    message = f"{start.arch}: {len(data.texts):,} records"
    if held:
        probs = fitted.predict(held.texts).probs
        hits = probs.argmax(axis=1) == held.targets
        history["validation_accuracy"] = round(float(hits.mean()), 6)
        message += f", validation accuracy {hits.mean():.4f}"
    log.info("%s", message)
    return FitResult(fitted, [history])


def load(spec: Mapping[str, Any], members: Members) -> LinearLearner:
    """Return the learner that `save` saved.

    Raises:
        ValueError: the arrays or the vocabulary are inconsistent.
    """
    # defaults for checkpoints that are older than a parameter
    params = {"components": 0, "characters": 0, "tf": "count"} | spec["params"]
    labels = spec["labels"]
    terms = Terms(
        members["vocabulary.txt"].decode().split("\n")[:-1],
        members.get("characters.txt", b"").decode().split("\n")[:-1],
    )
    count = len(terms.words) + len(terms.characters)
    # `own`, for a checkpoint must not name code to run
    own_architecture = architectures.registries()["linear"].builtin(spec["arch"])
    model = cast(LinearArchitecture, own_architecture)
    shapes = {"idf": "f t"}
    if params["components"]:
        shapes |= {"axes_terms": "i k", "axes_shares": "f kd"}
    found = container.arrays(members["model.npz"], shapes, {"t": count})
    own = {name: found.pop(name) for name in shapes}
    like = model.unfitted(count, len(labels))
    found |= {
        name: like[name] for name in _ADDED_LATER if name in like.keys() - found.keys()
    }
    _check_like(found, like)
    axes = Axes(np.empty(0, np.int32), np.empty((0, 0), np.float32))
    if params["components"]:
        axes = Axes(own["axes_terms"], own["axes_shares"])
        if not 0 <= axes.terms.min() <= axes.terms.max() < count:
            raise ValueError("axes_terms: index out of range")
    tfidf = Tfidf(
        terms,
        own["idf"].astype(np.float64),
        ngrams=params["ngrams"],
        characters=params["characters"],
        tf=params["tf"],
    )
    latent = TruncatedSvd(lambda: axes)
    return LinearLearner(spec["arch"], labels, params, tfidf, latent, found, model)


def _to_lines(terms: Sequence[str]) -> bytes:
    """Return n-grams as UTF-8, one per line."""
    return "".join(f"{term}\n" for term in terms).encode()


def _check_like(arrays: Arrays, reference: Arrays) -> None:
    """Check arrays against the names, shapes and kinds of reference arrays.

    Raises:
        ValueError: they differ, or a value is not finite.
    """
    shapes, wanted = (
        {name: (a.shape, a.dtype.kind) for name, a in some.items()}
        for some in (arrays, reference)
    )
    if shapes != wanted or not all(np.isfinite(a).all() for a in arrays.values()):
        raise ValueError(f"arrays are {shapes}, not {wanted}, or not all finite")
