"""Linear models on TF-IDF of n-grams: fitted in seconds, strong on few labels."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import numpy as np

from alcli.core import container
from alcli.core.errors import UsageError
from alcli.core.params import check_range
from alcli.core.params import defaults as defaults_of
from alcli.core.report import log
from alcli.features.svd import Axes, Latent
from alcli.features.tfidf import Terms, Tfidf
from alcli.models import architectures
from alcli.models.architectures.linear import INPUT, NGRAMS, Arrays, Linear
from alcli.models.families import (
    Fitted,
    Labelled,
    Members,
    Options,
    Prediction,
    no_dropout,
    refuse,
)

EPOCHS = None  # fitted at once
PACKAGES = ("numpy", "scipy", "scikit-learn")
_LATER = ("floor",)  # older checkpoints lack it: an unfitted model's stands for it


class LinearLearner:
    """N-grams, their IDF and axes, and the arrays of a fitted model."""

    def __init__(
        self,
        arch: str,
        labels: Sequence[str],
        params: Mapping[str, Any],
        tfidf: Tfidf,
        latent: Latent,
        arrays: Arrays,
        model: Linear,
    ) -> None:
        self.arch, self.labels, self.params = arch, list(labels), dict(params)
        self.tfidf, self.latent = tfidf, latent
        self.arrays, self.model = arrays, model

    def of(self, labels: Sequence[str], arrays: Arrays) -> LinearLearner:
        """Return one with other arrays, on the same features."""
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
        """Return class probabilities, (n, C), and vectors: features on their axes."""
        if "stack" in want:
            raise no_dropout("linear")
        if "vectors" in want and not self.params["components"]:
            raise UsageError("a linear model has vectors with --set components=64")
        refuse("linear", want, {"vectors", "fed"})
        features = self.tfidf.transform(texts)
        probs = self.model.predict(self.arrays, features).astype(np.float32)
        vectors = self.latent(features) if "vectors" in want else None
        lengths = np.sqrt(features.multiply(features).sum(axis=1)) if want else None
        fed = None if lengths is None else np.asarray(lengths, np.float32).ravel()
        return Prediction(probs, vectors, fed=fed)

    def remember(self, texts: Sequence[str]) -> None:
        """Look at texts once that are met often, after fitting too."""
        self.tfidf.remember(texts)

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return the n-grams as text; IDF, axes and arrays as one `.npz`."""
        file = io.BytesIO()
        own = {"idf": self.tfidf.idf.astype(np.float32)}
        if self.params["components"]:
            own |= {f"axes_{k}": v for k, v in self.latent.axes._asdict().items()}
        np.savez(file, allow_pickle=False, **own, **self.arrays)
        spec = {"arch": self.arch, "labels": self.labels, "params": self.params}
        terms = self.tfidf.terms
        members = {"model.npz": file.getvalue(), "vocabulary.txt": _lines(terms.words)}
        if terms.characters:
            members["characters.txt"] = _lines(terms.characters)
        return spec, members


def defaults(arch: str) -> dict[str, Any]:
    """Return the parameters of the features and of the architecture."""
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
    """Return a learner that finds all classes equally probable.

    Raises:
        InputError: the corpus leaves no n-gram.
    """
    width = params["components"]
    check_range(width >= 0, "components", width, "0 or more")
    tfidf = Tfidf.fit(corpus, **{name: params[name] for name in NGRAMS})
    model: Linear = architectures.get(arch)  # type: ignore[assignment]
    arrays = model.unfitted(len(tfidf), len(labels))
    latent = Latent.of(tfidf, corpus, width)
    return LinearLearner(arch, labels, params, tfidf, latent, arrays, model)


def grown(start: LinearLearner, labels: Sequence[str], *, seed: int) -> LinearLearner:
    """Return the start with more classes; theirs are an unfitted model's arrays."""
    arrays = dict(start.model.unfitted(len(start.tfidf), len(labels)))
    for name, old in start.arrays.items():
        arrays[name][..., : old.shape[-1]] = old  # classes are the last axis
    return start.of(labels, arrays)


def fit(start: LinearLearner, data: Labelled, options: Options, *, seed: int) -> Fitted:
    """Fit anew on the start's n-grams; the answer does not depend on its weights."""
    own = {k: v for k, v in start.params.items() if k not in INPUT}
    arrays = start.model(
        start.tfidf.transform(data.texts),
        data.targets,
        data.weights,
        classes=len(start.labels),
        **own,
    )
    fitted = start.of(start.labels, arrays)
    history: dict[str, float] = {"epoch": 1}
    said = f"{start.arch} on {len(data.texts):,} records"
    if options.validation:
        probs = fitted.predict(options.validation.texts).probs
        hits = probs.argmax(axis=1) == options.validation.targets
        history["validation_accuracy"] = round(float(hits.mean()), 6)
        said += f", validation accuracy {hits.mean():.4f}"
    log.info("%s", said)
    return Fitted(fitted, [history])


def load(spec: Mapping[str, Any], members: Members) -> LinearLearner:
    """Return the learner that `save` described.

    Raises:
        ValueError: arrays or vocabulary are not what they should be.
    """
    # what checkpoints lack that are older than the parameter
    params = {"components": 0, "characters": 0, "tf": "count"} | spec["params"]
    labels = spec["labels"]
    terms = Terms(
        members["vocabulary.txt"].decode().split("\n")[:-1],
        members.get("characters.txt", b"").decode().split("\n")[:-1],
    )
    count = len(terms.words) + len(terms.characters)
    model = cast(
        Linear, architectures.families()["linear"].builtin(spec["arch"])
    )  # no stranger's
    shapes = {"idf": "f t"}
    if params["components"]:
        shapes |= {"axes_terms": "i k", "axes_shares": "f kd"}
    found = container.arrays(members["model.npz"], shapes, {"t": count})
    own = {name: found.pop(name) for name in shapes}
    like = model.unfitted(count, len(labels))
    found |= {name: like[name] for name in _LATER if name in like.keys() - found.keys()}
    _require_like(found, like)
    axes = Axes(np.empty(0, np.int32), np.empty((0, 0), np.float32))
    if params["components"]:
        axes = Axes(own["axes_terms"], own["axes_shares"])
        if not 0 <= axes.terms.min() <= axes.terms.max() < count:
            raise ValueError("axes_terms are of no term")
    tfidf = Tfidf(
        terms,
        own["idf"].astype(np.float64),
        ngrams=params["ngrams"],
        characters=params["characters"],
        tf=params["tf"],
    )
    latent = Latent(lambda: axes)
    return LinearLearner(spec["arch"], labels, params, tfidf, latent, found, model)


def _lines(terms: Sequence[str]) -> bytes:
    """Return one n-gram a line."""
    return "".join(f"{term}\n" for term in terms).encode()


def _require_like(arrays: Arrays, others: Arrays) -> None:
    """Raise a ValueError if arrays have not the names, shapes and kinds of others."""
    shapes, wanted = (
        {name: (a.shape, a.dtype.kind) for name, a in some.items()}
        for some in (arrays, others)
    )
    if shapes != wanted or not all(np.isfinite(a).all() for a in arrays.values()):
        raise ValueError(f"arrays are {shapes}, not {wanted}, or not all finite")
