"""Put the tables into README.md, between its marks, from results.jsonl.

Usage: python tables.py results.jsonl README.md
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

MARKS = "<!-- tables -->\n", "<!-- end of tables -->\n"
SHOWN = (0, 2, 4, 9, 14)  # rounds
ASKED = ("records", "again")


def main(results: Path, readme: Path) -> None:
    """Write the tables; of the runs of one way and seed the last counts."""
    runs: dict[tuple[str, int], dict[str, Any]] = {}
    for line in results.read_text("utf-8").split("\n")[:-1]:
        run = json.loads(line)
        runs[run["way"], run["seed"]] = run
    ways: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for (way, _), run in runs.items():
        ways[way].append(run)
    before, begin, rest = readme.read_text("utf-8").partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not (begin and end):
        sys.exit(f"{readme}: no line {MARKS[0].strip()} or {MARKS[1].strip()}")
    text = "".join(f"{line}\n" for line in about(ways))
    readme.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


def about(ways: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield a row for each way: the score, then what the votes were spent on."""
    some = next(iter(ways.values()))[0]["rounds"]
    rounds = [place for place in SHOWN if place < len(some)]
    votes = [f"{some[place]['votes']:,} votes" for place in rounds]
    heads = ["macro F1, %", *votes, "records", "asked again", "labels right", "seeds"]
    yield "| " + " | ".join(heads) + " |"
    yield "|---" * len(heads) + "|"
    for way, runs in ways.items():
        last = [run["rounds"][-1] for run in runs]
        cells = [
            spread([100 * run["rounds"][place]["macro_f1"] for run in runs])
            for place in rounds
        ]
        cells += [f"{mean(one[name] for one in last):,.0f}" for name in ASKED]
        cells += [spread([100 * one["right"] for one in last]), str(len(runs))]
        yield "| " + " | ".join([way, *cells]) + " |"
    told = {(run["commit"], run["machine"]) for runs in ways.values() for run in runs}
    yield ""
    yield "; ".join(f"{commit}: {machine}" for commit, machine in sorted(told))


def spread(values: Sequence[float]) -> str:
    """Return mean and standard deviation."""
    sd = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
    return f"{mean(values):.1f}{sd}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
