"""Put the tables into README.md, between its marks, from results.jsonl.

Usage: python tables.py results.jsonl README.md
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

MARKS = "<!-- tables -->\n", "<!-- end of tables -->\n"


def main(results: Path, readme: Path) -> None:
    """Write the tables; of runs of one crowd, merge and seed the last counts."""
    runs: dict[tuple[str, str, int], dict[str, Any]] = {}
    for line in results.read_text("utf-8").split("\n")[:-1]:
        run = json.loads(line)
        runs[run["crowd"], run["merge"], run["seed"]] = run
    before, begin, rest = readme.read_text("utf-8").partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not (begin and end):
        sys.exit(f"{readme}: no line {MARKS[0].strip()} or {MARKS[1].strip()}")
    text = "".join(f"{line}\n" for line in tables(list(runs.values())))
    readme.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


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
                told([100 * list(run["curve"].values())[number] for run in found])
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
            [crowd, merge, *(told([run[k] for run in found], 0) for k in FIRST)]
            + [told([100 * run["right"] for run in found])]
            + [told([run["alpha"] for run in found], 2)]
            + [quality(found, f"gold-{number}") for number in (1, 2, 3)]
            + [flags(found)]
            for (crowd, merge), found in groups.items()
        ],
    )
    yield ""
    yield "machine: " + "; ".join(sorted({run["machine"] for run in runs}))


FIRST = ("asked", "labelled")


def quality(runs: Sequence[dict[str, Any]], who: str) -> str:
    """Return an annotator's mean quality, where the aggregator judges any."""
    values = [run["quality"][who] for run in runs]
    return "-" if None in values else told(values, 2)


def flags(runs: Sequence[dict[str, Any]]) -> str:
    """Return who was taken for a spammer, and in how many runs."""
    number = Counter(name for run in runs for name in run["spammers"])
    parts = [f"{name} in {n} of {len(runs)}" for name, n in sorted(number.items())]
    return ", ".join(parts) or "none"


def told(values: Sequence[float], places: int = 1) -> str:
    """Return mean and standard deviation."""
    spread = f" ± {stdev(values):.{places}f}" if len(values) > 1 else ""
    return f"{mean(values):,.{places}f}{spread}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield "| " + " | ".join(heads) + " |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
