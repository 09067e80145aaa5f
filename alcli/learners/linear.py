"""Linear models on TF-IDF of word n-grams: fitted in seconds, strong on few labels.

IDF as scikit-learn has it: log((1 + n) / (1 + df)) + 1, rows of unit length.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from alcli import models
from alcli.core.errors import InputError, UsageError
from alcli.core.params import defaults as defaults_of
from alcli.core.report import log
from alcli.learners import Labelled, Members, Options, Prediction
from alcli.models.linear import Arrays, Linear
from alcli.text.vocabulary import words_of

VECTORIZER = {"ngrams": 2, "min_count": 2, "max_share": 1.0}


class LinearLearner:
    """N-grams, their IDF, and the arrays of a fitted model."""

    def __init__(
        self,
        arch: str,
        labels: Sequence[str],
        params: Mapping[str, Any],
        vectorizer: TfidfVectorizer,
        arrays: Arrays,
    ) -> None:
        self.arch, self.labels, self.params = arch, list(labels), dict(params)
        self.vectorizer, self.arrays = vectorizer, arrays

    def predict(self, texts: Sequence[str]) -> Prediction:
        """Return class probabilities, (n, C)."""
        model: Linear = models.get(self.arch)  # type: ignore[assignment]
        features = self.vectorizer.transform(texts)
        return Prediction(model.predict(self.arrays, features).astype(np.float32))

    def save(self) -> tuple[dict[str, Any], Members]:
        """Return the n-grams as text, IDF and arrays as one `.npz`."""
        file = io.BytesIO()
        idf = {"idf": self.vectorizer.idf_.astype(np.float32)}
        np.savez(file, allow_pickle=False, **idf, **self.arrays)
        terms = "".join(f"{t}\n" for t in self.vectorizer.get_feature_names_out())
        spec = {"arch": self.arch, "labels": self.labels, "params": self.params}
        return spec, {"model.npz": file.getvalue(), "vocabulary.txt": terms.encode()}


def defaults(arch: str) -> dict[str, Any]:
    """Return the parameters of the features and of the architecture."""
    own = {k: v for k, v in defaults_of(models.get(arch)).items() if k != "classes"}
    return VECTORIZER | own


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
    vectorizer = _vectorizer(params)
    try:
        vectorizer.fit(corpus)
    except ValueError as error:  # scikit-learn has no narrower one
        raise InputError(
            f"no n-gram occurs in {params['min_count']} of the {len(corpus)} texts; "
            "take --vocabulary-from a larger pool, or --set min_count=1"
        ) from error
    model: Linear = models.get(arch)  # type: ignore[assignment]
    arrays = model.unfitted(len(vectorizer.vocabulary_), len(labels))
    return LinearLearner(arch, labels, params, vectorizer, arrays)


def fit(
    start: LinearLearner, data: Labelled, options: Options, *, seed: int
) -> tuple[LinearLearner, list[dict[str, float]]]:
    """Fit anew on the start's n-grams; the answer does not depend on its weights."""
    if options.patience is not None or options.epochs not in (None, 1):
        raise UsageError(
            f"{start.arch} is not fitted by epochs: no --epochs, --patience"
        )
    model: Linear = models.get(start.arch)  # type: ignore[assignment]
    own = {k: v for k, v in start.params.items() if k not in VECTORIZER}
    arrays = model(
        start.vectorizer.transform(data.texts),
        data.targets,
        data.weights,
        classes=len(start.labels),
        **own,
    )
    fitted = LinearLearner(
        start.arch, start.labels, start.params, start.vectorizer, arrays
    )
    history: dict[str, float] = {"epoch": 1}
    if options.validation:
        probs = fitted.predict(options.validation.texts).probs
        hits = probs.argmax(axis=1) == options.validation.targets
        history["validation_accuracy"] = round(float(hits.mean()), 6)
        log.info("validation accuracy %.4f", hits.mean())
    return fitted, [history]


def load(spec: Mapping[str, Any], members: Members) -> LinearLearner:
    """Return the learner that `save` described."""
    arrays = dict(np.load(io.BytesIO(members["model.npz"]), allow_pickle=False))
    terms = members["vocabulary.txt"].decode().split("\n")[:-1]
    vectorizer = _vectorizer(spec["params"], terms)
    vectorizer.idf_ = arrays.pop("idf").astype(np.float64)
    return LinearLearner(
        spec["arch"], spec["labels"], spec["params"], vectorizer, arrays
    )


def _vectorizer(
    params: Mapping[str, Any], terms: Sequence[str] | None = None
) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=_NGrams(params["ngrams"]),
        min_df=params["min_count"],
        max_df=params["max_share"],
        vocabulary=terms,
        dtype=np.float64,
    )


class _NGrams:
    """Splits `tokens` into words, and joins neighbours by U+0020."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __call__(self, text: str) -> list[str]:
        words = words_of(text)
        grams = words.copy()
        for size in range(2, self.longest + 1):
            rows = [words[start:] for start in range(size)]
            grams += map(" ".join, zip(*rows, strict=False))
        return grams
