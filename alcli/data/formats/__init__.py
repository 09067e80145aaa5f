"""Other tools' files: each format reads them as records and writes records so.

A format is a `Format(read, write)`. To add one, write `alcli/data/formats/NAME.py` with
a format of that name made of its functions `read` and `write`, and its test. Their
keyword parameters with defaults are what `--set` takes. Records go through both some
thousand at a time, so a file of any size needs no more memory than a small one.

    read(source, **params) -> Iterator[Batch[Record]]
        takes source.objects() or source.lines(), whose batches have `each(function)`;
        the function gets an object or a line, and returns a record or raises NoRecord
    write(batches, target, **params)
        gets lists of records, calls target.json_lines(list) or target.write(bytes)
"""

from alcli.core.registry import Registry
from alcli.data.formats.common.format import Format

__all__ = ["Format", "formats"]

formats: Registry[Format] = Registry("format", __name__)
