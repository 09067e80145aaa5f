"""Unlike labelled records, by a classifier (Gissin & Shalev-Shwartz, 2019)."""

import numpy as np

from alcli.core.params import check_range
from alcli.core.types import Float32s, Floats
from alcli.query.strategies import Pool, Rows, Size, batch, top

_STEPS = 30


def _memory(size: Size) -> int:
    fitted = min(size.n, 10 * (size.labelled + size.k)) + size.labelled + size.k
    return 32 * size.n + (fitted * 36 + 24 * size.d) * (size.d + 1)


@batch("vectors", "labelled", memory=_memory, centred=True)
def discriminative(
    pool: Pool, n: int, rng: np.random.Generator, *, rounds: int = 10, factor: int = 10
) -> Rows:
    """Return the rows that are most probably unlabelled, in `rounds` parts.

    Before each part a logistic regression on vectors is fitted: labelled and selected
    records against a sample of `factor` times as many others; both classes have equal
    weights, and the penalty is |w|^2 / 2.
    """
    check_range(rounds >= 1, "rounds", rounds, "1 or more")
    check_range(factor >= 1, "factor", factor, "1 or more")
    assert pool.labelled is not None  # a declared need
    x, free = pool.vectors, np.ones(len(pool), bool)
    parts: list[Rows] = []
    for part in np.array_split(np.arange(n), min(rounds, n)):
        labelled = np.concatenate([pool.labelled.vectors, x[~free]])
        others = x[np.flatnonzero(free)[: factor * len(labelled)]]
        weights, bias = _logistic_regression(others, labelled)
        utility = np.where(free, x @ weights.astype(np.float32) + bias, -np.inf)
        parts.append(top(utility, len(part)))
        free[parts[-1]] = False
    return np.concatenate(parts)


def _logistic_regression(yes: Float32s, no: Float32s) -> tuple[Floats, float]:
    """Return weights, (d,), and bias of a logistic regression, by Newton's method.

    The objective is the sum of both classes' mean losses, times the number of rows / 2,
    + |w|^2 / 2.

    yes, no: vectors of the two classes, (n, d).
    """
    x = np.concatenate([yes, no]).astype(np.float64)
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    y = np.repeat([1.0, 0.0], [len(yes), len(no)])
    shares = np.repeat(
        [len(x) / 2 / len(yes), len(x) / 2 / len(no)], [len(yes), len(no)]
    )
    penalty = np.append(np.ones(x.shape[1] - 1), 1e-9)  # none on the bias
    found = np.zeros(x.shape[1])
    loss = _loss(x, y, shares, penalty, found)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ found, -500, 500)))
        slope = x.T @ (shares * (p - y)) + penalty * found
        bend = (x * (shares * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step, size = np.linalg.solve(bend, slope), 1.0
        while (new := _loss(x, y, shares, penalty, found - size * step)) > loss:
            size /= 2
            if size < 1e-6:
                return found[:-1], float(found[-1])
        found = found - size * step
        if loss - new < 1e-12 * abs(loss):
            break
        loss = new
    return found[:-1], float(found[-1])


def _loss(x: Floats, y: Floats, shares: Floats, penalty: Floats, w: Floats) -> float:
    z = x @ w
    return float(
        (shares * (np.logaddexp(0, z) - y * z)).sum() + (penalty * w * w).sum() / 2
    )
