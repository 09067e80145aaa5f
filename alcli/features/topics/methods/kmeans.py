"""k-means over vectors (Lloyd, 1982), by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.cluster import KMeans

from alcli.core.container import array_bytes, arrays
from alcli.core.errors import InputError
from alcli.core.memory import ensure
from alcli.core.types import Float32s, Floats, Indices
from alcli.features.topics.methods import (
    MOST,
    SUBSAMPLE_REMEDY,
    Range,
    check_parameters,
)
from alcli.numerics.distances import (
    pairwise_squared_distances,
    row_slices,
    squared_norms,
)


class kmeans:
    """Clusters around centres, (K, d); 0 was the largest in the fit."""

    INPUT: ClassVar = "vectors"
    RANGES: ClassVar = {"clusters": Range(1, MOST), "max_iter": Range(1, MOST)}

    def __init__(self, centres: Float32s) -> None:
        self.centres = centres

    @classmethod
    def fit(
        cls,
        vectors: Float32s,
        *,
        clusters: int = 10,
        max_iter: int = 300,
        seed: int = 0,
    ) -> Self:
        """Return the clusters of vectors, (n, d).

        Memory: 8 bytes per number of the vectors.

        Raises:
            InputError: there are fewer records than clusters.
            MemoryRefused: less memory is available.
            BadParameter: a number out of its range.
        """
        check_parameters(cls, {"clusters": clusters, "max_iter": max_iter})
        if len(vectors) < clusters:
            problem = f"{len(vectors)} records cannot form {clusters} clusters"
            raise InputError(f"{problem}; set fewer with --set clusters=K")
        ensure(8 * vectors.size, remedy=SUBSAMPLE_REMEDY)
        model = KMeans(clusters, n_init=1, max_iter=max_iter, random_state=seed)
        homes = model.fit_predict(vectors)
        sizes = np.bincount(homes, minlength=clusters)
        order = np.argsort(-sizes, kind="stable")
        return cls(np.ascontiguousarray(model.cluster_centers_[order], np.float32))

    def assign(self, vectors: Float32s) -> tuple[Indices, Floats]:
        """Return the cluster of the nearest centre, (n,), and the membership, (n,).

        Membership of fuzzy c-means with m = 2 (Bezdek, 1981): 1 / sum_k d^2 / d_k^2,
        with d_k the distance to centre k and d that to the nearest.
        """
        homes = np.empty(len(vectors), np.intp)
        share = np.empty(len(vectors))
        centres = self.centres.copy()
        mean = self.centres.mean(axis=0)
        centres -= mean
        far2 = squared_norms(centres)
        for rows in row_slices(len(vectors), max(self.centres.shape)):
            far = pairwise_squared_distances(
                vectors[rows] - mean, centres, far2
            ).astype(np.float64)
            far = np.maximum(far, 1e-12)
            homes[rows] = far.argmin(axis=1)
            share[rows] = 1 / (far.min(axis=1)[:, None] / far).sum(axis=1)
        return homes, share

    def save(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return JSON-ready parameters, and members by name."""
        params = {"clusters": len(self.centres)}
        return {"params": params}, {"model.npz": array_bytes(centres=self.centres)}

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return the clusters that `save` returned."""
        return cls(arrays(members["model.npz"], {"centres": "f kd"})["centres"])

    @property
    def width(self) -> int:
        """Width of a vector."""
        return int(self.centres.shape[1])
