"""Shares of the votes."""

import numpy as np

from alcli.annotation.aggregators import Votes
from alcli.annotation.aggregators.majority import majority


def test_beliefs_are_shares():
    item, label = np.array([[0, 0, 0, 2, 2], [1, 0, 1, 0, 1]], np.int32)
    beliefs, quality = majority(
        Votes(item, np.arange(5, dtype=np.int32), label, 3, 5, 2)
    )
    assert beliefs.tolist() == [[1 / 3, 2 / 3], [0, 0], [0.5, 0.5]]
    assert quality is None
