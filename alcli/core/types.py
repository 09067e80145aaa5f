"""Array types, by their elements; shapes are in the docstrings of functions.

NumPy is imported by type checkers only: the aliases are evaluated on use.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Float32s = NDArray[np.float32]
type Ints = NDArray[np.integer[Any]]  # class numbers, counts
type Indices = NDArray[np.intp]  # rows of another array
