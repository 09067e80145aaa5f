"""How many threads the packages that compute may start."""

from __future__ import annotations

import os

_NAMES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def limit(threads: int) -> None:
    """Let NumPy, scikit-learn, TensorFlow and PyTorch start so many; before they load.

    JAX starts its own, whatever is asked.
    """
    for name in _NAMES:
        os.environ[name] = str(threads)


def count() -> int:
    """Return how many threads there are to compute with."""
    limited = os.environ.get(_NAMES[0], "")
    return int(limited) if limited.isdigit() else len(os.sched_getaffinity(0))
