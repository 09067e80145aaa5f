"""Linear model with its features, as a checkpoint holds it."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, cast

import numpy as np

from alcli.core import container
from alcli.core.errors import UsageError
from alcli.core.types import Float32s
from alcli.features.svd import Axes, TruncatedSvd
from alcli.features.tfidf import Terms, Tfidf
from alcli.models import architectures
from alcli.models.architectures.linear import Arrays, LinearArchitecture
from alcli.models.families import (
    Members,
    Prediction,
    no_dropout_error,
    reject_unavailable,
)

_ADDED_LATER = ("floor",)  # missing in old checkpoints: taken from an unfitted model


@dataclass(frozen=True, eq=False)
class LinearLearner:
    """Linear model with its features: TF-IDF of n-grams, and their SVD.

    labels: class names. params: of features and architecture. arrays: fitted arrays of
    the architecture `model`.
    """

    arch: str
    labels: list[str]
    params: dict[str, Any]
    tfidf: Tfidf
    svd: TruncatedSvd
    model: LinearArchitecture
    arrays: Arrays

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
        vectors = self.svd(features) if "vectors" in want else None
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
            own |= {f"axes_{k}": v for k, v in self.svd.axes._asdict().items()}
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

    @classmethod
    def load(cls, spec: Mapping[str, Any], members: Members) -> Self:
        """Return the learner that `save` saved.

        Raises:
            ValueError: the arrays or the vocabulary are inconsistent.
        """
        # defaults for checkpoints that are older than a parameter
        params = {"components": 0, "characters": 0, "tf": "count"} | spec["params"]
        terms = Terms(
            members["vocabulary.txt"].decode().split("\n")[:-1],
            members.get("characters.txt", b"").decode().split("\n")[:-1],
        )
        count = len(terms.words) + len(terms.characters)
        # built-in ones only: a checkpoint must not name code to run
        own_architecture = architectures.registries()["linear"].builtin(spec["arch"])
        model = cast(LinearArchitecture, own_architecture)
        shapes = {"idf": "f t"}
        if params["components"]:
            shapes |= {"axes_terms": "i k", "axes_shares": "f kd"}
        found = container.arrays(members["model.npz"], shapes, {"t": count})
        own = {name: found.pop(name) for name in shapes}
        like = model.unfitted(count, len(spec["labels"]))
        found |= {
            name: like[name]
            for name in _ADDED_LATER
            if name in like.keys() - found.keys()
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
        svd = TruncatedSvd(lambda: axes)
        return cls(spec["arch"], spec["labels"], params, tfidf, svd, model, found)


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
