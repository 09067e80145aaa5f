"""Items of one or several lines across the ends of batches, with their positions."""

import io
from itertools import chain

import pytest

from alcli.data.formats.common.batch import BATCH_SIZE
from alcli.data.formats.common.source import Source
from alcli.data.formats.common.stats import ConversionStats


def source(data):
    return Source(io.BufferedReader(io.BytesIO(data)), "f", ConversionStats())


def pairs(lines, rest):
    """Join each line that begins with a digit and the three lines after it."""
    left = iter(lines)
    following = chain(left, rest)
    return ["\n".join([line, *(next(following) for _ in range(3))]) for line in left]


@pytest.mark.parametrize("n", [1, BATCH_SIZE, 20_000])
def test_items_may_have_several_lines(n):
    data = "".join(f"{i}\nx\ny\nz\n" for i in range(n)).encode()
    found = []
    for batch in source(data).lines("utf-8", pairs):
        assert len(batch.items) <= BATCH_SIZE / 4 + 1
        found += map(batch.locate, batch.rows)
    assert found == [(1 + 4 * i, f"{i}\nx\ny\nz".encode()) for i in range(n)]


def test_blank_lines_are_dropped():
    file = source(b"\na\n\r\n\nb\r\nc")
    (batch,) = (lines.map(str.upper) for lines in file.lines("utf-8"))
    assert list(batch.items) == ["A", "B\r", "C"]
    locations = [batch.locate(row) for row in batch.rows]
    assert locations == [(2, b"a"), (5, b"b\r"), (6, b"c")]
    assert file.stats.counts["read"] == 0


def test_undecodable_lines_are_rejected():
    (batch,) = source(b"a\nb\xe9\nc\0\n").lines("utf-8")
    assert list(batch.items) == ["a"]
    assert [(row, str(why)[:9]) for row, why in batch.rejected] == [
        (1, "not utf-8"),
        (2, "NUL byte;"),
    ]
    assert batch.locate(1) == (2, b"b\xe9")


def test_blank_lines_may_end_with_a_carriage_return():
    (batch,) = source(b"a\r\n\r\nb\r\n").lines("utf-8")
    assert list(batch.items) == ["a\r", "b\r"]
