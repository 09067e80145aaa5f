"""Number of compute threads, for NumPy, scikit-learn, TensorFlow and PyTorch."""

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
    """Limit the threads of numeric packages; call it before they are imported.

    JAX ignores the limit.
    """
    for name in _NAMES:
        os.environ[name] = str(threads)


def count() -> int:
    """Return the number of threads to compute with: the limit, or the usable cores."""
    limited = os.environ.get(_NAMES[0], "")
    return int(limited) if limited.isdigit() else len(os.sched_getaffinity(0))
