"""Warnings about votes and what an aggregator made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from alcli.annotation.aggregators import Beliefs, Floats, Votes
from alcli.core.report import log

TIE = 1e-9  # beliefs nearer to each other than that are as good


def warn_of_similar_names(names: Sequence[str]) -> None:
    """Log a line for each group of classes that may be meant as one."""
    for group in similar_names(names):
        shown = " and ".join(f'"{name}"' for name in group)
        log.warning("labels %s differ only in case or space; they count apart", shown)


def warn_of_contradictions(
    votes: Votes, beliefs: Floats, aggregate: Callable[..., Beliefs]
) -> None:
    """Log a line where an aggregator gives a label that no vote on the item is for.

    Only items with two votes or more for one and the same label, and no known answer.
    """
    unanimous = (votes.counts.max(axis=1, initial=0) == votes.votes_per_item) & (
        votes.votes_per_item > 1
    )
    if votes.gold is not None:
        unanimous &= votes.gold < 0
    items = np.flatnonzero(unanimous)
    said = votes.counts[items].argmax(axis=1) if len(items) else items
    own = beliefs[items, said]
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

    >>> alike(["no", "Yes", "yes "])
    [['Yes', 'yes ']]
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[" ".join(name.split()).casefold()].append(name)
    return [group for group in groups.values() if len(group) > 1]
