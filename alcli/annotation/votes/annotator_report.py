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
from alcli.core.report import log
from alcli.numerics import agreement

SPAMMER = 0.2  # kappa is surely not more: slight, in Landis' and Koch's (1977) words
FEWEST = 5  # items to judge by; of fewer, priors and chance make the quality


def annotator_records(ledger: Ledger, merge: Merge) -> Iterator[dict[str, Any]]:
    """Yield a record for each annotator, in the order in which they came.

    annotator. items: with an answer of his. skipped, replaced: see `ledger.Habits`.
    accuracy: the share of his answers that are as the label which the others' votes on
    the item give, where k labels that lead together count 1/k each; a known answer
    stands for the others, else only items with three votes or more count. gold_items,
    gold_accuracy: of known answers alone. quality: the aggregator's, where there are 5
    or more items to judge by: others answered them, the answer is known, or the model
    that the aggregator hears has a say. kappa: with the others on the same items,
    beyond chance; a known answer replaces the others.
    confusion: {merged label: {answer: items}}. seconds: median. probably_spammer: kappa
    is 0.2 at most, by the upper end of its 95 % interval (Wilson's, on one side).
    None where it is not defined.
    """
    votes, activity = merge.votes, ledger.activity()
    gold = np.full(votes.items, -1, np.int32) if votes.gold is None else votes.gold
    given, known = merge.label[votes.item], gold[votes.item]
    people, asked = votes.annotators, votes.annotator[known >= 0]
    others = agreement.peer_agreement(
        votes.item, votes.annotator, votes.label, people, gold
    )
    quality = np.full(people, np.nan) if merge.quality is None else merge.quality
    few = _judgeable_items(votes) < FEWEST
    columns: dict[str, NDArray[Any]] = {
        "items": np.bincount(votes.annotator, minlength=people),
        "skipped": activity.skipped,
        "replaced": activity.replaced,
        "accuracy": _mean(votes, _agreement(votes, gold)),
        "gold_items": np.bincount(asked, minlength=people),
        "gold_accuracy": _mean(votes, _is_right(votes, known)),
        "quality": np.where(few, np.nan, quality),
        "kappa": others.kappa,
        "seconds": activity.seconds,
        "probably_spammer": others.kappa_upper_bound() <= SPAMMER,
    }
    confusions = _confusion_tables(votes, given, merge.names)
    values = [map(_shown, column.tolist()) for column in columns.values()]
    for name, confusion, row in zip(
        ledger.annotators, confusions, zip(*values, strict=True), strict=True
    ):
        record = {"annotator": name, **dict(zip(columns, row, strict=True))}
        yield {**record, "confusion": confusion}


def agreement_summary(votes: Votes) -> dict[str, Any]:
    """Return the agreement of annotators as one record; None: not defined.

    percent: of pairs of votes on an item, a mean over items. cohen_kappa: of two
    annotators, or the mean of pairs, weighted by the items they share.
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
    return {name: _shown(value) for name, value in record.items()}


def report_lines(what: str, ledger: Ledger, merge: Merge) -> Iterator[bytes]:
    """Yield the lines of `relabel`, `annotators` or `agreement`."""
    if what == "relabel":
        yield from merge.relabel_candidates()
    elif what == "annotators":
        if few := int((_judgeable_items(merge.votes) < FEWEST).sum()):
            log.info(
                "%d of %d annotators: too few answers to judge (fewer than %d)",
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
        return "agreement: nothing to tell, no item has votes of two annotators"
    names = {"percent": "pairs that agree", "cohen_kappa": "Cohen's kappa"}
    names |= {"fleiss_kappa": "Fleiss' kappa", "gwet_ac1": "Gwet's AC1"}
    names |= {"krippendorff_alpha": "Krippendorff's alpha"}
    parts = [
        f"{name} {'none' if record[key] is None else format(record[key], '.3f')}"
        for key, name in names.items()
    ]
    return f"agreement on {record['shared_items']:,} ids: {', '.join(parts)}"


def _judgeable_items(votes: Votes) -> NDArray[np.float64]:
    """Return on how many items there is something to judge by, (annotators,)."""
    something = votes.votes_per_item > 1
    if votes.gold is not None:
        something |= votes.gold >= 0
    if votes.probs is not None:
        something[:] = True
    return np.bincount(votes.annotator, something[votes.item], votes.annotators)


def _is_right(votes: Votes, right: NDArray[Any]) -> NDArray[np.float64]:
    """Return 1 for a right vote, 0 for a wrong one, NaN where right is -1, (votes,)."""
    return np.where(right >= 0, votes.label == right, np.nan)


def _agreement(votes: Votes, gold: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return each vote's agreement with the others on its item, (votes,), NaN of few.

    Without a vote for it, a label that led alone is as good as the k that had one vote
    less, and any other label that it is for is behind: no table of votes and classes.
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
    told = ~np.isnan(values)
    sums = np.bincount(votes.annotator[told], values[told], votes.annotators)
    number = np.bincount(votes.annotator[told], minlength=votes.annotators)
    means = np.full(votes.annotators, np.nan)
    np.divide(sums, number, out=means, where=number > 0)
    return means


def _confusion_tables(
    votes: Votes, given: NDArray[Any], names: list[str]
) -> list[dict[str, dict[str, int]]]:
    told = given >= 0
    cells, counts = np.unique(
        np.stack([votes.annotator[told], given[told], votes.label[told]]),
        axis=1,
        return_counts=True,
    )
    found: list[defaultdict[str, dict[str, int]]]
    found = [defaultdict(dict) for _ in range(votes.annotators)]
    for cell, count in zip(cells.T.tolist(), counts.tolist(), strict=True):
        who, label, answer = cell
        found[who][names[label]][names[answer]] = count
    return [dict(confusion) for confusion in found]


def _shown(value: Any) -> Any:
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 6)
    return value
