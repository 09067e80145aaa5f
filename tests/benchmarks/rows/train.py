"""`train` of a CNN: its first epoch against the plain Keras loop over padded arrays.

Samples per second with all imported; graphs are built within the time, on both sides.
"""

from collections.abc import Iterator

from tests.benchmarks import data
from tests.benchmarks.measure import Row, module, opponent
from tests.benchmarks.self_timed import faster, run_self_timed_in_turn

TEXTS = 48_000
GOALS = {512: 4.0, 64: 3.0}
MOST = 3  # runs: CPU seconds hardly vary


def rows(runs: int) -> Iterator[Row]:
    """Compare with texts padded to 128, and to the 99th percentile of their lengths."""
    for batch, goal in GOALS.items():
        yield from first_epoch("cnn", TEXTS, batch, goal, min(runs, MOST))


def first_epoch(
    arch: str, texts: int, batch: int, goal: float, runs: int, *params: str
) -> Iterator[Row]:
    """Yield the row with a goal, and the one beside it."""
    common = (
        *(data.path("comments"), "--texts", str(texts)),
        *("--arch", arch, "--batch-size", str(batch)),
    )
    sets = [word for param in params for word in ("--set", param)]
    ours, longest, percentile = run_self_timed_in_turn(
        runs,
        module("fit", *common, *sets),
        opponent("padded_fit", *common, "--width", "128"),
        opponent("padded_fit", *common),
    )
    what = f"Keras padded to {{}} / train {arch}, {texts // 1000}k, batch {batch}"
    yield faster(what.format(128), ours, longest, items=texts, at_least=goal)
    width = int(percentile[0]["width"])
    yield faster(what.format(f"99 % ({width})"), ours, percentile, items=texts)
