"""`merge-labels` of 1,000,000 votes against orjson's loop over the same file."""

from collections.abc import Iterator

from tests.benchmarks import data
from tests.benchmarks.measure import Row, alcli, compare, in_turn, opponent

ORDERS = {
    "votes": "as batches of 1,000 leave them",  # what `alcli label` writes
    "votes-shuffled": "shuffled",  # an export from elsewhere; caches help nobody
}


def rows(runs: int) -> Iterator[Row]:
    """Merge five votes on each of 200,000 whole records, by majority."""
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
