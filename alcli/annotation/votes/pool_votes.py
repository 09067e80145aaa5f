"""Votes on the records of a pool, whose rows are the items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alcli.annotation.aggregators import Votes
from alcli.annotation.votes.ledger import Ledger
from alcli.core.errors import InputError
from alcli.core.log import log


def votes_on(
    ledger: Ledger,
    ids: Sequence[str],
    classes: Sequence[str],
    probs: NDArray[np.float64],
) -> Votes:
    """Return a ledger's votes on n records; other votes are dropped, and counted.

    ids: of the records; the first of equal ones has the votes. classes: sorted names,
    in the order of probs, (n, C).

    Raises:
        InputError: no vote is on any record, or one is for another class.
    """
    votes, names, _ = ledger.votes(classes)
    if strange := sorted(set(names) - set(classes)):
        raise InputError(
            f'votes are for "{strange[0]}", which is no class of "probs"; '
            "train with --grow-classes, and score again"
        )
    row = np.full(len(ledger.ids), -1, np.int32)
    for place in range(len(ids) - 1, -1, -1):
        if ids[place] in ledger.ids:
            row[ledger.ids[ids[place]]] = place
    here = row[votes.item] >= 0
    if len(here) and not here.any():
        raise InputError("no vote is on a record of the input; is it the right ledger?")
    if not here.all():
        log.info("%d votes are on no record of the input", int((~here).sum()))
    return replace(
        votes,
        item=row[votes.item[here]],
        annotator=votes.annotator[here],
        label=votes.label[here],
        items=len(ids),
        probs=probs,
    )
