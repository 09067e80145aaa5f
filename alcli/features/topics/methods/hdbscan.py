"""HDBSCAN over vectors (Campello et al., 2013), by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.cluster import HDBSCAN

from alcli.core.container import array_bytes, arrays
from alcli.core.log import log
from alcli.core.memory import ensure
from alcli.core.types import Float32s, Floats, Indices
from alcli.features.topics.methods import (
    SUBSAMPLE_REMEDY,
    Range,
    check_parameters,
    renumber_by_size,
)
from alcli.numerics.distances import nearest


class hdbscan:
    """Clusters of records.

    records: (n, d).
    homes: cluster of each, (n,); 0 is the largest, -1 is noise.
    strength: of its membership, (n,), in [0, 1].
    """

    INPUT: ClassVar = "vectors"
    RANGES: ClassVar = {
        "min_cluster_size": Range(2, 10**9),
        "min_samples": Range(0, 10**9),
        "epsilon": Range(0, 1e30),
    }

    def __init__(self, records: Float32s, homes: Indices, strength: Floats) -> None:
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
        """Return the clusters of vectors, (n, d); the seed has no effect.

        Time: n^2 d. Memory: 24 bytes per number of the vectors, 200 per record, and 40
        per neighbour, of which a record has `min_samples`.

        min_samples: 0 is min_cluster_size.
        epsilon: distance below which clusters are merged.

        Raises:
            MemoryRefused: less memory is available.
            BadParameter: a number out of its range.
        """
        least = min_cluster_size
        own = {"min_cluster_size": least, "min_samples": min_samples}
        check_parameters(cls, own | {"epsilon": epsilon})
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

    def assign(self, vectors: Float32s) -> tuple[Indices, Floats]:
        """Return cluster and strength of the nearest fitted record, (n,).

        Noise: -1 and 0.
        """
        records, mean = self._centred
        _, place = nearest(vectors - mean, records)
        return self.homes[place], self.strength[place]

    @cached_property
    def _centred(self) -> tuple[Float32s, Float32s]:
        """Fitted records minus their mean, (n, d), and the mean, (d,)."""
        mean = self.records.mean(axis=0, dtype=np.float64).astype(np.float32)
        return self.records - mean, mean

    def save(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return JSON-ready parameters, and members by name."""
        data = array_bytes(
            records=self.records, homes=self.homes, strength=self.strength
        )
        return {"params": {}}, {"model.npz": data}

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return the clusters that `save` returned."""
        shapes = {"records": "f nd", "homes": "i n", "strength": "f n"}
        found = arrays(members["model.npz"], shapes)
        return cls(*(found[name] for name in shapes))

    @property
    def width(self) -> int:
        """Width of a vector."""
        return int(self.records.shape[1])
