"""Read from scored records just the fields that a strategy needs, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import astuple

from alcli.core.decode_errors import DECODE_ERRORS, explain
from alcli.core.errors import MissingField, UsageError
from alcli.core.fields import normalise_probs
from alcli.core.step import Block, identity
from alcli.query.selection.same_texts import key_of
from alcli.query.strategies import Floats, Scored

type _Shape = tuple[list[str], msgspec.json.Decoder[Any]]  # classes, and their reader


@dataclass(frozen=True)
class Rows:
    """A block's records: what the strategy sees, the stratum and the key of each.

    keys: equal where texts are, see `texts.key_of`; none unless they are read.
    sums: of those `probs` that were renormalised, (m,).
    """

    scored: Scored
    strata: Sequence[Any] | None
    keys: Sequence[str] = ()
    sums: Floats = field(default_factory=lambda: np.empty(0))


class Columns:
    """Decodes blocks; the classes are those of the first record's `probs`.

    keys: read texts, too. check_text: that all of it is UTF-8, wherever it stands.
    """

    def __init__(
        self,
        needs: Iterable[str],
        stratify: str | None,
        seed: int,
        *,
        keys: bool = False,
        check_text: bool = False,
    ) -> None:
        if stratify in ("id", "probs", "signals"):
            raise UsageError(f"--stratify {stratify}: expected a field with few values")
        self.needs, self.stratify, self.seed = tuple(needs), stratify, seed
        self.keys, self.check_text = keys, check_text
        self._texts = [name for name in ("tokens", "text") if name != stratify]
        places = ("stratum" if n == stratify else n for n in ("tokens", "text"))
        self._text_of = attrgetter(*places)
        self._shape: _Shape | None = None

    @property
    def classes(self) -> list[str]:
        """The classes, once a block was read."""
        return self._shape[0] if self._shape else []

    def read(self, block: Block) -> Rows:
        """Return the columns of a block.

        Without `check_text` bad UTF-8 in fields that nobody reads is not seen here.

        Raises:
            InputError: a field is missing, or `probs` are not probabilities.
        """
        classes, decoder = self._shape or self._shape_of(block)
        rows = block.decode(decoder, check_text=self.check_text)
        ids = list(map(attrgetter("id"), rows))
        if set(map(type, ids)) != {str}:
            ids = list(map(identity, ids))
        if _awkward(classes):
            probs = self._from_dicts(block, rows, classes)
        else:
            probs = self._matrix(rows, "probs", len(classes))
        sums = np.empty(0)
        if classes:
            probs, sums = normalise_probs(probs, block.error)
        names = [name for name in self.needs if name != "probs"]
        signals = self._matrix(rows, "signals", len(names))
        columns = dict(zip(names, signals.T, strict=True))
        strata = [row.stratum for row in rows] if self.stratify else None
        self._shape = classes, decoder  # now that the record it comes from is good
        keys: Sequence[str] = ()
        if self.keys:
            texts = map(self._text_of, rows)
            keys = [key_of(id, *text) for id, text in zip(ids, texts, strict=True)]
        return Rows(Scored(ids, probs, columns, self.seed), strata, keys, sums)

    def _shape_of(self, block: Block) -> _Shape:
        fields: list[Any] = [("id", str | int)]
        names, classes = {}, list[str]()
        if "probs" in self.needs:
            classes = self._first_classes(block)
            struct = not _awkward(classes)
            numbers = _numbers("probs", classes, strict=True) if struct else None
            fields.append(("probs", numbers or dict[str, float]))
        if signals := [name for name in self.needs if name != "probs"]:
            fields.append(("signals", _numbers("signals", signals)))
        if self.stratify:
            kind = str | int | float | bool | None
            fields.append(("stratum", kind, None))
            names["stratum"] = self.stratify
        if self.keys:
            fields += [(name, Any, None) for name in self._texts]
        row = msgspec.defstruct("Row", fields, rename=names or None, gc=False)
        return classes, msgspec.json.Decoder(row)

    def _first_classes(self, block: Block) -> list[str]:
        number, line = next(block.numbered(), (0, b"{}"))
        try:
            first = msgspec.json.decode(line, type=_Probs)
        except DECODE_ERRORS as error:
            raise block.error(0, explain(error, line)) from error
        if not first.probs:
            raise MissingField(
                "probs",
                remedy="run `alcli score`, or without a model `alcli select -s random`",
                source=block.source,
                line=number,
            )
        return list(first.probs)

    def _matrix(self, rows: list[Any], field: str, width: int) -> Floats:
        if not width:
            return np.empty((len(rows), 0))
        flat = chain.from_iterable(map(astuple, map(attrgetter(field), rows)))
        return np.fromiter(flat, np.float64, len(rows) * width).reshape(-1, width)

    def _from_dicts(self, block: Block, rows: list[Any], classes: list[str]) -> Floats:
        for place, row in enumerate(rows):
            if row.probs.keys() != set(classes):
                raise block.error(place, '"probs" has other classes than the first')
        flat = [row.probs[name] for row in rows for name in classes]
        return np.array(flat, np.float64).reshape(-1, len(classes))


def _awkward(names: Iterable[str]) -> bool:
    """Check whether a name needs an escape, and so is not allowed in a struct."""
    return any(char in '"\\' or char < " " for name in names for char in name)


class _Probs(msgspec.Struct):
    probs: dict[str, float] | None = None


def _numbers(name: str, keys: Sequence[str], *, strict: bool = False) -> Any:
    fields = [(f"c{i}", float) for i in range(len(keys))]
    return msgspec.defstruct(
        name,
        fields,
        rename={f"c{i}": key for i, key in enumerate(keys)},
        forbid_unknown_fields=strict,
        gc=False,
    )
