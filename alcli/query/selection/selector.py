"""Selection from arrays and from lines, by strategies of both kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from msgspec import UNSET

from alcli.core.errors import UsageError
from alcli.core.fields import raw, record_decoder
from alcli.core.members import drop_members, members, splice
from alcli.core.probs import RenormalisedCount
from alcli.core.step import Block, Result
from alcli.core.types import Indices
from alcli.features.vector_files import VECTORS_REMEDY
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import SAME_TEXT
from alcli.query.selection.pointwise_selector import PointwiseSelector
from alcli.query.selection.scored_rows import ScoredRows, check_line
from alcli.query.selection.top_n import Candidate
from alcli.query.settings import SelectionSettings
from alcli.query.strategies import Batch, Strategy, lookup, name_of

if TYPE_CHECKING:
    from alcli.query.selection.batch_selector import BatchSelector

type Selector = PointwiseSelector | BatchSelector

PART = 4096  # rows: a first part sets the least utility that later ones need
_NO_CONTEXT = SelectionContext()


def make_selector(
    settings: SelectionSettings, context: SelectionContext = _NO_CONTEXT
) -> Selector:
    """Return the selector for a strategy.

    context: complete before the first record is added.

    Raises:
        UsageError: the strategy is unknown, lacks an input, or cannot use a setting.
    """
    strategy = lookup(settings.strategy)
    for found, problem in _problems(settings, strategy, context):
        if found:
            raise UsageError(problem)
    if isinstance(strategy, Batch):
        from alcli.query.selection.batch_selector import BatchSelector

        return BatchSelector(settings, strategy, context)
    return PointwiseSelector(settings, strategy, context)


def _problems(
    settings: SelectionSettings, strategy: Strategy, context: SelectionContext
) -> list[tuple[object, str]]:
    """Return pairs of a condition, true if it is met, and the error message."""
    name, needs, (stratify, shares) = name_of(strategy), strategy.needs, settings.strata
    vectors, votes = context.vectors is not None, context.votes is not None
    labelled = {"labelled", "labels", "labelled-probs"} & set(needs)
    if isinstance(strategy, Batch):
        remedy = "goes with pointwise strategies"
        return [
            (stratify, f"--stratify {remedy}"),
            (settings.min_utility is not None, f"--min-utility {remedy}"),
            (settings.diversify, f"--diversify {remedy}"),
            (
                "vectors" in needs and not vectors,
                f"{name} needs --vectors FILE; {VECTORS_REMEDY}",
            ),
            (
                labelled and context.labelled is None,
                f"{name} needs labelled records: --labelled FILE",
            ),
            ("votes" in needs and not votes, f"{name} needs votes: --votes FILE"),
            ("votes" not in needs and votes, f"{name} cannot use votes: --votes FILE"),
            (votes and settings.subsample, f"{name} uses all votes: omit --subsample"),
        ]
    remedy = "goes with strategies that compare records"
    stratify = stratify or strategy.stratify
    return [
        (
            settings.diversify and (stratify or not vectors),
            "--diversify needs --vectors FILE, and no --stratify",
        ),
        (settings.subsample, f"--subsample {remedy}"),
        (vectors and not settings.diversify, f"--vectors {remedy} or --diversify"),
        (votes, "--votes goes with strategies that relabel"),
        (shares and not stratify, "--shares goes with --stratify"),
        (
            stratify in ("id", "probs", "signals"),
            f"--stratify {stratify}: expected a field with few values",
        ),
    ]


def select_rows(
    settings: SelectionSettings,
    rows: ScoredRows,
    context: SelectionContext = _NO_CONTEXT,
) -> Indices:
    """Return the indices of the selected rows, best first; n of them, or fewer.

    rows: all records, without `block`. Their noise is that of the settings' seed.

    Raises:
        UsageError, InputError, MemoryRefused: as `make_selector` and the selectors.
    """
    selector = make_selector(settings, context)
    rows = replace(rows, scored=replace(rows.scored, seed=settings.seed))
    for first in range(0, len(rows.scored.ids), PART):
        selector.add(rows.part(first, PART))
    return np.array([found.number for _, found in selector.selected()], np.intp)


class LineSelector:
    """Collector of lines of scored records, of which it selects some.

    check_text: check the UTF-8 of lines that may be selected when they are added, not
        of selected ones at the end.
    """

    def __init__(
        self,
        settings: SelectionSettings,
        context: SelectionContext = _NO_CONTEXT,
        *,
        check_text: bool = False,
    ) -> None:
        self._selector = make_selector(settings, context)
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
        rows, sums = self._selector.reader.read(block)
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
        selected = enumerate(self._selector.selected(), 1)
        return [self._with_query(name, found, rank) for rank, (name, found) in selected]

    def _with_query(self, strategy: str, found: Candidate, rank: int) -> bytes:
        line = found.line
        check_line(line, found.source, found.number)
        if self._query.decode(line).query is not UNSET:
            line = drop_members(line, "query")  # of an earlier round
        utility = {} if found.utility is None else {"utility": found.utility}
        query = {"strategy": strategy, **utility, "rank": rank}
        return splice(line, members({"query": query}))
