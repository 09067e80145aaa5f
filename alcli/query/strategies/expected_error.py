"""Expected error reduction, on a sample (Roy & McCallum, 2001)."""

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Float32s, Floats
from alcli.numerics.distances import (
    pairwise_squared_distances,
    row_slices,
    squared_norms,
)
from alcli.query.strategies import Pool, Rows, Size, batch, top


def _memory(size: Size) -> int:
    return 8000 * (size.classes + size.d) * 4 + 8 * (size.labelled + 4000) * 4000


@batch("probs", "vectors", "labels", memory=_memory, centred=True)
def expected_error(
    pool: Pool,
    n: int,
    rng: np.random.Generator,
    *,
    candidates: int = 500,
    references: int = 500,
) -> Rows:
    """Return the rows of least expected error, out of a sample of `candidates`.

    For each candidate and label, weighted by its probability, 1 - p1 is summed over
    `references` records. The classifier is a Parzen window (Chapelle, 2005): Gaussian
    kernels on the labelled vectors, whose width is their mean distance to the
    references, and a prior of one vote shared by all classes. Candidates are sampled
    because the cost is quadratic.
    """
    check_range(candidates >= 1, "candidates", candidates, "1 or more")
    check_range(references >= 1, "references", references, "1 or more")
    assert pool.labelled is not None  # a declared need
    assert pool.labelled.labels is not None
    known = np.flatnonzero(pool.labelled.labels >= 0)
    old, probs = pool.labelled.vectors[known], pool.scored.probs
    few, others = max(candidates, n), pool.vectors[:references]
    far = pairwise_squared_distances(others, old, squared_norms(old))
    width = float(far.mean(dtype=np.float64)) or 1.0
    classes = probs.shape[1]
    votes = np.full((len(others), classes), 1 / classes)
    weights = np.exp(-far.astype(np.float64) / width)
    for label in range(classes):
        votes[:, label] += weights[:, pool.labelled.labels[known] == label].sum(axis=1)
    utility = np.empty(min(few, len(pool)))
    for rows in row_slices(len(utility), len(others) * 4):
        utility[rows] = -_errors(votes, probs[rows], pool.vectors[rows], others, width)
    return top(utility, n)


def _errors(
    votes: Floats, probs: Floats, x: Float32s, others: Float32s, width: float
) -> Floats:
    """Return the expected error after labelling each x, (n,).

    votes: kernel sums of the references, (r, C). probs: (n, C). x: (n, d).
    others: vectors of the references, (r, d). width: of the kernel.
    """
    far = pairwise_squared_distances(x, others, squared_norms(others)).astype(
        np.float64
    )
    kernel = np.exp(-far / width)  # (n, references)
    most, total = votes.max(axis=1), votes.sum(axis=1) + kernel
    errors = np.zeros(len(x))
    for label in range(votes.shape[1]):
        best = np.maximum(most, votes[:, label] + kernel)  # only this class gains
        errors += probs[:, label] * (1 - best / total).sum(axis=1)
    return errors
