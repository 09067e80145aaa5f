"""Scored records as arrays: the input of a selector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alcli.core.decode_errors import explain
from alcli.core.errors import InputError
from alcli.core.step import Block
from alcli.core.types import Float32s, Floats
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
    """

    scored: Scored
    classes: Sequence[str] = ()
    strata: Sequence[Stratum] | None = None
    keys: Sequence[str] = ()
    block: Block | None = None
    check_text: bool = False

    def pick(self, rows: list[int]) -> list[tuple[int, bytes]]:
        """Return line numbers and lines of some rows; row indices without a block.

        Raises:
            InputError: a line is not UTF-8.
        """
        if self.block is None:
            return [(row, b"") for row in rows]
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


def json_floats(values: Float32s) -> Floats:
    """Return the numbers that JSON of float32 numbers is read as, same shape.

    Records carry the shortest decimal form of a float32; as a float64 it differs from
    the float32 by up to 6e-8 of its size, which decides between near ties.

    >>> float(np.float32(0.1)), json_floats(np.array([0.1], np.float32)).tolist()
    (0.10000000149011612, [0.1])
    """
    return values.astype("S").astype(np.float64)
