"""Selection of a batch: pointwise strategies stream, batch strategies gather a pool."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from msgspec import UNSET

from alcli.core.errors import UsageError
from alcli.core.fields import RenormalisedCount, raw, record_decoder
from alcli.core.jsonl import drop_members, members, splice
from alcli.core.step import Block, Result
from alcli.core.types import Indices
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import SAME_TEXT
from alcli.query.selection.pointwise_selector import PointwiseSelector
from alcli.query.selection.scored_rows import ScoredRows, check_line
from alcli.query.settings import SelectionSettings
from alcli.query.strategies import Batch, Pointwise, lookup

if TYPE_CHECKING:
    from alcli.query.selection.scored_reader import ScoredReader
    from alcli.query.selection.top_n import Candidate


class Selector(Protocol):
    """Object to which scored records are added, and which selects a batch of them."""

    def reader(self) -> ScoredReader:
        """Return a reader of the fields that the selector needs."""
        ...

    def add(self, rows: ScoredRows) -> tuple[int, int]:
        """Add records; return the numbers excluded by id, and by text."""
        ...

    def selected(self) -> list[tuple[str, Candidate]]:
        """Return the selected records, best first, each with the strategy's name."""
        ...


def make_selector(
    settings: SelectionSettings, context: SelectionContext | None = None
) -> Selector:
    """Return the selector for a strategy.

    context: complete before the first record is added.

    Raises:
        UsageError: the strategy is unknown, lacks an input, or cannot use a setting.
    """
    context = context or SelectionContext()
    strategy = lookup(settings.strategy)
    if isinstance(strategy, Batch):
        from alcli.query.selection.batch_selector import BatchSelector

        return BatchSelector(settings, strategy, context)
    _check_pointwise(settings, strategy, context)
    return PointwiseSelector(settings, strategy, context)


def select_rows(
    settings: SelectionSettings,
    rows: ScoredRows,
    context: SelectionContext | None = None,
) -> Indices:
    """Return the indices of the selected rows, best first; n of them, or fewer.

    rows: all records, without `block`. Their noise is that of the settings' seed.

    Raises:
        UsageError, InputError, MemoryRefused: as `make_selector` and the selector.
    """
    scored = replace(rows.scored, seed=settings.seed)
    selector = make_selector(settings, context)
    selector.add(replace(rows, scored=scored))
    return np.array([found.number for _, found in selector.selected()], np.intp)


class LineSelector:
    """Collector of lines of scored records, which selects some of them.

    check_text: check the UTF-8 of the lines that may be selected as they are added,
        not after all of them.
    """

    def __init__(
        self,
        settings: SelectionSettings,
        context: SelectionContext | None = None,
        *,
        check_text: bool = False,
    ) -> None:
        self._selector = make_selector(settings, context)
        self._reader = self._selector.reader()
        self._check_text = check_text
        self._renormalised = RenormalisedCount()
        self._query = record_decoder(raw("query"))

    def add(self, block: Block) -> Result:
        """Add the records of a block; return their counts.

        Raises:
            InputError: a record lacks a field that the strategy needs.
        """
        if block.empty:
            return Result([], {"read": 0})
        rows, sums = self._reader.read(block)
        rows = replace(rows, check_text=self._check_text)
        excluded, same_text = self._selector.add(rows)
        self._renormalised.add(sums)
        counts = {"read": len(rows.scored.ids), "excluded": excluded}
        return Result([], counts | ({SAME_TEXT: same_text} if same_text else {}))

    def batch(self) -> list[bytes]:
        """Return the lines of the selected records, best first, each with its `query`.

        Raises:
            InputError: a vector, label or probs are missing, or a line is not UTF-8.
            MemoryRefused: a batch strategy needs more memory than there is.
        """
        self._renormalised.warn()
        return [
            self._with_query(strategy, found, rank)
            for rank, (strategy, found) in enumerate(self._selector.selected(), 1)
        ]

    def _with_query(self, strategy: str, found: Candidate, rank: int) -> bytes:
        line = found.line
        check_line(line, found.source, found.number)
        if self._query.decode(line).query is not UNSET:
            line = drop_members(line, "query")  # of an earlier round
        utility = {} if found.utility is None else {"utility": found.utility}
        return splice(
            line, members({"query": {"strategy": strategy, **utility, "rank": rank}})
        )


def _check_pointwise(
    settings: SelectionSettings, strategy: Pointwise, context: SelectionContext
) -> None:
    stratify, shares = settings.strata
    stratified = stratify or strategy.stratify
    if settings.diversify and (context.vectors is None or stratified):
        raise UsageError("--diversify needs --vectors FILE, and no --stratify")
    if settings.subsample is not None:
        raise UsageError("--subsample goes with strategies that compare records")
    if context.vectors is not None and not settings.diversify:
        raise UsageError(
            "--vectors goes with strategies that compare records or --diversify"
        )
    if context.votes is not None:
        raise UsageError("--votes goes with strategies that relabel")
    if shares and not stratified:
        raise UsageError("--shares goes with --stratify")
