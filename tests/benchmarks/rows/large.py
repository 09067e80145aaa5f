"""`select` by vectors from 1,000,000 scored records: whole processes, in 2 GB."""

import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks import data
from tests.benchmarks.measure import ROOT, Row, alcli, judged, module, once

WIDTH, CLOUDS, AT_ONCE = 128, 50, 1 << 14
MEGABYTES = 2000
STRATEGIES = ("badge", "core-set", "typiclust")


def rows(runs: int) -> Iterator[Row]:
    """Choose 1,000 by each strategy, once."""
    pool = data.path("scored")
    vectors = data.folder() / f"vectors-{WIDTH}.v{data.VERSION}.arrow"
    if not vectors.exists():  # by another process: ours stays small, and so do children
        subprocess.run(module("rows.large", pool, vectors), cwd=ROOT, check=True)
    batch = data.folder() / "batch.jsonl"
    for name in STRATEGIES:
        args = ("-s", name, "--vectors", vectors, "-n", "1000", "-o", batch)
        run = once(alcli("select", pool, *args))
        yield Row(
            f"select -s {name}, 1M x {WIDTH} of float16, n = 1,000",
            f"< {MEGABYTES} MB",
            judged(run.peak < MEGABYTES),
            peak=run.peak,
            note=f"{run.wall:.0f} s by the clock, {run.cpu:.0f} CPU s",
            runs={name: [run]},
        )


def make(pool: str, target: str) -> None:
    """Write an Arrow file of made-up vectors of the pool's records, in clouds."""
    import msgspec
    import numpy as np

    from alcli.core.jsonl import blocks
    from alcli.features.vector_files import vector_writer

    named = msgspec.defstruct("Named", [("id", str)])
    decoder = msgspec.json.Decoder(named)
    rng = np.random.default_rng(data.SEED)
    middles = rng.standard_normal((CLOUDS, WIDTH), np.float32)
    with vector_writer(target, dtype="float16") as put:
        for block in blocks([pool], records=AT_ONCE):
            ids = [row.id for row in block.decode(decoder)]
            numbers = rng.standard_normal((len(ids), WIDTH), np.float32)
            put(ids, numbers + middles[rng.integers(CLOUDS, size=len(ids))], "made up")


if __name__ == "__main__":
    make(*sys.argv[1:])
