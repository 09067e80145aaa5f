"""HDBSCAN over vectors (Campello et al., 2013), by scikit-learn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN

from alcli.core.container import arrays
from alcli.core.memory import ensure
from alcli.core.params import check_range
from alcli.core.report import log
from alcli.core.types import Float32s
from alcli.features.topics.methods import SUBSAMPLE_REMEDY, renumber_by_size
from alcli.numerics.distances import nearest


class hdbscan:
    """Clusters of records, (n, d), by number, (n,), and how far each belongs, (n,)."""

    INPUT: ClassVar = "vectors"

    def __init__(
        self, records: Float32s, homes: NDArray[np.intp], strength: NDArray[np.float64]
    ) -> None:
        self.records, self.homes, self.strength = records, homes, strength

    @classmethod
    def fit(
        cls,
        vectors: Float32s,
        *,
        min_cluster_size: int = 10,
        min_samples: int = 0,
        epsilon: float = 0.0,
        seed: int = 0,
    ) -> Self:
        """Return the clusters of vectors, (n, d); the seed changes nothing.

        min_samples: 0 is min_cluster_size. epsilon: clusters nearer than that are one.
        Time: n^2 d; memory: 24 bytes for each number of the vectors, 200 for each
        record, and 40 for each of its nearest `min_samples`.

        Raises:
            MemoryRefused: there is less memory than that.
            BadParameter: a number out of its range.
        """
        least = min_cluster_size
        check_range(least >= 2, "min_cluster_size", least, "2 or more")
        check_range(min_samples >= 0, "min_samples", min_samples, "0 or more")
        check_range(epsilon >= 0, "epsilon", epsilon, "0 or more")
        near = len(vectors) * (min_samples or least)
        ensure(
            24 * vectors.size + 40 * near + 200 * len(vectors), remedy=SUBSAMPLE_REMEDY
        )
        homes = np.full(len(vectors), -1)
        strength = np.zeros(len(vectors))
        if len(vectors) >= max(least, min_samples, 2):
            model = HDBSCAN(
                min_cluster_size=least,
                min_samples=min_samples or None,
                cluster_selection_epsilon=epsilon,
                algorithm="kd_tree",  # never n x n
                copy=True,
            )
            homes = renumber_by_size(model.fit_predict(vectors))
            strength = model.probabilities_
        log.info(
            "%d clusters; %d of %d records are noise",
            *(homes.max(initial=-1) + 1, int((homes < 0).sum()), len(vectors)),
        )
        return cls(vectors, homes, strength)

    def assign(self, vectors: Float32s) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return cluster and strength of the nearest of the fitted records, (n,).

        Noise is -1, with 0.
        """
        records, mean = self._centred
        _, place = nearest(vectors - mean, records)
        return self.homes[place], self.strength[place]

    @cached_property
    def _centred(self) -> tuple[Float32s, Float32s]:
        """The fitted records with their mean at the origin, (n, d), and it, (d,)."""
        mean = self.records.mean(axis=0, dtype=np.float64).astype(np.float32)
        return self.records - mean, mean

    def save(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return JSON-ready parameters, and files by name."""
        file = io.BytesIO()
        np.savez(file, records=self.records, homes=self.homes, strength=self.strength)
        return {"params": {}}, {"model.npz": file.getvalue()}

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return the clusters that `save` wrote."""
        shapes = {"records": "f nd", "homes": "i n", "strength": "f n"}
        found = arrays(members["model.npz"], shapes)
        return cls(*(found[name] for name in shapes))

    @property
    def width(self) -> int:
        """Width of a vector."""
        return int(self.records.shape[1])
