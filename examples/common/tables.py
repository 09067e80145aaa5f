"""Tables in Markdown, and their place in a README."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev

BEGIN, END = "<!-- tables -->\n", "<!-- end of tables -->\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield "| " + " | ".join(heads) + " |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def mean_and_sd(values: Sequence[float], places: int = 1) -> str:
    """Return mean ± standard deviation; of one value, the value.

    places: number of decimal places.
    """
    spread = f" ± {stdev(values):.{places}f}" if len(values) > 1 else ""
    return f"{mean(values):,.{places}f}{spread}"


def write_tables(readme: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Replace the text between two marks, each a line of the README.

    Raises:
        SystemExit: a mark is missing; the file is unchanged.
    """
    before, found, rest = readme.read_text("utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        sys.exit(f"{readme}: no line {begin.strip()} followed by {end.strip()}")
    body = text.strip("\n")
    part = readme.with_name(readme.name + ".part")
    part.write_text(f"{before}{begin}\n{body}\n\n{end}{after}", "utf-8")
    part.rename(readme)  # a killed process leaves the old file
