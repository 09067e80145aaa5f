"""`select` from 1,000,000 scored records, less 100,000 ids, against orjson's loop."""

from collections.abc import Iterator

from tests.benchmarks import data
from tests.benchmarks.measure import Row, alcli, compare, in_turn, opponent

GOALS = {"margin": 0.70, "lda": 0.75}


def rows(runs: int) -> Iterator[Row]:
    """Compare each strategy with decoding every line of the same file."""
    pool, excluded = data.path("scored"), data.path("excluded")
    batch = data.folder() / "batch.jsonl"
    for strategy, goal in GOALS.items():
        ours, theirs = in_turn(
            runs,
            alcli(
                *("select", pool, "-s", strategy, "-n", "1000"),
                *("--exclude", excluded, "-o", batch),
            ),
            opponent("orjson_loop", pool),
        )
        what = f"select -s {strategy}, 1M / orjson loop"
        yield compare(what, ours, theirs, at_most=goal, megabytes=80)
