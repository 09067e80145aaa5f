"""DBSCAN over vectors (Ester et al., 1996), by scikit-learn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from alcli.core.memory import ensure
from alcli.core.params import require
from alcli.core.report import log
from alcli.geometry.distances import Vectors, nearest, slices, squares, to_all

_SAMPLE = 1000  # records that the density is measured at
_REMEDY = "fit on a sample of the records, --subsample N, or --set a smaller eps"


class dbscan:
    """Clusters of core records, (m, d), by number, (m,); 0 has most of them."""

    INPUT: ClassVar = "vectors"

    def __init__(self, cores: Vectors, homes: NDArray[np.intp], eps: float) -> None:
        self.cores, self.homes, self.eps = cores, homes, eps

    @classmethod
    def fit(
        cls,
        vectors: Vectors,
        *,
        eps: float = 0.0,
        min_samples: int = 5,
        seed: int = 0,
    ) -> Self:
        """Return the clusters of vectors, (n, d); the seed changes nothing.

        A core record has `min_samples` records within eps, itself among them. eps: 0 is
        the distance at which a half of the records are core, by a sample. Memory: 8
        bytes for each number of the vectors, and 12 for each pair of records within
        eps; this is measured before.

        Raises:
            MemoryRefused: there is less memory than that.
            BadParameter: a number out of its range.
        """
        require(eps >= 0, "eps", eps, "0 or more")
        require(min_samples >= 1, "min_samples", min_samples, "1 or more")
        step = max(1, len(vectors) // _SAMPLE)
        reach, pairs = _density(vectors, vectors[::step], eps, min_samples)
        ensure(8 * vectors.size + 12 * round(pairs * len(vectors)), remedy=_REMEDY)
        found = DBSCAN(eps=reach, min_samples=min_samples).fit(vectors)
        cores = found.core_sample_indices_
        homes = found.labels_[cores]
        sizes = np.bincount(homes)
        number = np.empty(len(sizes), np.intp)
        number[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
        log.info(
            "eps %.4g: %d clusters; %d of %d records are noise",
            *(reach, len(sizes), int((found.labels_ < 0).sum()), len(vectors)),
        )
        return cls(vectors[cores], number[homes], reach)

    def assign(self, vectors: Vectors) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the cluster of the nearest core record within eps, (n,), and 1.

        Noise is -1, with 0.
        """
        far, place = nearest(vectors, self.cores)
        # a core record is as near to itself as rounding lets it be
        reach = self.eps**2 + 1e-5 * squares(vectors)
        inside = far <= reach if len(self.cores) else np.zeros(len(vectors), bool)
        homes = np.full(len(vectors), -1)
        homes[inside] = self.homes[place[inside]]
        return homes, inside.astype(np.float64)

    def save(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return JSON-ready parameters, and files by name."""
        file = io.BytesIO()
        np.savez(file, cores=self.cores, homes=self.homes)
        return {"params": {"eps": self.eps}}, {"model.npz": file.getvalue()}

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return what `save` described."""
        with np.load(io.BytesIO(members["model.npz"]), allow_pickle=False) as arrays:
            return cls(arrays["cores"], arrays["homes"], float(card["params"]["eps"]))

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self.cores.shape[1])


def _density(
    x: Vectors, some: Vectors, eps: float, min_samples: int
) -> tuple[float, float]:
    """Return eps, found if it is 0, and how many records are within it, on average."""
    x2, k = squares(x), min(min_samples, len(x)) - 1
    reach = np.empty(len(some), np.float32)
    for rows in slices(len(some), len(x)):
        far = to_all(some[rows], x, x2)
        reach[rows] = np.partition(far, k, axis=1)[:, k]
    found = eps or max(float(np.sqrt(np.median(reach))), 1e-6)
    inside = 0
    for rows in slices(len(some), len(x)):
        inside += int((to_all(some[rows], x, x2) <= found**2).sum())
    return found, inside / len(some)
