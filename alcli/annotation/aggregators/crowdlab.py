"""Votes and a model's `probs`, weighted by estimated reliability (CROWDLAB)."""

import numpy as np

from alcli.annotation.aggregators import Beliefs, Floats, Votes, model_aware
from alcli.core.errors import UsageError

_LEAST = 1e-6  # weight of an annotator no better than the commonest class


def relabel_score(votes: Votes, beliefs: Floats) -> Floats:
    """Return the ActiveLab score, (items,); the lowest is labelled again first.

    Goh and Mueller (2023), eq. 2 and 3. An item without votes has the model's
    confidence. If no item has two votes, annotators cannot be compared: all weights are
    1 and the belief in a label is the model's, as in cleanlab, the authors' code; a
    label that the model contradicts comes before a record of which it is unsure.
    Unlike cleanlab, and like the paper, this fits no temperature to the votes, and does
    not repeat the weighting with its own labels in place of the majorities.
    """
    weight, model, _ = _weights(votes)
    probs = _probs(votes)
    sure = np.where(
        votes.voted > 0, beliefs.max(axis=1, initial=0), probs.max(axis=1, initial=0)
    )
    if not (votes.votes_per_item > 1).any():
        sure[votes.item] = probs[votes.item, votes.label]
    some = ~np.isnan(weight)
    usual = weight[some].mean() if some.any() else 1.0
    total = np.bincount(votes.item, weight[votes.annotator], votes.items) + model
    return (sure * total + usual / max(1, votes.classes)) / (total + usual)


@model_aware(relabel_score)
def crowdlab(votes: Votes) -> Beliefs:
    """Return beliefs, (items, C), and the weights of annotators, at most 1.

    Goh et al. (2022), "CROWDLAB", section 3: the weighted mean of the model's row and
    one row per vote, in which its label has probability P and the other classes share
    the rest; P is the mean agreement with the majority. `probs` break ties.

    Raises:
        UsageError: the votes have no `probs`.
    """
    weight, model, likely = _weights(votes)
    other = (1 - likely) / max(1, votes.classes - 1)
    each = weight[votes.annotator]
    every = np.bincount(votes.item, each, votes.items)[:, None]
    sums = (
        votes.sum_by_class(each * (likely - other))
        + every * other
        + model * _probs(votes)
    )
    sums *= votes.voted[:, None]
    totals = sums.sum(axis=1, keepdims=True)
    return votes.with_gold(sums / np.where(totals > 0, totals, 1)), weight


def _weights(votes: Votes) -> tuple[Floats, float, float]:
    """Return the weights of annotators, (annotators,), and model, and P.

    They are estimated from items with two votes or more; without any, all are 1.
    """
    number = votes.votes_per_item
    shared = number > 1
    if not shared.any():
        return votes.mean_by_annotator(np.ones(len(votes.item))), 1.0, 1.0
    probs = _probs(votes)
    majority = _leaders(votes.with_gold(votes.counts + probs / 2))
    usual_error = max(_LEAST, 1 - float(majority[shared].mean(axis=0).max()))
    agreed = (votes.counts * majority).sum(axis=1)[shared] / number[shared]
    model_error = 1 - float((_leaders(probs) * majority)[shared].sum(axis=1).mean())
    model = max(_LEAST, 1 - model_error / usual_error)
    model *= float(np.sqrt(number[number > 0].mean()))
    return _agreement(votes, usual_error), model, float(agreed.mean())


def _agreement(votes: Votes, usual_error: float) -> Floats:
    """Return the weights of annotators: chance-corrected agreement, (annotators,)."""
    counts = votes.counts.astype(np.float64)
    pairs = counts.sum(axis=1)[votes.item] - 1  # (votes,), other votes on the item
    alike = counts.ravel()[votes.cells] - 1
    mean_pairs, mean_alike = (
        votes.mean_by_annotator(pairs),
        votes.mean_by_annotator(alike),
    )
    alone = mean_pairs == 0  # no shared item: the mean of the others
    share = alike.sum() / pairs.sum()
    agree = np.where(alone, share, mean_alike / np.where(alone, 1, mean_pairs))
    return np.maximum(_LEAST, 1 - (1 - agree) / usual_error)


def _leaders(scores: Floats) -> Floats:
    """Return the most probable class of each row as a row of 0 and 1, ties shared."""
    leads = scores >= scores.max(axis=1, keepdims=True) - 1e-9
    return leads / leads.sum(axis=1, keepdims=True)


def _probs(votes: Votes) -> Floats:
    if votes.probs is None:
        raise UsageError("crowdlab needs the model's probs: run `alcli score`")
    return votes.probs
