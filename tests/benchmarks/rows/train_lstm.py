"""`train` of an LSTM: its first epoch against the plain Keras loop, on fewer texts."""

from collections.abc import Iterator

from tests.benchmarks.measure import Row
from tests.benchmarks.rows.train import first_epoch

TEXTS = 6_000
GOALS = {512: 3.0, 64: 3.0}
MOST = 3  # runs


def rows(runs: int) -> Iterator[Row]:
    """Compare without recurrent dropout, as Keras has it by default."""
    for batch, goal in GOALS.items():
        plain = "recurrent_dropout=0"
        yield from first_epoch("lstm", TEXTS, batch, goal, min(runs, MOST), plain)
