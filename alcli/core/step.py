"""Steps and the blocks of lines that they process, the same with and without `--jobs`.

A step is a frozen dataclass of plain values, so that it can be sent to a worker. Its
`start()` is called once per worker and loads models and dictionaries. The function that
it returns must raise before it changes its state: after an invalid line it is called
again with the same block without that line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self

from alcli.core.decode_errors import DECODE_ERRORS, explain
from alcli.core.errors import InputError

if TYPE_CHECKING:
    import msgspec
    import numpy as np
    from numpy.typing import NDArray


_BETWEEN = re.compile(rb"}\r?\n{")


@dataclass(frozen=True)
class Block:
    """Consecutive lines of one input, undecoded.

    data: whole lines, each with its newline; blank lines are skipped.
    source, first: file name and number of the first line, for `file:line:` messages.
    skipped_lines: numbers of lines that are left out.
    """

    data: bytes
    source: str = "<records>"
    first: int = 1
    skipped_lines: frozenset[int] = frozenset()

    @cached_property
    def ends(self) -> NDArray[np.intp]:
        """Offset of the end of each line, blank ones included; faster than a split."""
        import numpy as np

        return np.flatnonzero(np.frombuffer(self.data, np.uint8) == ord("\n"))

    @cached_property
    def newlines(self) -> int:
        """Number of newlines."""
        return self.data.count(b"\n")

    def pick(self, rows: Sequence[int], *, count: int) -> list[tuple[int, bytes]]:
        """Return the number and bytes of the lines of some rows.

        rows: indices of decoded records.
        count: number of all decoded records. If no line is blank, only the lines of
            `rows` are sliced, and the block is not split.
        """
        import numpy as np

        if count != len(self.ends):
            numbered = list(self.numbered())
            return [numbered[row] for row in rows]
        ends = self.ends[rows].tolist()
        starts = np.append(0, self.ends + 1)[rows].tolist()
        spans = zip(rows, starts, ends, strict=True)
        return [(self.first + r, self.data[a:b].rstrip(b"\r")) for r, a, b in spans]

    @property
    def empty(self) -> bool:
        """Whether the block has no record; fast if it begins with one."""
        blank_first = not self.data[:1].strip()
        return bool(blank_first or self.skipped_lines) and not self.lines

    @cached_property
    def raw(self) -> list[bytes]:
        """Lines with blank ones."""
        return self.data.removesuffix(b"\n").split(b"\n")

    @cached_property
    def lines(self) -> list[bytes]:
        """Bytes of each record, without newlines and blank lines."""
        lines = self.raw
        if self.skipped_lines or not all(lines) or any(map(bytes.isspace, lines)):
            return [line for _, line in self.numbered()]
        return [x.rstrip(b"\r") for x in lines] if b"\r" in self.data else lines

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number and the bytes of each record's line."""
        for number, line in enumerate(self.raw, self.first):
            if line and not line.isspace() and number not in self.skipped_lines:
                yield number, line.rstrip(b"\r")

    def number(self, row: int) -> int:
        """Return the line number of the record in row `row`."""
        return [number for number, _ in self.numbered()][row]

    def error(self, row: int, problem: str) -> InputError:
        """Return an InputError with file and line number of the record in row `row`."""
        return InputError(problem, source=self.source, line=self.number(row))

    def line(self, number: int) -> bytes:
        """Return the bytes of line `number` of the file."""
        return self.raw[number - self.first].rstrip(b"\r")

    def without_line(self, number: int) -> Self:
        """Return this block without line `number`."""
        skipped = self.skipped_lines | {number}
        return type(self)(self.data, self.source, self.first, skipped)

    def decode[T](
        self, decoder: msgspec.json.Decoder[T], *, check_text: bool = True
    ) -> list[T]:
        """Return the decoded records, in the order of `lines`.

        check_text: check UTF-8 in all fields (1 ms per megabyte); msgspec itself
            checks only the fields that it decodes.

        Raises:
            InputError: a record is invalid; it has the number of the first bad line.
        """
        if not self.skipped_lines:
            try:
                if check_text:
                    self.data.decode()
                rows = decoder.decode_lines(self.data)
                # decode_lines accepts two objects on a line, or one on two lines
                if len(rows) == self.newlines == self._object_lines():
                    return rows
            except DECODE_ERRORS:
                pass  # the loop below finds the line
        rows = []
        for number, line in self.numbered():
            try:
                line.decode()
                rows.append(decoder.decode(line))
            except DECODE_ERRORS as error:
                raise InputError(
                    explain(error, line), source=self.source, line=number
                ) from error
        return rows

    def _object_lines(self) -> int:
        """Count newlines between "}" and "{", or at the end: one per object line."""
        between = len(_BETWEEN.findall(self.data))
        return between + self.data.endswith((b"}\n", b"}\r\n"))


@dataclass
class Result:
    """Result of a step for one block.

    lines: output lines, without newlines.
    counts: number of records `read`, and of dropped records by reason.
    rejects: invalid input lines.
    memory: peak memory of the worker process in bytes; 0 in the main process.
    """

    lines: list[bytes]
    counts: dict[str, int] = field(default_factory=dict)
    rejects: list[bytes] = field(default_factory=list)
    memory: int = field(default=0, compare=False)


type Work = Callable[[Block], Result]


class Step(Protocol):
    """Frozen dataclass of plain values that makes a function from blocks to results.

    With an attribute `overlaps = True` two blocks are processed at a time, in threads.
    """

    def start(self) -> Work:
        """Load models and dictionaries, once per worker; return the function."""
        ...


def skipping_invalid(work: Work) -> Work:
    """Return a version of `work` that skips invalid lines and returns them as rejects.

    It retries a block without the line of each InputError (`--skip-invalid`).
    """

    def work_or_skip(block: Block) -> Result:
        rejects: list[bytes] = []
        while True:
            try:
                result = work(block)
            except InputError as error:
                if not error.line or error.source != block.source:
                    raise
                rejects.append(block.line(error.line))
                block = block.without_line(error.line)
            else:
                result.rejects += rejects
                if rejects:
                    result.counts["invalid"] = len(rejects)
                    result.counts["read"] = result.counts.get("read", 0) + len(rejects)
                return result

    return work_or_skip


def identity(value: Any) -> str:
    """Return an id as a string, so that 1 and "1" are the same id."""
    return value if isinstance(value, str) else str(value)
