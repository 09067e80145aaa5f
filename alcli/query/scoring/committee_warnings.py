"""Warnings about committees whose members cannot differ."""

from __future__ import annotations

from collections.abc import Sequence

from alcli.core.log import log
from alcli.core.step import Result
from alcli.models.checkpoint import warn_duplicate_members
from alcli.query.scoring.step import ScoreResult


class CommitteeWarnings:
    """Warnings of a run: equal members, and members that agree on all records.

    names: names of the members, for the messages.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._records, self._differing, self._warned = 0, 0, False

    def add(self, result: Result) -> None:
        """Count the records of a result; warn of members of equal trainings, once."""
        if not isinstance(result, ScoreResult) or result.differing is None:
            return
        if not self._warned:
            warn_duplicate_members(result.model.split("+"), self._names)
        self._warned = True
        self._records += len(result.lines)
        self._differing += result.differing

    def warn(self) -> None:
        """Warn if no member differed from another on any record."""
        if self._records and not self._differing:
            log.warning(
                "members never differ, on %s records: every signal of disagreement is "
                "0; `alcli train --bootstrap` with another --seed makes members that "
                "differ",
                f"{self._records:,}",
            )
