"""Linear models on TF-IDF of word n-grams: fitted in seconds, strong on few labels."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np

from alcli import models
from alcli.core.params import defaults as defaults_of
from alcli.core.report import log
from alcli.learners import (
    Fitted,
    Labelled,
    Members,
    Options,
    Prediction,
    no_dropout,
    refuse,
)
from alcli.models.linear import INPUT, Arrays, Linear
from alcli.text.projection import Projection
from alcli.text.tfidf import Tfidf

EPOCHS = None  # fitted at once
PACKAGES = ("numpy", "scipy", "scikit-learn")


class LinearLearner:
    """N-grams, their IDF, and the arrays of a fitted model."""

    def __init__(
        self,
        arch: str,
        labels: Sequence[str],
        params: Mapping[str, Any],
        tfidf: Tfidf,
        arrays: Arrays,
        model: Linear,
    ) -> None:
        self.arch, self.labels, self.params = arch, list(labels), dict(params)
        self.tfidf, self.arrays, self.model = tfidf, arrays, model

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return class probabilities, (n, C), and the features in short as vectors."""
        if "stack" in want:
            raise no_dropout("linear")
        refuse("linear", want, {"vectors"})
        features = self.tfidf.transform(texts)
        probs = self.model.predict(self.arrays, features).astype(np.float32)
        return Prediction(probs, self._projection(features) if want else None)

    @cached_property
    def _projection(self) -> Projection:
        return Projection(self.tfidf.terms)

    def remember(self, texts: Sequence[str]) -> None:
        """Look at texts once that are met often, after fitting too."""
        self.tfidf.remember(texts)

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return the n-grams as text, IDF and arrays as one `.npz`."""
        file = io.BytesIO()
        idf = {"idf": self.tfidf.idf.astype(np.float32)}
        np.savez(file, allow_pickle=False, **idf, **self.arrays)
        terms = "".join(f"{term}\n" for term in self.tfidf.terms)
        spec = {"arch": self.arch, "labels": self.labels, "params": self.params}
        return spec, {"model.npz": file.getvalue(), "vocabulary.txt": terms.encode()}


def defaults(arch: str) -> dict[str, Any]:
    """Return the parameters of the features and of the architecture."""
    own = {k: v for k, v in defaults_of(models.get(arch)).items() if k != "classes"}
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
    tfidf = Tfidf.fit(corpus, **{name: params[name] for name in INPUT})
    model: Linear = models.get(arch)  # type: ignore[assignment]
    arrays = model.unfitted(len(tfidf.terms), len(labels))
    return LinearLearner(arch, labels, params, tfidf, arrays, model)


def grown(start: LinearLearner, labels: Sequence[str], *, seed: int) -> LinearLearner:
    """Return the start with more classes; theirs are an unfitted model's arrays."""
    arrays = dict(start.model.unfitted(len(start.tfidf.terms), len(labels)))
    for name, old in start.arrays.items():
        arrays[name][..., : old.shape[-1]] = old  # classes are the last axis
    return LinearLearner(
        start.arch, labels, start.params, start.tfidf, arrays, start.model
    )


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
    fitted = LinearLearner(
        start.arch, start.labels, start.params, start.tfidf, arrays, start.model
    )
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
    """Return the learner that `save` described."""
    arrays = dict(np.load(io.BytesIO(members["model.npz"]), allow_pickle=False))
    terms = members["vocabulary.txt"].decode().split("\n")[:-1]
    idf = arrays.pop("idf").astype(np.float64)
    tfidf = Tfidf(terms, idf, ngrams=spec["params"]["ngrams"])
    model = models.families()["linear"].own(spec["arch"])  # never a stranger's code
    return LinearLearner(
        spec["arch"], spec["labels"], spec["params"], tfidf, arrays, cast(Linear, model)
    )
