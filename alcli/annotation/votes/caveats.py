"""Warnings about votes, and about the labels of an aggregator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from alcli.annotation.aggregators import Beliefs, Floats, Votes
from alcli.core.log import log

TIE = 1e-9  # beliefs that differ by less are tied


def warn_of_similar_names(names: Sequence[str]) -> None:
    """Log a warning for each group of class names that may mean one class."""
    for group in similar_names(names):
        names_in = " and ".join(f'"{name}"' for name in group)
        log.warning(
            "labels %s differ only in case or space; they are different classes",
            names_in,
        )


def warn_of_contradictions(
    votes: Votes, beliefs: Floats, aggregate: Callable[..., Beliefs]
) -> None:
    """Log the number of unanimous items that an aggregator labels otherwise.

    They have two votes or more, all for one label, and no gold answer.
    """
    unanimous = (votes.counts.max(axis=1, initial=0) == votes.votes_per_item) & (
        votes.votes_per_item > 1
    )
    if votes.gold is not None:
        unanimous &= votes.gold < 0
    items = np.flatnonzero(unanimous)
    label = votes.counts[items].argmax(axis=1) if len(items) else items
    own = beliefs[items, label]
    other = int((own < beliefs[items].max(axis=1, initial=0) - TIE).sum())
    if other:
        log.warning(
            "%s differs from unanimous votes on %s of %s items; with few votes per "
            "annotator use majority",
            getattr(aggregate, "__name__", "the aggregator").replace("_", "-"),
            f"{other:,}",
            f"{int((votes.votes_per_item > 0).sum()):,}",
        )


def similar_names(names: Sequence[str]) -> list[list[str]]:
    """Return groups of names that differ only in case or in space.

    >>> similar_names(["no", "Yes", "yes "])
    [['Yes', 'yes ']]
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[" ".join(name.split()).casefold()].append(name)
    return [group for group in groups.values() if len(group) > 1]
