"""Check of class probabilities, `probs`, shared by every reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from alcli.core.log import log

if TYPE_CHECKING:
    from alcli.core.types import Floats

TOLERANCE = 1e-2  # of a row sum: probabilities may be rounded to two or three digits
EXACT = 1e-6  # a sum this close to 1 counts as 1: float32 is no more precise
_ROUNDING = 1e-9  # three times 0.33 and 0.01 are not 1 in binary


def normalise_probs(
    probs: Floats, error: Callable[[int, str], Exception]
) -> tuple[Floats, Floats]:
    """Return probs whose rows sum to 1, (n, C), and the sums of changed rows, (m,).

    Rows that sum to 1 within EXACT are returned unchanged, bit for bit; rows within
    TOLERANCE are divided by their sum.

    probs: class probabilities, (n, C); not modified.
    error: builds the exception from a row index and a problem.

    Raises:
        Exception: `error` of the first row with a negative number, NaN, or a sum
            outside TOLERANCE.
    """
    import numpy as np

    sums = probs @ np.ones(probs.shape[1])  # as sum(axis=1), faster
    off = np.abs(sums - 1)
    if off.max(initial=0) <= EXACT and probs.min(initial=0) >= 0:
        return probs, np.empty(0)
    positive = (probs >= 0).all(axis=1)
    good = positive & (off <= TOLERANCE + _ROUNDING)
    if not good.all():
        row = int(np.argmin(good))
        sum_ = f"sum to 1, not to {sums[row]:.6g}"
        raise error(
            row,
            f'"probs" must be at least 0 and {sum_}; within {TOLERANCE} they are '
            "renormalised"
            if positive[row]
            else '"probs" must be at least 0',
        )
    rows = np.flatnonzero(off > EXACT)
    probs = probs.copy()
    probs[rows] /= sums[rows, None]
    return probs, sums[rows]


class RenormalisedCount:
    """Count of records whose `probs` were divided by their sum, for one warning."""

    def __init__(self) -> None:
        self._records, self._least, self._most = 0, float("inf"), float("-inf")

    def add(self, sums: Floats) -> None:
        """Add the row sums, (m,), of renormalised records."""
        if len(sums):
            self._records += len(sums)
            self._least = min(self._least, float(sums.min()))
            self._most = max(self._most, float(sums.max()))

    def warn(self) -> None:
        """Log one warning if the count is not 0, and reset it."""
        if self._records:
            least, most = f"{self._least:.6g}", f"{self._most:.6g}"
            log.warning(
                "%s probs that sum to %s; renormalised",
                f"{self._records:,} record{'s have' if self._records > 1 else ' has'}",
                least if least == most else f"{least} to {most}",
            )
        self._records, self._least, self._most = 0, float("inf"), float("-inf")
