"""Deal records out into shares by chance: exact sizes, strata kept, groups together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError, MissingField, UsageError
from alcli.core.fields import Label, class_names
from alcli.core.ids import IdSet, seeded_uniform
from alcli.core.step import Block, Result, identity
from alcli.numerics.apportionment import proportional, stratum_key

type Value = str | int | float | bool | None


_SALT = 0x73706C69  # a random batch must not follow the shares


class Dealer:
    """Takes blocks, one after the other; `deal()` says where each record goes."""

    def __init__(
        self, *, stratify: str | None = None, group: str | None = None, seed: int = 0
    ) -> None:
        if stratify == "id" or group == "id" or (stratify and stratify == group):
            raise UsageError("--stratify and --group name two fields, and not the id")
        names = {"stratum": stratify, "group": group}
        wanted = {key: name for key, name in names.items() if name}
        row = msgspec.defstruct(
            "Row",
            [("id", str | int), *((key, _kind(wanted[key]), None) for key in wanted)],
            rename=wanted or None,
            gc=False,
        )
        self.decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self.stratify, self.group, self.seed = stratify, group, seed
        self._seen = IdSet()
        self._chances: list[NDArray[np.float64]] = []
        self._strata: list[Value] = []
        self._groups: list[str] = []
        self.refused: list[frozenset[int]] = []  # for each block: lines passed over

    def add(self, block: Block) -> Result:
        """Look at the records of a block.

        Raises:
            InputError: an id was met before, or a label, where strata are those, is
                empty.
        """
        rows = block.decode(self.decoder)
        ids = [identity(row.id) for row in rows]
        strata: Sequence[Value] = [row.stratum for row in rows] if self.stratify else ()
        if self.stratify == "label":
            strata = class_names(block, strata)  # type: ignore[arg-type]
        new = self._seen.add(ids, all_new=True)
        if not new.all():
            row = int(np.argmin(new))
            raise InputError(
                f'id "{ids[row]}" is repeated; run `alcli clean` first',
                source=block.source,
                line=block.number(row),
            )
        if self.stratify:
            self._strata += strata
        if self.group:  # chance falls on the group; a record without one is its own
            ids = [
                f"\0{id}" if row.group is None else identity(row.group)
                for row, id in zip(rows, ids, strict=True)
            ]
            self._groups += ids
        self._chances.append(seeded_uniform(self.seed ^ _SALT, ids))
        self.refused.append(block.skipped_lines)
        return Result([], {"read": len(rows)})

    def deal(self, shares: Mapping[str, float | None]) -> NDArray[np.int8]:
        """Return the number of each record's share, -1 for none, shape (n,).

        Groups are never parted, so with them a share may be larger by part of one (in
        each stratum), and later ones smaller.

        Raises:
            UsageError: the parts are more than all, or two shares have no size.
            InputError: there are fewer records than asked for, or none has the field.
        """
        chances = np.concatenate([np.empty(0), *self._chances])
        n = len(chances)
        rest = [i for i, size in enumerate(shares.values()) if size is None]
        if len(rest) > 1:
            raise UsageError("more than one share without a size")
        sizes = _sizes(shares, n)
        if sum(sizes) > n:
            raise InputError(
                f"the shares ask for {sum(sizes):,} records, there are {n:,}"
            )
        self._require_fields()
        fate = np.full(n, rest[0] if rest else -1, np.int8)
        kinds = self._kinds() if self.stratify else [None] * n
        index = {kind: code for code, kind in enumerate(dict.fromkeys(kinds))}
        codes = np.fromiter(map(index.__getitem__, kinds), np.intp, n)
        ends = np.bincount(codes).cumsum()
        parts = np.split(np.lexsort((chances, codes)), ends[:-1])
        queues = dict(zip(index, parts, strict=False))  # no records: no index
        left = {kind: len(queue) for kind, queue in queues.items()}
        for share, wanted in enumerate(sizes):
            size = min(wanted, sum(left.values()))  # groups may have taken more
            if not size:
                continue
            for kind, count in proportional(size, left).items():
                taken = self._whole_groups(queues[kind], count)
                fate[queues[kind][:taken]] = share
                queues[kind] = queues[kind][taken:]
                left[kind] -= taken
        return fate

    def _require_fields(self) -> None:
        if self.stratify and set(self._strata) == {None}:
            remedy = "--stratify names a field of the records"
            raise MissingField(self.stratify, remedy=remedy)
        if self.group and self._groups and all(g[:1] == "\0" for g in self._groups):
            remedy = "--group names a field of the records"
            raise MissingField(self.group, remedy=remedy)

    def _kinds(self) -> list[Value]:
        """Return the stratum of each record; a group has that of most of it."""
        if not self.group:
            return self._strata
        inside: defaultdict[str, Counter[Value]] = defaultdict(Counter)
        for group, stratum in zip(self._groups, self._strata, strict=True):
            inside[group][stratum] += 1
        most = {
            group: min(counts, key=lambda s: (-counts[s], stratum_key(s)))
            for group, counts in inside.items()
        }
        return [most[group] for group in self._groups]

    def _whole_groups(self, queue: NDArray[np.intp], count: int) -> int:
        while (
            self.group
            and 0 < count < len(queue)
            and self._groups[queue[count]] == self._groups[queue[count - 1]]
        ):
            count += 1
        return count


def _kind(field: str) -> Any:
    return Label | None if field == "label" else Value.__value__


def _sizes(shares: Mapping[str, float | None], n: int) -> list[int]:
    """Return whole numbers of records; parts of all are rounded down but for the last.

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
        raise UsageError(f"the parts add up to {whole:g}: more than all")
    if abs(whole - 1) < 1e-9 and len(parts) == len(sizes):
        sizes[parts[-1]] = n - sum(sizes[:-1])
    return sizes
