"""Tables of README.md, between its marks, from results.jsonl.

Usage: python -m examples.crowd.tables results.jsonl README.md
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from examples.common.records import read_records
from examples.common.tables import mean_and_sd, table, write_tables

COUNTS = ("asked", "labelled")


def main(results: Path, readme: Path) -> None:
    """Write the tables; the last run of a crowd, merge and seed counts."""
    runs: dict[tuple[str, str, int], dict[str, Any]] = {}
    for run in read_records(results):
        runs[run["crowd"], run["merge"], run["seed"]] = run
    write_tables(readme, "\n".join(tables(list(runs.values()))))


def tables(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of both tables."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for run in sorted(runs, key=lambda run: (run["crowd"], run["merge"], run["seed"])):
        groups.setdefault((run["crowd"], run["merge"]), []).append(run)
    rounds = max((len(run["curve"]) for run in runs), default=0)
    heads = [f"round {number}" for number in range(1, rounds + 1)]
    yield "accuracy on the test set, in per cent"
    yield ""
    yield from table(
        ["third annotator", "merged by", *heads, "seeds", "commit"],
        [
            [crowd, merge]
            + [
                mean_and_sd(
                    [100 * list(run["curve"].values())[number] for run in found]
                )
                for number in range(rounds)
            ]
            + [str(len(found)), ", ".join(sorted({run["commit"] for run in found}))]
            for (crowd, merge), found in groups.items()
        ],
    )
    yield ""
    yield "labels of the last round"
    yield ""
    yield from table(
        [
            *("third annotator", "merged by", "asked", "labelled", "of them right, %"),
            *("alpha", "quality of gold-1", "gold-2", "gold-3", "flagged as spammers"),
        ],
        [
            [crowd, merge, *(mean_and_sd([run[k] for run in found], 0) for k in COUNTS)]
            + [mean_and_sd([100 * run["right"] for run in found])]
            + [mean_and_sd([run["alpha"] for run in found], 2)]
            + [quality(found, f"gold-{number}") for number in (1, 2, 3)]
            + [flags(found)]
            for (crowd, merge), found in groups.items()
        ],
    )
    yield ""
    yield "machine: " + "; ".join(sorted({run["machine"] for run in runs}))


def quality(runs: Sequence[dict[str, Any]], annotator: str) -> str:
    """Return an annotator's mean quality, or - where the aggregator estimates none."""
    values = [run["quality"][annotator] for run in runs]
    return "-" if None in values else mean_and_sd(values, 2)


def flags(runs: Sequence[dict[str, Any]]) -> str:
    """Return the flagged annotators, each with its number of runs."""
    number = Counter(name for run in runs for name in run["spammers"])
    parts = [f"{name} in {n} of {len(runs)}" for name, n in sorted(number.items())]
    return ", ".join(parts) or "none"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
