"""What one process, `--jobs` and a cluster all run: a step works on blocks of lines.

A step is a frozen dataclass of plain values, so that it can be sent to a worker;
`start()` is called there once and loads what is heavy. The function that it returns
must raise before it changes anything of its own: a block in which a line is bad may be
given to it again without that line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self

from alcli.core.errors import InputError

if TYPE_CHECKING:
    import msgspec
    import numpy as np
    from numpy.typing import NDArray


_BETWEEN = re.compile(rb"}\r?\n{")


@dataclass(frozen=True)
class Block:
    """Consecutive lines of one input, as they stand there.

    data: whole lines, each with its newline; blank ones are passed over.
    source, first: the file and the number of the first line, for `file:line:`.
    torn: the last line lacks its newline, which is an error.
    """

    data: bytes
    source: str = "<records>"
    first: int = 1
    torn: bool = False
    skipped_lines: frozenset[int] = frozenset()  # numbers of lines to pass over

    @cached_property
    def ends(self) -> NDArray[np.intp]:
        """Where each line ends, blank ones too; found faster than by splitting."""
        import numpy as np

        ends = np.flatnonzero(np.frombuffer(self.data, np.uint8) == ord("\n"))
        return np.append(ends, len(self.data)) if self.torn else ends

    @cached_property
    def newlines(self) -> int:
        """How many there are."""
        return self.data.count(b"\n")

    def pick(self, rows: Sequence[int], *, count: int) -> list[tuple[int, bytes]]:
        """Return number and bytes of the lines in some of the `count` decoded rows.

        Cheap where no line is blank: the rest of the block is not split.
        """
        import numpy as np

        if count != len(self.ends):
            numbered = list(self.numbered())
            return [numbered[row] for row in rows]
        ends = self.ends[rows].tolist()
        starts = np.append(0, self.ends + 1)[rows].tolist()
        places = zip(rows, starts, ends, strict=True)
        return [(self.first + r, self.data[a:b].rstrip(b"\r")) for r, a, b in places]

    @property
    def empty(self) -> bool:
        """Whether there is no record; cheap where the block begins with one."""
        blank_first = not self.data[:1].strip()
        return bool(blank_first or self.skipped_lines) and not self.lines

    @cached_property
    def raw(self) -> list[bytes]:
        """The lines as they stand, blank ones too; the last is what follows "\\n"."""
        return self.data.split(b"\n")

    @cached_property
    def lines(self) -> list[bytes]:
        """The records' own bytes, without newlines and blank lines."""
        lines = self.raw if self.raw[-1] else self.raw[:-1]
        if self.skipped_lines or not all(lines) or any(map(bytes.isspace, lines)):
            return [line for _, line in self.numbered()]
        return [x.rstrip(b"\r") for x in lines] if b"\r" in self.data else lines

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number and the bytes of each line that is not blank."""
        for number, line in enumerate(self.raw, self.first):
            if line and not line.isspace() and number not in self.skipped_lines:
                yield number, line.rstrip(b"\r")

    def number(self, row: int) -> int:
        """Return the line number of the record in row `row`."""
        return [number for number, _ in self.numbered()][row]

    def error(self, row: int, problem: str) -> InputError:
        """Return an error that names the place of the record in row `row`."""
        return InputError(problem, source=self.source, line=self.number(row))

    def line(self, number: int) -> bytes:
        """Return the bytes of line `number` of the file."""
        return self.raw[number - self.first].rstrip(b"\r")

    def without_line(self, number: int) -> Self:
        """Return this block without line `number`."""
        torn = self.torn and number != self.first + len(self.raw) - 1
        gone = self.skipped_lines | {number}
        return type(self)(self.data, self.source, self.first, torn, gone)

    def decode[T](
        self, decoder: msgspec.json.Decoder[T], *, check_text: bool = True
    ) -> list[T]:
        """Decode every record; the rows are those of `lines`.

        msgspec checks UTF-8 only in the fields that it decodes; `check_text` checks
        the rest too (1 ms a megabyte).

        Raises:
            InputError: with the number of the first bad line.
        """
        from alcli.core.decode_errors import DECODE_ERRORS, explain

        if not (self.torn or self.skipped_lines):
            try:
                if check_text:
                    self.data.decode()
                rows = decoder.decode_lines(self.data)
                # it would also take two objects on a line, or one on two lines
                if len(rows) == self.newlines == self._parts():
                    return rows
            except DECODE_ERRORS:
                pass  # the slow way below finds the line
        rows = []
        for number, line in self.numbered():
            try:
                line.decode()
                rows.append(decoder.decode(line))
            except DECODE_ERRORS as error:
                raise InputError(
                    explain(error), source=self.source, line=number
                ) from error
        if self.torn:
            raise InputError(
                "the last line has no newline, as if the file were cut off; "
                "add one if it is whole",
                source=self.source,
                line=self.first + len(self.raw) - 1,
            )
        return rows

    def _parts(self) -> int:
        """Count the lines, if "}" and "{" are about each newline; else it is fewer."""
        between = len(_BETWEEN.findall(self.data))
        return between + self.data.endswith((b"}\n", b"}\r\n"))


@dataclass
class Result:
    """What a step made of a block.

    lines: to be written. rejects: lines that were refused. counts: how many records
    were `read`, and how many left out by each reason. memory: the most that the worker
    process has held so far, in bytes; 0 in the main process.
    """

    lines: list[bytes]
    counts: dict[str, int] = field(default_factory=dict)
    rejects: list[bytes] = field(default_factory=list)
    memory: int = field(default=0, compare=False)


type Work = Callable[[Block], Result]


class Step(Protocol):
    """A frozen dataclass of plain values.

    Where it has `overlaps = True`, two blocks are worked on at a time, in threads.
    """

    def start(self) -> Work:
        """Load what is heavy; called once per worker."""
        ...


def skipping_invalid(work: Work) -> Work:
    """Return `work` with bad lines set aside instead of raised (`--skip-invalid`)."""

    def work_on(block: Block) -> Result:
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

    return work_on


def identity(value: Any) -> str:
    """Return an id as the string that it is compared as: integers by their digits."""
    return value if isinstance(value, str) else str(value)
