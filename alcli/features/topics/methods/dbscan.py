"""DBSCAN over vectors (Ester et al., 1996), by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.cluster import DBSCAN

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
from alcli.numerics.distances import (
    nearest,
    pairwise_squared_distances,
    row_slices,
    squared_norms,
)

_SAMPLE = 1000  # records at which the density is estimated
_REMEDY = f"{SUBSAMPLE_REMEDY}, or --set a smaller eps"


class dbscan:
    """Clusters of core records.

    cores: core records, (m, d), centred.
    homes: cluster of each, (m,); 0 is the largest.
    eps: radius of a neighbourhood.
    mean: subtracted from vectors, (d,), so that rounding is small beside distances.
    """

    INPUT: ClassVar = "vectors"
    RANGES: ClassVar = {"eps": Range(0, 1e30), "min_samples": Range(1, 10**9)}

    def __init__(
        self, cores: Float32s, homes: Indices, eps: float, mean: Float32s
    ) -> None:
        self.cores, self.homes, self.eps, self.mean = cores, homes, eps, mean

    @classmethod
    def fit(
        cls,
        vectors: Float32s,
        *,
        eps: float = 0.0,
        min_samples: int = 5,
        seed: int = 0,
    ) -> Self:
        """Return the clusters of vectors, (n, d).

        A core record has `min_samples` records within eps, itself included. This
        density is estimated from 1,000 records. Memory: 16 bytes per number of the
        vectors, and 12 per pair of records within eps.

        eps: radius; 0 is the one at which half of the records are core.
        seed: of the sample for the density.

        Raises:
            MemoryRefused: less memory is available.
            BadParameter: a number out of its range.
        """
        check_parameters(cls, {"eps": eps, "min_samples": min_samples})
        ensure(16 * vectors.size + (16 << 20), remedy=_REMEDY)
        mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        x = vectors - mean
        some = np.random.default_rng(seed).permutation(len(x))[:_SAMPLE]
        reach, pairs = _density(x, x[some], eps, min_samples)
        ensure(12 * round(pairs * len(x)) + 8 * x.size, remedy=_REMEDY)
        found = DBSCAN(eps=reach, min_samples=min_samples).fit(x)
        cores = found.core_sample_indices_
        homes = renumber_by_size(found.labels_[cores])
        log.info(
            "eps %.4g: %d clusters; %d of %d records are noise",
            *(reach, homes.max(initial=-1) + 1, int((found.labels_ < 0).sum()), len(x)),
        )
        return cls(x[cores], homes, reach, mean)

    def assign(self, vectors: Float32s) -> tuple[Indices, Floats]:
        """Return the cluster of the nearest core record within eps, (n,), and 1.

        Noise: -1 and 0.
        """
        x = vectors - self.mean
        far, place = nearest(x, self.cores)
        inside = far <= _limit(self.eps, x)
        homes = np.full(len(x), -1)
        homes[inside] = self.homes[place[inside]]
        return homes, inside.astype(np.float64)

    def save(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return JSON-ready parameters, and members by name."""
        data = array_bytes(cores=self.cores, homes=self.homes, mean=self.mean)
        return {"params": {"eps": self.eps}}, {"model.npz": data}

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return the clusters that `save` returned."""
        shapes = {"cores": "f Md", "homes": "i M", "mean": "f d"}
        found = arrays(members["model.npz"], shapes)
        eps = float(card["params"]["eps"])
        return cls(found["cores"], found["homes"], eps, found["mean"])

    @property
    def width(self) -> int:
        """Width of a vector."""
        return len(self.mean)


def _limit(eps: float, x: Float32s) -> Float32s:
    """Return the largest squared distance to x that is within eps, (n,).

    Distances to equal records are 0 up to rounding, which the second term allows.
    """
    found: Float32s = eps**2 + np.float32(2e-6) * squared_norms(x)
    return found


def _density(
    x: Float32s, some: Float32s, eps: float, min_samples: int
) -> tuple[float, float]:
    """Return eps, estimated if it is 0, and the mean number of records within it."""
    x2, k = squared_norms(x), min(min_samples, len(x)) - 1
    reach = np.empty(len(some), np.float32)
    for rows in row_slices(len(some), len(x)):
        far = pairwise_squared_distances(some[rows], x, x2)
        reach[rows] = np.partition(far, k, axis=1)[:, k]
    found = eps or max(float(np.sqrt(np.median(reach))), 1e-6)
    inside = 0
    for rows in row_slices(len(some), len(x)):
        far = pairwise_squared_distances(some[rows], x, x2)
        inside += int((far <= _limit(found, some[rows])[:, None]).sum())
    return found, inside / len(some)
