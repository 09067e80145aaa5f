"""Every vote counts the same; the belief in a label is its share of the votes."""

import numpy as np

from alcli.aggregators import Beliefs, Votes


def majority(votes: Votes) -> Beliefs:
    """Return the shares of the votes, (items, C); annotators are not judged."""
    cells = votes.item.astype(np.int64) * votes.classes + votes.label
    counts = np.bincount(cells, minlength=votes.items * votes.classes)
    table = counts.reshape(votes.items, votes.classes)
    totals = table.sum(axis=1, keepdims=True)
    return table / np.maximum(totals, 1), None
