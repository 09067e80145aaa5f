"""Conversion of files and of records in memory from one format to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from io import BytesIO
from itertools import batched
from typing import Any, BinaryIO, overload

from alcli.core.errors import BadParameter
from alcli.core.files import output as output_file
from alcli.core.inputs import STDIO, open_input
from alcli.core.jsonl import Record
from alcli.core.log import log, progress
from alcli.core.params import defaults, parse_value
from alcli.core.run_options import RunOptions
from alcli.data.formats import Format, formats
from alcli.data.formats.common.batch import BATCH_SIZE, FileBatch
from alcli.data.formats.common.relabel import relabelling
from alcli.data.formats.common.settings import Bins, ConversionSettings
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.stats import ConversionStats
from alcli.data.formats.common.target import Target
from alcli.data.formats.common.validation import validate


def convert_files(
    files: Sequence[str], output: str, settings: ConversionSettings, run: RunOptions
) -> None:
    """Convert files to one file; log the counts and the lost fields.

    Raises:
        InputError: a file cannot be read, or has an invalid record.
        UsageError: a format or a parameter is invalid.
    """
    params = {}
    for pair in settings.params:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadParameter(f"--set {pair}: expected KEY=VALUE")
        params[key] = value
    conversion = Conversion(settings, params)
    with (
        output_file(output) as out,
        output_file(run.rejects) if run.rejects else nullcontext() as rejects,
        progress() as conversion.stats.progress,
    ):
        records = conversion.read_files(
            files, skip_invalid=run.skip_invalid, rejects=rejects
        )
        conversion.write(records, out)
    run.report.count(conversion.stats.counts)
    log.info("%s", run.report.summary())
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
    settings = ConversionSettings(source_format, target_format, label_from, bins)
    conversion = Conversion(settings, params)
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

    params: name -> value, or a string to parse; `from.NAME` is for the reader only,
    `to.NAME` for the writer.

    Raises:
        UsageError: an unknown format, or neither format has a parameter.
    """

    def __init__(self, settings: ConversionSettings, params: Mapping[str, Any]) -> None:
        source, self.target = formats.get(settings.source), formats.get(settings.target)
        self.stats = ConversionStats()
        self.relabel = None
        if settings.label_from:
            self.relabel = relabelling(settings.label_from, settings.bins)
        known = {
            "from": _parameters(source, source.read),
            "to": _parameters(self.target, self.target.write),
        }
        values = _split_params(params, known)
        self.read = _bind(source, source.read, values["from"])
        self._write = _bind(self.target, self.target.write, values["to"])
        self.check = None
        if check := self.target.check:
            names = defaults(check).keys() & values["to"].keys()
            self.check = check(**{name: values["to"][name] for name in names})

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
                yield from self._valid(self.read(source), source)

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

    def write(self, records: Iterable[Sequence[Record]], file: BinaryIO) -> None:
        """Write lists of records to a file."""
        self._write(records, Target(file, self.stats))

    def _valid(
        self, batches: RecordBatches, source: Source
    ) -> Iterator[Sequence[Record]]:
        needs, keeps = self.target.needs, self.target.keeps
        for batch in validate(batches, needs, self.check, self.relabel):
            source.handle_rejected(batch)
            self.stats.count_written(len(batch.items))
            if keeps is not None:
                self.stats.count_lost_fields(batch.items, keeps)
            if batch.items:
                yield batch.items


def _parameters(format: Format, function: Callable[..., object]) -> dict[str, Any]:
    """Return the parameters of `read` or `write`, with their defaults."""
    settings = defaults(format.settings) if format.settings else {}
    return settings | defaults(function)


def _split_params(
    params: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the values of the parameters of each side.

    known: default values of the parameters of each side, `from` and `to`.

    Raises:
        BadParameter: neither side has a parameter.
    """
    found: dict[str, dict[str, Any]] = {side: {} for side in known}
    for key, value in params.items():
        prefix, _, name = key.rpartition(".")
        name = name.replace("-", "_")
        sides = [s for s in known if prefix in ("", s) and name in known[s]]
        if not sides:
            names = ", ".join(dict.fromkeys(n for s in known for n in known[s]))
            message = f"no parameter {key!r}; choose from: {names or 'none'}"
            raise BadParameter(message)
        for side in sides:
            like = known[side][name]
            text = isinstance(value, str)
            found[side][name] = parse_value(name, value, like=like) if text else value
    return found


def _bind(
    format: Format, function: Callable[..., Any], params: Mapping[str, Any]
) -> Callable[..., Any]:
    """Return `read` or `write` with the values of its parameters."""
    if not format.settings:
        return partial(function, **params)
    fields = defaults(format.settings).keys()
    settings = format.settings(**{k: v for k, v in params.items() if k in fields})
    others = {k: v for k, v in params.items() if k not in fields}
    return lambda *args: function(*args, settings, **others)
