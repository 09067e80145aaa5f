"""Conversion pipeline: the format to read, the format to write, their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from alcli.core.errors import BadParameter
from alcli.core.jsonl import Record
from alcli.core.params import defaults, parse
from alcli.data.formats.common.batch import FileBatch
from alcli.data.formats.common.format import Format
from alcli.data.formats.common.relabel import Bins, Relabel
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.stats import ConversionStats
from alcli.data.formats.common.target import Target


class ConversionPipeline:
    """Pair of formats, to read and to write, with their parameters."""

    def __init__(self, source: Format, target: Format) -> None:
        self.source, self.target = source, target
        self.known = {"from": defaults(source.read), "to": defaults(target.write)}
        self.params: dict[str, dict[str, Any]] = {"from": {}, "to": {}}

    def set_params(self, params: Mapping[str, Any], *, text: bool = False) -> None:
        """Set parameters of the reader, the writer, or both.

        params: name -> value; `from.NAME` and `to.NAME` are for one side only. text:
        whether values are strings to parse.

        Raises:
            BadParameter: neither side has the parameter.
        """
        for key, value in params.items():
            side, _, name = key.rpartition(".")
            name = name.replace("-", "_")
            takers = [
                s for s in self.known if side in ("", s) and name in self.known[s]
            ]
            if not takers:
                names = dict.fromkeys([*self.known["from"], *self.known["to"]])
                choice = ", ".join(names) or "none"
                raise BadParameter(f"no parameter {key!r}; choose from: {choice}")
            for taker in takers:
                found = parse([f"{name}={value}"], self.known[taker]) if text else None
                self.params[taker] |= found or {name: value}

    def checks(self, label_from: str | None, bins: Bins | None) -> dict[str, Any]:
        """Return the keyword arguments of `conversion.validate`."""
        check, given = None, self.params["to"]
        if self.target.check:
            known = defaults(self.target.check)
            check = self.target.check(**{k: given[k] for k in known if k in given})
        relabel = Relabel(label_from, bins) if label_from else None
        return {"relabel": relabel, "needs": self.target.needs, "check": check}

    def read(self, source: Source) -> Iterator[FileBatch[Record]]:
        """Yield batches of the records of a file."""
        return self.source.read(source, **self.params["from"])

    def write(
        self,
        batches: Iterable[Sequence[Record]],
        file: BinaryIO,
        stats: ConversionStats,
    ) -> None:
        """Write records to a file, and count lost fields."""
        keeps = self.target.keeps
        if keeps is not None:
            batches = _counted(batches, keeps, stats)
        self.target.write(batches, Target(file, stats), **self.params["to"])


def _counted(
    batches: Iterable[Sequence[Record]], keeps: frozenset[str], stats: ConversionStats
) -> Iterator[Sequence[Record]]:
    for batch in batches:
        stats.count_lost_fields(batch, keeps)
        yield batch
