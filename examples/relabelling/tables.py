"""Table of README.md, between its marks, from results.jsonl.

Usage: python -m examples.relabelling.tables results.jsonl README.md
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from examples.common.records import read_records
from examples.common.tables import mean_and_sd, table, write_tables

ROUNDS = (0, 2, 4, 9, 14)  # columns of the table
COUNTS = ("records", "again")


def main(results: Path, readme: Path) -> None:
    """Write the table; the last run of a way and seed counts."""
    runs: dict[tuple[str, int], dict[str, Any]] = {}
    for run in read_records(results):
        runs[run["way"], run["seed"]] = run
    ways: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for (way, _), run in runs.items():
        ways[way].append(run)
    write_tables(readme, "\n".join(comparison(ways)))


def comparison(ways: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield a row for each way: scores by votes, then the spending of the votes."""
    some = next(iter(ways.values()))[0]["rounds"]
    rounds = [place for place in ROUNDS if place < len(some)]
    votes = [f"{some[place]['votes']:,} votes" for place in rounds]
    heads = ["macro F1, %", *votes, "records", "asked again", "labels right", "seeds"]
    rows = []
    for way, runs in ways.items():
        last = [run["rounds"][-1] for run in runs]
        cells = [
            mean_and_sd([100 * run["rounds"][place]["macro_f1"] for run in runs])
            for place in rounds
        ]
        cells += [f"{mean(one[name] for one in last):,.0f}" for name in COUNTS]
        cells += [mean_and_sd([100 * one["right"] for one in last]), str(len(runs))]
        rows.append([way, *cells])
    yield from table(heads, rows)
    made = {(run["commit"], run["machine"]) for runs in ways.values() for run in runs}
    yield ""
    yield "; ".join(f"{commit}: {machine}" for commit, machine in sorted(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
