"""Reader of scored records: the fields that a strategy needs, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import astuple

from alcli.core.errors import MissingField
from alcli.core.fields import Member, optional, record_decoder
from alcli.core.probs import normalise_probs
from alcli.core.step import Block, identity
from alcli.core.types import Floats
from alcli.query.selection.exclusion import TEXT_MEMBERS, text_key
from alcli.query.selection.scored_rows import ScoredRows
from alcli.query.strategies import Scored

type _Schema = tuple[list[str], msgspec.json.Decoder[Any]]  # classes, their decoder


class ScoredReader:
    """Decodes blocks; the classes are those of the first record's `probs`.

    needs: `probs`, names of signals. stratify: field of the strata.
    keys: read text keys, too. check_text: check the UTF-8 of all fields; otherwise of
    decoded ones alone.
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
        self.needs, self.stratify, self.seed = tuple(needs), stratify, seed
        self.keys, self.check_text = keys, check_text
        self._texts = [m for m in TEXT_MEMBERS if m.name != stratify]
        self._schema: _Schema | None = None

    def read(self, block: Block) -> tuple[ScoredRows, Floats]:
        """Return the rows of a block, and the sums of renormalised `probs`, (m,).

        Raises:
            InputError: a field is missing, or `probs` are not probabilities.
        """
        classes, decoder = self._schema or self._first_schema(block)
        records = block.decode(decoder, check_text=self.check_text)
        ids = list(map(attrgetter("id"), records))
        if set(map(type, ids)) != {str}:
            ids = list(map(identity, ids))
        if _needs_escaping(classes):
            probs = self._from_dicts(block, records, classes)
        else:
            probs = _matrix(records, "probs", len(classes))
        sums = np.empty(0)
        if classes:
            probs, sums = normalise_probs(probs, block.error)
        names = [name for name in self.needs if name != "probs"]
        signals = _matrix(records, "signals", len(names))
        columns = dict(zip(names, signals.T, strict=True))
        strata = [record.stratum for record in records] if self.stratify else None
        self._schema = classes, decoder  # now that the record it comes from is valid
        scored = Scored(ids, probs, columns, self.seed)
        keys = self._keys(ids, records) if self.keys else ()
        return ScoredRows(scored, classes, strata, keys, block), sums

    def _keys(self, ids: list[str], records: list[Any]) -> list[str]:
        names = ("tokens", "text")  # one of them may be the field of the strata
        texts = ("stratum" if name == self.stratify else name for name in names)
        texts_of = attrgetter(*texts)
        return [text_key(i, *texts_of(r)) for i, r in zip(ids, records, strict=True)]

    def _first_schema(self, block: Block) -> _Schema:
        members: list[Member | str] = ["id"]
        classes: list[str] = []
        if "probs" in self.needs:
            classes = self._first_classes(block)
            kind: Any = dict[str, float]
            if not _needs_escaping(classes):
                kind = _numbers("probs", classes, strict=True)
            members.append(Member("probs", kind))
        if signals := [name for name in self.needs if name != "probs"]:
            members.append(Member("signals", _numbers("signals", signals)))
        if self.stratify:
            scalar = str | int | float | bool | None
            members.append(Member("stratum", scalar, None, self.stratify))
        if self.keys:
            members += self._texts
        return classes, record_decoder(*members)

    def _first_classes(self, block: Block) -> list[str]:
        number, line = next(block.numbered(), (0, b"{}"))
        first = Block(line + b"\n", block.source, number)
        [record] = first.decode(record_decoder(optional("probs")), check_text=False)
        if not record.probs:
            raise MissingField(
                "probs",
                remedy="run `alcli score`, or without a model `alcli select -s random`",
                source=block.source,
                line=number,
            )
        return list(record.probs)

    def _from_dicts(
        self, block: Block, records: list[Any], classes: list[str]
    ) -> Floats:
        for row, record in enumerate(records):
            if record.probs.keys() != set(classes):
                raise block.error(row, '"probs" has other classes than the first')
        flat = [record.probs[name] for record in records for name in classes]
        return np.array(flat, np.float64).reshape(-1, len(classes))


def _matrix(records: list[Any], field: str, width: int) -> Floats:
    if not width:
        return np.empty((len(records), 0))
    flat = chain.from_iterable(map(astuple, map(attrgetter(field), records)))
    return np.fromiter(flat, np.float64, len(records) * width).reshape(-1, width)


def _needs_escaping(names: Iterable[str]) -> bool:
    """Check whether a name needs an escape in JSON: no struct may have such a field."""
    return any(char in '"\\' or char < " " for name in names for char in name)


def _numbers(name: str, keys: Sequence[str], *, strict: bool = False) -> Any:
    fields = [(f"c{i}", float) for i in range(len(keys))]
    return msgspec.defstruct(
        name,
        fields,
        rename={f"c{i}": key for i, key in enumerate(keys)},
        forbid_unknown_fields=strict,
        gc=False,
    )
