"""Conversion of files and of records in memory from one format to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from io import BytesIO
from itertools import batched
from typing import Any, BinaryIO, overload

from alcli.core.errors import BadParameter
from alcli.core.files import output as output_file
from alcli.core.inputs import STDIO, open_input
from alcli.core.jsonl import Record
from alcli.core.params import defaults, parse_value
from alcli.core.report import Report, log, progress
from alcli.data.formats import formats
from alcli.data.formats.common.batch import BATCH_SIZE, FileBatch
from alcli.data.formats.common.relabel import Bins, Relabel, parse_relabel
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.stats import ConversionStats
from alcli.data.formats.common.target import RecordLists, Target
from alcli.data.formats.common.validation import validate


@dataclass(frozen=True)
class ConversionOptions:
    """Options of `alcli convert`.

    source, target: names of formats. params: `KEY=VALUE` strings. label_from: field of
    the labels. bins: `NAME:LOW-HIGH,...`.
    """

    source: str
    target: str
    params: Sequence[str] = ()
    label_from: str | None = None
    bins: str | None = None


def convert_files(
    files: Sequence[str],
    output: str,
    options: ConversionOptions,
    *,
    report: Report,
    skip_invalid: bool = False,
    rejects: str | None = None,
) -> None:
    """Convert files to one file; log the counts and the lost fields.

    rejects: file for the invalid records.

    Raises:
        InputError: a file cannot be read, or has an invalid record.
        UsageError: an option or a parameter is invalid.
    """
    relabel = parse_relabel(options.label_from, options.bins)
    conversion = Conversion(options.source, options.target, relabel)
    for pair in options.params:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadParameter(f"--set {pair}: expected KEY=VALUE")
        conversion.set_param(key, value, text=True)
    with (
        output_file(output) as out,
        output_file(rejects) if rejects else nullcontext() as aside,
        progress() as update,
    ):
        conversion.stats.progress = update
        records = conversion.read_files(files, skip_invalid=skip_invalid, rejects=aside)
        conversion.write(records, out)
    report.count(conversion.stats.counts)
    log.info("%s", report.summary())
    for line in conversion.stats.summary_lines():
        log.info("%s", line)


@overload
def convert(source: str | Iterable[Record], **params: Any) -> list[Record]: ...


@overload
def convert(source: str | Iterable[Record], target: str, **params: Any) -> int: ...


def convert(
    source: str | Iterable[Record],
    target: str | None = None,
    *,
    source_format: str = "jsonl",
    target_format: str = "jsonl",
    label_from: str | None = None,
    bins: Bins | None = None,
    **params: Any,
) -> list[Record] | int:
    """Return the records of another tool's file; or write one, and count its records.

    source: the path of a file, or records. target: a path, written all or nothing.
    label_from: the field that gives the labels; bins: class -> (lowest, highest)
    number of it. params: parameters of the two formats.

    >>> stars = [{"text": "a", "stars": 5}, {"text": "b", "stars": 3}]
    >>> convert(stars, label_from="stars", bins={"good": (4, 5)})
    [{'text': 'a', 'stars': 5, 'label': 'good'}]

    Raises:
        InputError: a file cannot be read, or has an invalid record.
        BadParameter: neither format has such a parameter.
    """
    relabel = Relabel(label_from, bins) if label_from else None
    conversion = Conversion(source_format, target_format, relabel)
    for key, value in params.items():
        conversion.set_param(key, value)
    if isinstance(source, str):
        found = conversion.read_files([source])
    else:
        found = conversion.read_memory(source)
    if target is None:
        return [record for records in found for record in records]
    with output_file(target) as file:
        conversion.write(found, file)
    return conversion.stats.counts["written"]


class Conversion:
    """Reader of one format and writer of another, with their parameters.

    source, target: names of the formats. relabel: function that sets the labels.
    """

    def __init__(self, source: str, target: str, relabel: Relabel | None) -> None:
        reads, self.target = formats.get(source), formats.get(target)
        self.reader = _Side(reads.read, reads.settings)
        self.writer = _Side(self.target.write, self.target.settings)
        self.relabel, self.stats = relabel, ConversionStats()

    def set_param(self, key: str, value: Any, *, text: bool = False) -> None:
        """Set a parameter of the reader, the writer, or both.

        key: name; `from.NAME` and `to.NAME` are for one side only. text: whether the
        value is a string to parse.

        Raises:
            BadParameter: neither side has the parameter.
        """
        prefix, _, name = key.rpartition(".")
        name = name.replace("-", "_")
        sides = {"from": self.reader, "to": self.writer}
        takers = [
            side
            for label, side in sides.items()
            if prefix in ("", label) and name in side.known
        ]
        if not takers:
            names = ", ".join(self.reader.known | self.writer.known) or "none"
            raise BadParameter(f"no parameter {key!r}; choose from: {names}")
        for side in takers:
            known = side.known[name]
            side.params[name] = parse_value(name, value, like=known) if text else value

    def read_files(
        self,
        paths: Sequence[str],
        *,
        skip_invalid: bool = False,
        rejects: BinaryIO | None = None,
    ) -> Iterator[Sequence[Record]]:
        """Yield lists of valid records from files; without paths, from stdin.

        skip_invalid: skip invalid records, and write them to `rejects`.

        Raises:
            InputError: a file cannot be read, or has an invalid record.
        """
        for path in paths or [STDIO]:
            with open_input(path) as file:
                source = Source(
                    file, path, self.stats, skip_invalid=skip_invalid, rejects=rejects
                )
                yield from self._valid(self.reader(source), source)

    def read_memory(self, records: Iterable[Record]) -> Iterator[Sequence[Record]]:
        """Yield lists of copies of valid records in memory, for notebooks.

        Raises:
            InputError: a record is invalid.
        """

        def copies() -> RecordBatches:
            for batch in batched(enumerate(records, 1), BATCH_SIZE):
                locations = [(number, b"") for number, _ in batch]
                found = [dict(record) for _, record in batch]
                yield FileBatch(found, locations.__getitem__, self.stats)

        return self._valid(copies(), Source(BytesIO(), "<records>", self.stats))

    def write(self, records: RecordLists, file: BinaryIO) -> None:
        """Write lists of records to a file, and count lost fields."""
        if self.target.keeps is not None:
            records = self._counted(records, self.target.keeps)
        self.writer(records, Target(file, self.stats))

    def _valid(
        self, batches: RecordBatches, source: Source
    ) -> Iterator[Sequence[Record]]:
        check, params = None, self.writer.params
        if self.target.check:
            known = defaults(self.target.check)
            check = self.target.check(**{k: params[k] for k in known if k in params})
        for batch in validate(batches, self.target.needs, check, self.relabel):
            source.handle_rejected(batch)
            self.stats.count_written(len(batch.items))
            if batch.items:
                yield batch.items

    def _counted(
        self, lists: RecordLists, keeps: frozenset[str]
    ) -> Iterator[Sequence[Record]]:
        for records in lists:
            self.stats.count_lost_fields(records, keeps)
            yield records


class _Side:
    """Function `read` or `write` of a format, with the values of its parameters."""

    def __init__(
        self,
        function: Callable[..., Any],
        settings: Callable[..., object] | None,
    ) -> None:
        self.function, self.settings = function, settings
        self.fields = defaults(settings) if settings else {}
        self.known = self.fields | defaults(function)
        self.params: dict[str, Any] = {}

    def __call__(self, *args: object) -> Any:
        if self.settings is None:
            return self.function(*args, **self.params)
        fields = {k: v for k, v in self.params.items() if k in self.fields}
        others = {k: v for k, v in self.params.items() if k not in self.fields}
        return self.function(*args, self.settings(**fields), **others)
