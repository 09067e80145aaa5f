"""Formats: plug-ins that read the files of other tools as records, and write them.

To add a format, write `alcli/data/formats/NAME.py` with functions `read` and `write`
and a `Format(read, write)` called NAME, and its test. Keyword parameters with defaults
become parameters of `--set`. Records are converted in batches, so memory does not grow
with the file.

    read(source, **params) -> Iterator[FileBatch[Record]]
        calls source.objects() or source.lines(encoding); their batches have
        `map(function)`, whose function converts an object or a line to a record, or
        raises Rejected
    write(batches, target, **params)
        receives lists of records, and calls target.json_lines(list) or
        target.write(bytes)
"""

from alcli.core.registry import Registry
from alcli.data.formats.common.format import Format

__all__ = ["Format", "formats"]

formats: Registry[Format] = Registry("format", __name__)
