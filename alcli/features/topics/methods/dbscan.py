"""DBSCAN over vectors (Ester et al., 1996), by scikit-learn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from alcli.core.container import arrays
from alcli.core.memory import ensure
from alcli.core.params import check_range
from alcli.core.report import log
from alcli.core.types import Float32s
from alcli.features.topics.methods import SUBSAMPLE_REMEDY, renumber_by_size
from alcli.numerics.distances import (
    nearest,
    pairwise_squared_distances,
    row_slices,
    squared_norms,
)

_SAMPLE = 1000  # records that the density is measured at
_REMEDY = f"{SUBSAMPLE_REMEDY}, or --set a smaller eps"


class dbscan:
    """Clusters of core records, (m, d), by number, (m,); 0 has most of them.

    The mean of the vectors, (d,), is taken off before distances are measured, so that
    rounding is small beside them.
    """

    INPUT: ClassVar = "vectors"

    def __init__(
        self, cores: Float32s, homes: NDArray[np.intp], eps: float, mean: Float32s
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

        A core record has `min_samples` records within eps, itself among them. eps: 0 is
        the distance at which a half of the records are core. That, and how many are
        within eps, is told by a sample of 1,000. Memory: 16 bytes for each number of
        the vectors, and 12 for each pair of records within eps.

        Raises:
            MemoryRefused: there is less memory than that.
            BadParameter: a number out of its range.
        """
        check_range(eps >= 0, "eps", eps, "0 or more")
        check_range(min_samples >= 1, "min_samples", min_samples, "1 or more")
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

    def assign(self, vectors: Float32s) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the cluster of the nearest core record within eps, (n,), and 1.

        Noise is -1, with 0.
        """
        x = vectors - self.mean
        far, place = nearest(x, self.cores)
        inside = far <= _limit(self.eps, x)
        homes = np.full(len(x), -1)
        homes[inside] = self.homes[place[inside]]
        return homes, inside.astype(np.float64)

    def save(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return JSON-ready parameters, and files by name."""
        file = io.BytesIO()
        np.savez(file, cores=self.cores, homes=self.homes, mean=self.mean)
        return {"params": {"eps": self.eps}}, {"model.npz": file.getvalue()}

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return the clusters that `save` wrote."""
        shapes = {"cores": "f Md", "homes": "i M", "mean": "f d"}
        found = arrays(members["model.npz"], shapes)
        eps = float(card["params"]["eps"])
        return cls(found["cores"], found["homes"], eps, found["mean"])

    @property
    def width(self) -> int:
        """Width of a vector."""
        return len(self.mean)


def _limit(eps: float, x: Float32s) -> Float32s:
    """Return up to which square of a distance others are within eps of x, (n,).

    A record is as near to itself, and to one like it, as rounding lets it be.
    """
    found: Float32s = eps**2 + np.float32(2e-6) * squared_norms(x)
    return found


def _density(
    x: Float32s, some: Float32s, eps: float, min_samples: int
) -> tuple[float, float]:
    """Return eps, found if it is 0, and how many records are within it, on average."""
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
