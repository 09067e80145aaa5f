"""Loaded inputs of a selection beside the scored records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from alcli.core.ids import IdSet
from alcli.query.selection.exclusion import ExcludedRecords
from alcli.query.selection.labelled import LabelledRecords
from alcli.query.selection.scored_rows import ScoredRows
from alcli.query.strategies import Strategy

if TYPE_CHECKING:
    from alcli.annotation.votes.ledger import Ledger
    from alcli.features.vectors import Vectors


@dataclass(frozen=True)
class SelectionContext:
    """Vectors, labelled records, votes and excluded records of a selection.

    vectors: by id, of scored and labelled records.
    labelled: records that are never selected; batch strategies compare with them.
    votes: for strategies that relabel.
    excluded: records that are never selected.
    """

    vectors: Vectors | None = None
    labelled: LabelledRecords | None = None
    votes: Ledger | None = None
    excluded: ExcludedRecords = field(default_factory=ExcludedRecords)

    @property
    def labelled_ids(self) -> Sequence[str]:
        """Ids of the labelled records."""
        return self.labelled.ids if self.labelled else ()

    def excluded_texts(self, strategy: Strategy) -> list[IdSet]:
        """Return the sets of text keys to exclude: none if the strategy relabels."""
        if "votes" in strategy.needs:
            return []
        labelled = self.labelled.texts if self.labelled else IdSet()
        return [texts for texts in (self.excluded.texts, labelled) if texts]

    def id_masks(self, rows: ScoredRows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the masks of excluded and of labelled records, (n,) each."""
        ids = rows.scored.ids
        excluded = self.excluded.ids.contains(ids)
        if self.labelled is None:
            return excluded, np.zeros(len(ids), np.bool_)
        return excluded, self.labelled.id_set.contains(ids)


def text_mask(rows: ScoredRows, texts: Sequence[IdSet]) -> NDArray[np.bool_]:
    """Return the mask of records whose text key is in one of the sets, (n,)."""
    found = np.zeros(len(rows.scored.ids), np.bool_)
    for keys in texts:
        found |= keys.contains(rows.keys)
    return found
