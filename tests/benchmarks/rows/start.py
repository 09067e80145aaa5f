"""The cost of a start: `--help` against an interpreter that does next to nothing."""

import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.measure import ROOT, Row, alcli, compare, in_turn, opponent

LEAST = 20  # runs: they are short, so noise is large


def rows(runs: int) -> Iterator[Row]:
    """Compare two helps with `bare` and `import_click`, byte code on both sides."""
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "alcli"], cwd=ROOT, check=True
    )
    for args in (["--help"], ["select", "--help"]):
        ours, bare, click = in_turn(
            max(runs, LEAST),
            alcli(*args),
            opponent("bare"),
            opponent("import_click"),
        )
        name = " ".join(["alcli", *args])
        yield compare(f"{name} / bare", ours, bare, at_most=5.5)
        yield compare(f"{name} / import click", ours, click, at_most=1.4)
