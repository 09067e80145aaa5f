"""`normalize --jobs 2` against one job, from the first lines of the output on.

Loading hazm is left out, because it is: nothing is written before it is done, and
from then on both have all but their first blocks (0.4 % of the work) before them.
Two cores must be free; the CPU seconds, start-up included, tell what two jobs waste.
"""

import hashlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import Row, alcli, judged, start

GOAL = 1.6
POLL = 0.002  # seconds


def rows(runs: int) -> Iterator[Row]:
    """Normalise 500,000 records in turn with one process and with two."""
    raw = data.path("raw")
    one, two = (data.folder() / f"jobs-{jobs}.jsonl" for jobs in (1, 2))
    rounds = [(_run(raw, one, 1), _run(raw, two, 2)) for _ in range(runs)]
    same = _digest(one) == _digest(two)
    ratio = median(a[0] / b[0] for a, b in rounds)
    single, double = (
        "{:.1f} s, {:.1f} CPU s".format(*map(median, zip(*run, strict=True)))
        for run in zip(*rounds, strict=True)
    )
    yield Row(
        "normalize --jobs 1 / --jobs 2, 500k",
        f">= {GOAL} x, same bytes",
        judged(same and ratio >= GOAL),
        wall=ratio,
        note=f"{single} against {double}; {'same' if same else 'OTHER'} bytes",
        runs={"clock and CPU": rounds},
    )


def _run(raw: Path, target: Path, jobs: int) -> tuple[float, float]:
    """Return the seconds from the first output to the end, and all CPU seconds."""
    before = _cpu()
    with target.open("wb") as out:
        command = alcli("normalize", "-q", raw, "--jobs", str(jobs))
        process = start(command, stdout=out)
        while not target.stat().st_size and process.poll() is None:
            time.sleep(POLL)
        begin = time.perf_counter()
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, "alcli normalize")
    return time.perf_counter() - begin, _cpu() - before


def _cpu() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
