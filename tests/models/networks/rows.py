"""Encoded texts from lists of word indices."""

import numpy as np

from alcli.features.vocabulary import TokenIds


def rows_of(lists):
    """Return rows of lists of word indices, with -1 after each text as in `Encoder`."""
    lengths = np.array([len(numbers) for numbers in lists], int)
    flat = np.array([n for numbers in lists for n in (*numbers, -1)], np.int32)
    return TokenIds(flat, np.cumsum(lengths + 1) - lengths - 1, lengths)
