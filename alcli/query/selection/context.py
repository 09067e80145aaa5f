"""Loaded inputs of a selection beside the scored records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from alcli.query.selection.exclusion import ExcludedRecords
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.scored_rows import ScoredRows

if TYPE_CHECKING:
    from alcli.annotation.votes.ledger import Ledger
    from alcli.features.vectors import Vectors

type Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class SelectionContext:
    """Vectors, labelled records, votes and excluded records of a selection.

    vectors: by id, of scored and labelled records.
    labelled: records that are never selected; batch strategies compare with them.
    votes: for strategies that relabel.
    excluded: records that are never selected.
    """

    vectors: Vectors | None = None
    labelled: LabelledPool | None = None
    votes: Ledger | None = None
    excluded: ExcludedRecords = field(default_factory=ExcludedRecords)

    @property
    def has_texts(self) -> bool:
        """Whether a text is excluded, so that the texts of records have to be read."""
        texts = self.excluded.texts, self.labelled.texts if self.labelled else ()
        return any(map(len, texts))

    def masks(self, rows: ScoredRows, *, texts: bool = True) -> tuple[Mask, Mask, Mask]:
        """Return masks, (n,) each: of excluded ids, labelled ids, and excluded texts.

        texts: exclude records of the others that have the text of an excluded or
            labelled record.
        """
        ids, labelled = rows.scored.ids, self.labelled
        excluded = self.excluded.ids.contains(ids)
        known, same_text = np.zeros((2, len(ids)), np.bool_)
        if labelled:
            known = labelled.id_set.contains(ids)
        if texts and rows.keys:
            same_text = self.excluded.texts.contains(rows.keys)
            if labelled:
                same_text |= labelled.texts.contains(rows.keys)
        return excluded, known, same_text & ~(excluded | known)
