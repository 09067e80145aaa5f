"""Measure alcli against its yardsticks: `python -m tests.benchmarks`, from the root.

Each file in `rows/` is a benchmark with a function `rows(runs)`. The status is 0
whether the goals are met or not, and 1 if a benchmark failed.
"""

import argparse
import json
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from tests.benchmarks.measure import Row

HEADS = ("", "CPU", "clock", "peak", "goal", "verdict", "")


def main() -> int:
    """Run the selected benchmarks, and print one table."""
    names = sorted(file.stem for file in (Path(__file__).parent / "rows").glob("*.py"))
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=names,
        help="Run only this benchmark (repeatable).",
    )
    parser.add_argument(
        "--runs", type=int, default=7, help="Number of runs of each command. (7)"
    )
    parser.add_argument(
        "--json", metavar="FILE", help="Write the costs of every run to FILE."
    )
    args = parser.parse_args()
    facts = machine()
    print("; ".join(f"{key}: {value}" for key, value in facts.items()))
    found: list[Row] = []
    failed = []
    for name in args.only or names:
        try:
            found += measured(name, args.runs)
        except Exception:
            traceback.print_exc()
            failed.append(name)
    print("\n".join(table(found)))
    if args.json:
        rows = [asdict(row) for row in found]
        report = {"machine": facts, "failed": failed, "rows": rows}
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def measured(name: str, runs: int) -> Iterator[Row]:
    """Yield the rows of one benchmark; log each verdict to stderr."""
    rows: Callable[[int], Iterator[Row]]
    rows = import_module(f"tests.benchmarks.rows.{name}").rows
    for row in rows(runs):
        print(f"{row.what}: {row.verdict}", file=sys.stderr)
        yield row


def machine() -> dict[str, str]:
    """Return the class of this machine and its load; nothing identifies it."""
    cpu = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        lines = about.read_text().splitlines()
        models = [line.partition(": ")[2] for line in lines if "model name" in line]
        cpu = models[0] if models else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "CPU": cpu,
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "Python": platform.python_version(),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table: ratios are medians over pairs of runs."""
    cells = [
        HEADS,
        *(
            (
                row.what,
                "-" if row.cpu is None else f"{row.cpu:.2f} x",
                "-" if row.wall is None else f"{row.wall:.2f} x",
                "-" if row.peak is None else f"{row.peak:.0f} MB",
                row.goal,
                row.verdict,
                row.note,
            )
            for row in rows
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (c.ljust(width) for c, width in zip(line, widths, strict=True))
        yield "  ".join(padded).rstrip()


if __name__ == "__main__":
    sys.exit(main())
