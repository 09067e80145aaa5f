"""Grouping texts by length must not cost accuracy: three seeds against padding."""

from collections.abc import Iterator
from statistics import mean

from tests.benchmarks import data
from tests.benchmarks.measure import Row, judged, module, opponent
from tests.benchmarks.rows.train import TEXTS
from tests.benchmarks.self_timed import run_self_timed_in_turn

SEEDS = range(3)
EPOCHS = (1, 3)
WITHIN = 0.7  # points


def rows(runs: int) -> Iterator[Row]:
    """Compare mean accuracies on the test part; takes minutes, whatever the runs."""
    for epochs in EPOCHS:
        ours, theirs = zip(*(_pair(epochs, seed) for seed in SEEDS), strict=True)
        means = [100 * mean(side) for side in (ours, theirs)]
        yield Row(
            f"train cnn, accuracy of {len(SEEDS)} seeds, {epochs} epochs",
            f"within {WITHIN} points",
            judged(means[0] >= means[1] - WITHIN),
            note=f"{means[0]:.2f} % against {means[1]:.2f} % padded to 128",
            runs={"ours": ours, "theirs": theirs},
        )


def _pair(epochs: int, seed: int) -> tuple[float, float]:
    common = (
        *(data.path("comments"), "--texts", str(TEXTS)),
        *("--epochs", str(epochs), "--seed", str(seed)),
        *("--test", data.path("comments-test")),
    )
    [ours], [theirs] = run_self_timed_in_turn(
        1,
        module("fit", *common),
        opponent("padded_fit", *common, "--width", "128"),
    )
    return ours["accuracy"], theirs["accuracy"]
