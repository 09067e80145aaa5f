"""Many votes on an item, one belief in its label.

An aggregator is a function `(votes, **params) -> (beliefs, quality)`: beliefs are
(items, C) with rows that sum to 1, or 0 for an item without votes; quality is one
number per annotator, or None. To add one, write `alcli/aggregators/NAME.py` with a
function of that name, and its test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alcli.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Beliefs = tuple[NDArray[np.float64], NDArray[np.float64] | None]


@dataclass(frozen=True)
class Votes:
    """Parallel arrays of numbers, an element for each vote that has a label.

    item, annotator, label: (votes,) integers from 0 up; sizes: items, annotators, C.
    """

    item: NDArray[np.int32]
    annotator: NDArray[np.int32]
    label: NDArray[np.int32]
    items: int
    annotators: int
    classes: int


aggregators: Registry[Callable[..., Beliefs]] = Registry("aggregator", __name__)
