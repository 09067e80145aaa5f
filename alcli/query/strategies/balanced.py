"""Random records, equally many of each predicted class."""

import numpy as np

from alcli.query.strategies import Pool, Rows, Size, batch


def _memory(size: Size) -> int:
    return 64 * size.n + 4096


@batch("probs", memory=_memory)
def balanced(pool: Pool, n: int, rng: np.random.Generator) -> Rows:
    """Return rows, each of the predicted class with the fewest labels and rows so far.

    Random within a class. Of classes with equal counts, that of the first row in the
    order of the noise. If the model predicts one class only, as an untrained one may,
    all rows are random.
    """
    homes = pool.scored.probs.argmax(axis=1)
    counts = np.zeros(pool.scored.probs.shape[1], np.intp)
    old = pool.labelled.labels if pool.labelled is not None else None
    if old is not None:
        counts += np.bincount(old[old >= 0], minlength=len(counts))
    waiting = [np.flatnonzero(homes == c).tolist()[::-1] for c in range(len(counts))]
    rows = np.empty(n, np.intp)
    for place in range(n):
        _, _, home = min(
            (counts[c], own[-1], c) for c, own in enumerate(waiting) if own
        )
        rows[place] = waiting[home].pop()
        counts[home] += 1
    return rows
