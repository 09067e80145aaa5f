"""Records that are labelled already, which a batch strategy may look at."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from alcli.core.errors import InputError
from alcli.core.fields import Label, RenormalisedCount, class_names, normalise_probs
from alcli.core.ids import IdSet
from alcli.core.step import Block, Result, identity
from alcli.query.selection.same_texts import Text, texts_of


class _Row(Text, gc=False, kw_only=True):
    id: str | int
    label: Label | None = None
    probs: dict[str, float] | None = None


class Labelled:
    """Takes blocks of records with `label`, and `probs` where they have them.

    texts: their keys, see `texts.key_of`.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.labels: list[str | None] = []
        self.probs: list[dict[str, float] | None] = []
        self._places: list[tuple[str, int]] = []
        self._seen, self.texts = IdSet(), IdSet()
        self._decoder = msgspec.json.Decoder(_Row)

    def add(self, block: Block) -> Result:
        """Look at the records of a block.

        Raises:
            InputError: an id was met before, or a label is empty.
        """
        rows = block.decode(self._decoder)
        names = class_names(block, [row.label for row in rows])
        ids = [identity(row.id) for row in rows]
        new = self._seen.add(ids, all_new=True)
        if not new.all():
            row = int(np.argmin(new))
            problem = f'id "{ids[row]}" is repeated; run `alcli merge-labels` first'
            raise block.error(row, problem)
        self.texts.add(texts_of(ids, rows))
        self.ids += ids
        self.labels += names
        self.probs += [row.probs for row in rows]
        self._places += [(block.source, number) for number, _ in block.numbered()]
        return Result([], {"read": len(rows)})

    def __len__(self) -> int:
        return len(self.ids)

    def matrix(
        self, classes: Sequence[str], others: dict[str, list[float]]
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]] | None:
        """Return probs, (n, C); None if a record has none, nor `others` by its id.

        Raises:
            InputError: `probs` of a record are no probabilities.
        """
        rows: list[list[float]] = []
        for id, own in zip(self.ids, self.probs, strict=True):
            if own is not None and own.keys() == set(classes):
                rows.append([own[name] for name in classes])
            elif id in others:
                rows.append(others[id])
            else:
                return None
        probs = np.array(rows, np.float64).reshape(-1, len(classes))
        probs, sums = normalise_probs(probs, self._error)
        renormalised = RenormalisedCount()
        renormalised.add(sums)
        renormalised.warn()
        return probs

    def _error(self, row: int, problem: str) -> InputError:
        source, number = self._places[row]
        return InputError(problem, source=source, line=number)
