"""Share of the votes, weighted by agreement with the majority (Wawa)."""

import numpy as np

from alcli.annotation.aggregators import Beliefs, Votes


def weighted_majority(votes: Votes) -> Beliefs:
    """Return shares of the weighted votes, (items, C), and the weights, (annotators,).

    The weight of an annotator is the share of votes that agree with the majority
    ("worker agreement with aggregate", Appen's rule, as in crowd-kit); a vote for one
    of k tied labels agrees by 1/k.
    """
    shares = votes.shares()
    leads = shares >= shares.max(axis=1, keepdims=True, initial=0) - 1e-9
    agrees = leads / np.maximum(leads.sum(axis=1, keepdims=True), 1)
    weight = votes.mean_by_annotator(agrees.ravel()[votes.cells])
    sums = votes.sum_by_class(weight[votes.annotator])
    totals = sums.sum(axis=1, keepdims=True)
    shares = np.divide(sums, totals, out=shares, where=totals > 0)
    return votes.with_gold(shares), weight
