"""`merge-labels` of 1,000,000 votes: majority against orjson's loop over the same file,
Dawid-Skene by itself, and its fit against crowd-kit's.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

import orjson

from tests.benchmarks import data
from tests.benchmarks.measure import (
    Row,
    alcli,
    compare,
    in_turn,
    judged,
    module,
    opponent,
)
from tests.benchmarks.self_timed import faster, run_self_timed_in_turn

ORDERS = {
    "votes": "as batches of 1,000 leave them",  # what `alcli label` writes
    "votes-shuffled": "shuffled",  # an export from elsewhere; caches help nobody
}
MOST = 3  # runs of crowd-kit


def rows(runs: int) -> Iterator[Row]:
    """Merge five votes on each of 200,000 whole records."""
    labelled = data.folder() / "merged.jsonl"
    for name, order in ORDERS.items():
        votes = data.path(name)
        ours, theirs = in_turn(
            runs,
            alcli("merge-labels", votes, "-o", labelled),
            opponent("orjson_loop", votes),
        )
        what = f"merge-labels, 1M votes {order} / orjson loop"
        yield compare(what, ours, theirs, at_most=3, megabytes=350)
    yield command(runs)
    yield fit(min(runs, MOST))


def command(runs: int) -> Row:
    """Measure the whole command: 1,000 annotators, 4 classes."""
    votes, labelled = data.path("votes-crowd"), data.folder() / "merged.jsonl"
    how = ("--aggregate", "dawid-skene")
    (ours,) = in_turn(runs, alcli("merge-labels", votes, *how, "-o", labelled))
    cpu, wall, peak = (
        median(getattr(run, kind) for run in ours) for kind in ("cpu", "wall", "peak")
    )
    return Row(
        "merge-labels --aggregate dawid-skene, 1M votes, 1,000 annotators, 4 classes",
        "< 6 CPU s, < 350 MB",
        judged(cpu < 6 and peak < 350),
        peak=peak,
        note=f"{cpu:.3g} CPU s, {wall:.3g} s by the clock",
        runs={"ours": ours},
    )


def fit(runs: int) -> Row:
    """Compare the fits alone, each to a change of 1e-5 in the log likelihood of a vote.

    Both start from the shares of the votes; crowd-kit smooths nothing, so that a label
    in a thousand may differ.
    """
    votes = data.path("votes-crowd")
    files = [
        data.folder() / f"by-dawid-skene-{who}.jsonl" for who in ("ours", "theirs")
    ]
    ours, theirs = run_self_timed_in_turn(
        runs,
        module("aggregate", votes, "--labels", files[0]),
        opponent("crowdkit_fit", votes, "--labels", files[1]),
    )
    same = agreement(*files)
    return faster(
        "crowd-kit's DawidSkene / ours, the fit of these votes",
        ours,
        theirs,
        items=1_000_000,
        at_least=20,
        equal=same >= 0.999,
        also=f"; {same:.2%} of the labels are the same",
    )


def agreement(ours: Path, theirs: Path) -> float:
    """Return the share of ids that have the same label in both files."""
    labels = []
    for path in (ours, theirs):
        with path.open("rb") as lines:
            labels.append({r["id"]: r["label"] for r in map(orjson.loads, lines)})
    if labels[0].keys() != labels[1].keys():
        return 0.0
    return sum(labels[1][id] == label for id, label in labels[0].items()) / len(
        labels[0]
    )
