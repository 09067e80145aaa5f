"""Each vote counts as much as its annotator agrees with the majority (Wawa)."""

import numpy as np

from alcli.annotation.aggregators import Beliefs, Votes


def weighted_majority(votes: Votes) -> Beliefs:
    """Return shares of the weighted votes, (items, C), and the weights, (annotators,).

    An annotator weighs the share of his votes that are as the majority's ("worker
    agreement with aggregate", Appen's rule, as in crowd-kit); where k labels lead
    together, a vote for one of them agrees by 1/k.
    """
    shares = votes.shares()
    leads = shares >= shares.max(axis=1, keepdims=True, initial=0) - 1e-9
    agrees = leads / np.maximum(leads.sum(axis=1, keepdims=True), 1)
    weight = votes.mean_by_annotator(agrees.ravel()[votes.cells])
    sums = votes.sum_by_class(weight[votes.annotator])
    totals = sums.sum(axis=1, keepdims=True)
    shares = np.divide(sums, totals, out=shares, where=totals > 0)
    return votes.with_gold(shares), weight
