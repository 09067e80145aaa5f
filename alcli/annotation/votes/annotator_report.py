"""Quality report of each annotator, and agreement of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.annotation.aggregators import Votes
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import Merge
from alcli.core.log import log
from alcli.numerics import agreement

SPAMMER = 0.2  # upper bound of kappa: "slight" (Landis and Koch, 1977)
FEWEST = 5  # comparable items; for fewer, quality is prior and chance


def annotator_records(ledger: Ledger, merge: Merge) -> Iterator[dict[str, Any]]:
    """Yield a record for each annotator, in the order of first votes.

    Its fields; None: not defined.

    annotator: name. items: number of items with an answer. skipped, replaced: see
        `ledger.AnnotatorActivity`. seconds: median time of a vote.
    accuracy: share of answers that agree with the label of the other votes on the item,
        for items with three votes or more; k tied labels count 1/k each. A gold answer
        replaces the other votes.
    gold_items, gold_accuracy: the same for gold answers alone.
    quality: that of the aggregator, if there are 5 or more comparable items: with other
        votes, with a gold answer, or with `probs` for a `ModelAware` aggregator.
    kappa: agreement with the other votes on the same items, beyond chance; a gold
        answer replaces the other votes.
    confusion: {merged label: {answer: number of items}}.
    probably_spammer: True if the upper bound of kappa (Wilson's one-sided 95 %
        interval) is at most 0.2.
    """
    votes, activity = merge.votes, ledger.activity()
    gold = np.full(votes.items, -1, np.int32) if votes.gold is None else votes.gold
    merged, known = merge.label[votes.item], gold[votes.item]
    people, on_gold = votes.annotators, votes.annotator[known >= 0]
    others = agreement.peer_agreement(
        votes.item, votes.annotator, votes.label, people, gold
    )
    quality = np.full(people, np.nan) if merge.quality is None else merge.quality
    few = _comparable_items(votes) < FEWEST
    columns: dict[str, NDArray[Any]] = {
        "items": np.bincount(votes.annotator, minlength=people),
        "skipped": activity.skipped,
        "replaced": activity.replaced,
        "accuracy": _mean(votes, _agreement(votes, gold)),
        "gold_items": np.bincount(on_gold, minlength=people),
        "gold_accuracy": _mean(votes, _is_right(votes, known)),
        "quality": np.where(few, np.nan, quality),
        "kappa": others.kappa,
        "seconds": activity.seconds,
        "probably_spammer": others.kappa_upper_bound() <= SPAMMER,
    }
    confusions = _confusion_tables(votes, merged, merge.names)
    values = [map(_rounded, column.tolist()) for column in columns.values()]
    for name, confusion, row in zip(
        ledger.annotators, confusions, zip(*values, strict=True), strict=True
    ):
        record = {"annotator": name, **dict(zip(columns, row, strict=True))}
        yield {**record, "confusion": confusion}


def agreement_summary(votes: Votes) -> dict[str, Any]:
    """Return the agreement of annotators as one record; None: not defined.

    percent: share of pairs of votes on an item that agree, mean over items.
    cohen_kappa: kappa of two annotators, or the mean over pairs of annotators, weighted
    by their common items.
    """
    counts = agreement.vote_counts(votes.item, votes.label)
    kappa, pairs = agreement.cohen_kappa(votes.item, votes.annotator, votes.label)
    record = {
        "items": len(counts),
        "shared_items": int((counts.sum(axis=1) > 1).sum()),
        "annotators": len(np.unique(votes.annotator)),
        "votes": len(votes.item),
        "percent": agreement.percent_agreement(counts),
        "cohen_kappa": kappa,
        "cohen_pairs": pairs,
        "fleiss_kappa": agreement.fleiss_kappa(counts),
        "krippendorff_alpha": agreement.krippendorff_alpha(counts),
        "gwet_ac1": agreement.gwet_ac1(counts),
    }
    return {name: _rounded(value) for name, value in record.items()}


def report_lines(name: str, ledger: Ledger, merge: Merge) -> Iterator[bytes]:
    """Yield the lines of a report: `relabel`, `annotators` or `agreement`."""
    if name == "relabel":
        yield from merge.relabel_candidates()
    elif name == "annotators":
        if few := int((_comparable_items(merge.votes) < FEWEST).sum()):
            log.info(
                "%d of %d annotators have no quality: fewer than %d comparable answers",
                few,
                merge.votes.annotators,
                FEWEST,
            )
        yield from map(msgspec.json.encode, annotator_records(ledger, merge))
    else:
        record = agreement_summary(merge.votes)
        log.info("%s", _summary_text(record))
        yield msgspec.json.encode(record)


def _summary_text(record: dict[str, Any]) -> str:
    if not record["shared_items"]:
        return "agreement: not defined, no item has votes of two annotators"
    names = {"percent": "pairs that agree", "cohen_kappa": "Cohen's kappa"}
    names |= {"fleiss_kappa": "Fleiss' kappa", "gwet_ac1": "Gwet's AC1"}
    names |= {"krippendorff_alpha": "Krippendorff's alpha"}
    parts = [
        f"{name} {'none' if record[key] is None else format(record[key], '.3f')}"
        for key, name in names.items()
    ]
    return f"agreement on {record['shared_items']:,} ids: {', '.join(parts)}"


def _comparable_items(votes: Votes) -> NDArray[np.float64]:
    """Return the number of items with a comparison, (annotators,)."""
    comparable = votes.votes_per_item > 1
    if votes.gold is not None:
        comparable |= votes.gold >= 0
    if votes.probs is not None:
        comparable[:] = True
    return np.bincount(votes.annotator, comparable[votes.item], votes.annotators)


def _is_right(votes: Votes, right: NDArray[Any]) -> NDArray[np.float64]:
    """Return 1 for a right vote, 0 for a wrong one, NaN where right is -1, (votes,)."""
    return np.where(right >= 0, votes.label == right, np.nan)


def _agreement(votes: Votes, gold: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the agreement of each vote with the others on its item, (votes,).

    NaN for items with fewer than three votes. Without the vote itself, its label is
    tied with the k labels that have one vote less if it led alone, and behind if it did
    not lead. So the counts of an item suffice, without a table of (votes, C).
    """
    counts = votes.counts
    top = counts.max(axis=1, initial=0)
    alone = (counts == top[:, None]).sum(axis=1) == 1
    near = (counts == top[:, None] - 1).sum(axis=1)
    leads = counts.ravel()[votes.cells] == top[votes.item]
    found = leads * (alone / (1 + near))[votes.item]
    found[votes.votes_per_item[votes.item] < 3] = (
        np.nan
    )  # one other vote is no majority
    known = _is_right(votes, gold[votes.item])
    return np.where(np.isnan(known), found, known)


def _mean(votes: Votes, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each annotator's values that are not NaN, (annotators,)."""
    known = ~np.isnan(values)
    sums = np.bincount(votes.annotator[known], values[known], votes.annotators)
    number = np.bincount(votes.annotator[known], minlength=votes.annotators)
    means = np.full(votes.annotators, np.nan)
    np.divide(sums, number, out=means, where=number > 0)
    return means


def _confusion_tables(
    votes: Votes, merged: NDArray[Any], names: list[str]
) -> list[dict[str, dict[str, int]]]:
    labelled = merged >= 0
    cells, counts = np.unique(
        np.stack([votes.annotator[labelled], merged[labelled], votes.label[labelled]]),
        axis=1,
        return_counts=True,
    )
    found: list[defaultdict[str, dict[str, int]]]
    found = [defaultdict(dict) for _ in range(votes.annotators)]
    for cell, count in zip(cells.T.tolist(), counts.tolist(), strict=True):
        annotator, label, answer = cell
        found[annotator][names[label]][names[answer]] = count
    return [dict(confusion) for confusion in found]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 6)
    return value
