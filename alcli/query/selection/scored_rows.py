"""Scored records as arrays: the input of a selector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alcli.core.decode_errors import explain
from alcli.core.errors import InputError
from alcli.core.step import Block
from alcli.numerics.apportionment import Stratum
from alcli.query.strategies import Scored


@dataclass(frozen=True)
class ScoredRows:
    """Scored records, n rows.

    scored: ids, probs, signals. classes: names of the columns of probs.
    strata: stratum of each record, n of them; None: one stratum.
    keys: n text keys, as of `exclusion.text_key`; empty: not read.
    block: lines of the records; None: arrays alone, and a record is its row index.
    check_text: check the UTF-8 of picked lines.
    first: index of the first row, of arrays that are a part of others.
    """

    scored: Scored
    classes: Sequence[str] = ()
    strata: Sequence[Stratum] | None = None
    keys: Sequence[str] = ()
    block: Block | None = None
    check_text: bool = False
    first: int = 0

    def part(self, first: int, size: int) -> ScoredRows:
        """Return `size` rows of arrays, from `first` on."""
        rows, scored = slice(first, first + size), self.scored
        return ScoredRows(
            Scored(
                scored.ids[rows],
                scored.probs[rows],
                {name: values[rows] for name, values in scored.signals.items()},
                scored.seed,
            ),
            self.classes,
            self.strata and self.strata[rows],
            self.keys[rows],
            first=first,
        )

    def pick(self, rows: list[int]) -> list[tuple[int, bytes]]:
        """Return line numbers and lines of some rows; row indices without a block.

        Raises:
            InputError: a line is not UTF-8.
        """
        if self.block is None:
            return [(self.first + row, b"") for row in rows]
        picked = self.block.pick(rows, count=len(self.scored.ids))
        for number, line in picked if self.check_text else ():
            check_line(line, self.block.source, number)
        return picked


def check_line(line: bytes, source: str, number: int) -> None:
    """Raise InputError if a line is not UTF-8: unread fields are checked here."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise InputError(explain(error), source=source, line=number) from error
