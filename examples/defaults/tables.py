"""Tables of README.md, from results.jsonl; the last of equal rows counts.

Usage: python -m examples.defaults.tables results.jsonl README.md
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from examples.common.records import read_records
from examples.common.tables import write_tables

type Rows = Mapping[tuple[str, str, str, int], dict[str, Any]]

SIZES = (50, 100, 200, 500, 2000, 0)
DEFAULTS = {"class weight": "capped", "c": "4.0", "ngrams": "2", "characters": "3"}
DEFAULTS |= {"tf": "count", "steps": "80 steps"}


def read(path: Path) -> dict[str, dict[tuple[str, str, str, int], dict[str, Any]]]:
    """Return the measurements by architecture, then data, setting, value, labels."""
    found: defaultdict[str, dict[tuple[str, str, str, int], dict[str, Any]]]
    found = defaultdict(dict)
    for row in read_records(path):
        key = row["data"], row["what"], row["value"], row["labels"]
        found[row["arch"]][key] = row
    return found


def settings(
    rows: Rows,
) -> Iterator[str]:
    """Yield a table of all settings: means over the data sets, by number of labels."""
    sets = sorted({key[0] for key in rows})
    sizes = [size for size in SIZES if any(key[3] == size for key in rows)]
    yield "| setting | all sizes | " + " | ".join(map(_count, sizes)) + " | ECE |"
    yield "|---" * (len(sizes) + 3) + "|"
    for what, value in dict.fromkeys(key[1:3] for key in rows):
        cells = {
            size: [r for one in sets if (r := rows.get((one, what, value, size)))]
            for size in sizes
        }
        every = [row for found in cells.values() for row in found]
        name = what if what == value else f"{what}: {value}"
        name = f"**{name}**" if DEFAULTS.get(what) == value else name
        columns = [_pair(every), *map(_pair, cells.values())]
        yield f"| {name} | " + " | ".join(columns) + f" | {_mean(every, 'ece'):.3f} |"


def by_data(
    rows: Rows,
) -> Iterator[str]:
    """Yield a table of the old and the new defaults, by data set."""
    yield "| data | defaults | " + " | ".join(map(_count, SIZES)) + " |"
    yield "|---" * (len(SIZES) + 2) + "|"
    named = {"before": ("before", "before"), "now": ("class weight", "capped")}
    named["now, without class weights"] = ("class weight", "none")
    for data in sorted({key[0] for key in rows}):
        for name, (what, value) in named.items():
            cells = [rows.get((data, what, value, size)) for size in SIZES]
            shown = [_pair([cell]) if cell else "-" for cell in cells]
            yield f"| {data} | {name} | " + " | ".join(shown) + " |"


def tables(path: Path) -> str:
    """Return all tables in Markdown."""
    found = read(path)
    every = [row for rows in found.values() for row in rows.values()]
    commits = ", ".join(sorted({row["commit"] for row in every}))
    machines = "; ".join(sorted({row["machine"] for row in every}))
    parts = [
        ["**logreg: each set**", "", *by_data(found["logreg"])],
        *(
            [f"**{arch}: {_sets(rows)}**", "", *settings(rows)]
            for arch, rows in found.items()
        ),
        [f"{commits}; {machines}"],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def _sets(rows: Rows) -> str:
    names = sorted({key[0] for key in rows})
    return f"means over {', '.join(names)}"


def _pair(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "-"
    return f"{100 * _mean(rows, 'macro_f1'):.1f} / {100 * _mean(rows, 'accuracy'):.1f}"


def _mean(rows: Sequence[Mapping[str, Any]], name: str) -> float:
    return fmean(row[name] for row in rows)


def _count(size: int) -> str:
    return f"{size:,} labels" if size else "all labels"


def main(results: Path, readme: Path) -> None:
    """Write the tables."""
    write_tables(readme, tables(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
