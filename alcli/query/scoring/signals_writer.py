"""Writer of `signals` into lines, with the shortest numbers of float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alcli.core.members import members, splice
from alcli.core.types import Float32s


def splice_signals(
    lines: Sequence[bytes], found: Mapping[str, Float32s]
) -> list[bytes]:
    """Return lines, which have no `signals`, with those of each record.

    Numbers have the shortest form that gives the same float32 again.
    """
    names = [members({name: 0})[:-1].replace(b"%", b"%%") for name in found]
    template = b'"signals":{%b}' % b",".join(name + b"%b" for name in names)
    columns = [values.astype("S") for values in found.values()]
    return [
        splice(line, template % row)
        for line, row in zip(lines, zip(*columns, strict=True), strict=True)
    ]
