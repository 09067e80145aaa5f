"""Random splits of records into shares of exact sizes, stratified or grouped.

An id and the seed determine the rank of a record, and the records of lowest rank fill
the first share. So a split does not depend on the order of the records.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError, MissingField, UsageError
from alcli.core.fields import Label, Member, Scalar, class_names, record_decoder
from alcli.core.ids import IdSet, seeded_uniform
from alcli.core.step import Block, Result, identity
from alcli.data.settings import SplitSettings
from alcli.numerics.apportionment import largest_remainders, stratum_key

type FieldValue = Scalar | None

# so that a random batch with the same seed is independent of the split
_SALT = 0x73706C69


class Splitter:
    """Collector that splits: `add` the blocks in order, then `assign` the shares.

    decoder: of the members that a split needs.
    skipped: numbers of invalid lines, per block.
    """

    def __init__(self, settings: SplitSettings) -> None:
        fields = {"stratum": settings.stratify, "group": settings.group}
        self.decoder = record_decoder(
            "id",
            *(
                Member(key, _field_type(name), None, field=name)
                for key, name in fields.items()
                if name
            ),
        )
        self.stratify, self.group = settings.stratify, settings.group
        self.seed = settings.seed
        self._seen = IdSet()
        self._ranks: list[NDArray[np.float64]] = []
        self._strata: list[FieldValue] = []
        self._groups: list[str] = []
        self.skipped: list[frozenset[int]] = []

    def add(self, block: Block) -> Result:
        """Add the records of a block.

        Raises:
            InputError: an id is repeated, or the strata are labels and one is empty.
        """
        rows = block.decode(self.decoder)
        ids = [identity(row.id) for row in rows]
        strata: Sequence[FieldValue] = (
            [row.stratum for row in rows] if self.stratify else ()
        )
        if self.stratify == "label":
            strata = class_names(block, strata)  # type: ignore[arg-type]
        new = self._seen.add(ids, all_new=True)
        if not new.all():
            row = int(np.argmin(new))
            problem = f'id "{ids[row]}" is repeated; run `alcli clean` first'
            raise block.error(row, problem)
        if self.stratify:
            self._strata += strata
        if self.group:  # rank groups, not records; \0 marks a record without a group
            ids = [
                f"\0{id}" if row.group is None else identity(row.group)
                for row, id in zip(rows, ids, strict=True)
            ]
            self._groups += ids
        self.add_ids(ids)
        self.skipped.append(block.skipped_lines)
        return Result([], {"read": len(rows)})

    def add_ids(self, ids: Sequence[str]) -> None:
        """Add records, without strata and groups, by their distinct ids."""
        self._ranks.append(seeded_uniform(self.seed ^ _SALT, ids))

    def assign(self, shares: Mapping[str, float | None]) -> NDArray[np.int8]:
        """Return the index of the share of each record, or -1 for none; shape (n,).

        Groups are never divided: with them a share may be larger by part of a group per
        stratum, and later shares smaller.

        shares: name -> size, a number of records (1 or more), a fraction of all (below
        1), or None for the remaining records.

        Raises:
            UsageError: the fractions exceed 1, or two shares have no size.
            InputError: the sizes exceed the number of records.
            MissingField: no record has the field of the strata or groups.
        """
        ranks = np.concatenate([np.empty(0), *self._ranks])
        n = len(ranks)
        rest = [i for i, size in enumerate(shares.values()) if size is None]
        if len(rest) > 1:
            raise UsageError("expected a size for every share but one")
        sizes = _sizes(shares, n)
        if sum(sizes) > n:
            raise InputError(
                f"the shares require {sum(sizes):,} records, but there are {n:,}"
            )
        self._require_fields()
        share_of = np.full(n, rest[0] if rest else -1, np.int8)
        strata = self._record_strata() if self.stratify else [None] * n
        index = {stratum: code for code, stratum in enumerate(dict.fromkeys(strata))}
        codes = np.fromiter(map(index.__getitem__, strata), np.intp, n)
        ends = np.bincount(codes).cumsum()
        parts = np.split(np.lexsort((ranks, codes)), ends[:-1])
        queues = dict(zip(index, parts, strict=False))  # without records, one part
        left = {stratum: len(queue) for stratum, queue in queues.items()}
        for share, wanted in enumerate(sizes):
            # less than wanted if groups have made earlier shares larger
            size = min(wanted, sum(left.values()))
            if not size:
                continue
            for stratum, count in largest_remainders(size, left).items():
                taken = self._whole_groups(queues[stratum], count)
                share_of[queues[stratum][:taken]] = share
                queues[stratum] = queues[stratum][taken:]
                left[stratum] -= taken
        return share_of

    def _require_fields(self) -> None:
        if self.stratify and set(self._strata) == {None}:
            remedy = "--stratify names a field of the records"
            raise MissingField(self.stratify, remedy=remedy)
        if self.group and self._groups and all(g[:1] == "\0" for g in self._groups):
            remedy = "--group names a field of the records"
            raise MissingField(self.group, remedy=remedy)

    def _record_strata(self) -> list[FieldValue]:
        """Return the stratum of each record; in a group, its most frequent stratum."""
        if not self.group:
            return self._strata
        inside: defaultdict[str, Counter[FieldValue]] = defaultdict(Counter)
        for group, stratum in zip(self._groups, self._strata, strict=True):
            inside[group][stratum] += 1
        most = {
            group: min(counts, key=lambda s: (-counts[s], stratum_key(s)))
            for group, counts in inside.items()
        }
        return [most[group] for group in self._groups]

    def _whole_groups(self, queue: NDArray[np.intp], count: int) -> int:
        """Return `count`, increased to the end of a group of the queue."""
        while (
            self.group
            and 0 < count < len(queue)
            and self._groups[queue[count]] == self._groups[queue[count - 1]]
        ):
            count += 1
        return count


def _field_type(field: str) -> Any:
    return (Label if field == "label" else Scalar) | None


def _sizes(shares: Mapping[str, float | None], n: int) -> list[int]:
    """Return the number of records per share; 0 for a share without a size.

    Fractions are rounded down, except for the last share if all fractions add up to 1.

    >>> _sizes({"train": 0.7, "test": 0.3}, 9)
    [6, 3]
    """
    sizes = [
        0 if size is None else int(size) if size >= 1 else int(size * n + 1e-9)
        for size in shares.values()
    ]
    parts = [i for i, size in enumerate(shares.values()) if size and size < 1]
    whole = sum(size for size in shares.values() if size and size < 1)
    if whole > 1 + 1e-9:
        raise UsageError(f"the fractions add up to {whole:g}, more than 1")
    if abs(whole - 1) < 1e-9 and len(parts) == len(sizes):
        sizes[parts[-1]] = n - sum(sizes[:-1])
    return sizes
