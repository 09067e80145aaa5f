"""Grouping of lines to records across the ends of batches."""

from itertools import takewhile

import pytest

from alcli.data.formats.common.batch import BATCH_SIZE
from alcli.data.formats.common.lines import TextFile
from alcli.data.formats.common.stats import ConversionStats
from alcli.data.formats.common.texts import split_lines


def batches(data, size=1000):
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    return TextFile(split_lines(pieces, "f", "utf-8"), "utf-8", ConversionStats())


@pytest.mark.parametrize("size", [3, 100, 1 << 20])
def test_records_may_have_several_lines(size):
    data = "".join(f"{n}\nx\ny\n\n" for n in range(BATCH_SIZE)).encode()
    found = []
    for some in batches(data, size):
        blocks = [[line, *takewhile(bool, some.after(at))] for at, line in some]
        batch = some.batch(blocks)
        assert len(some.lines) <= BATCH_SIZE + 4
        found += [
            (batch.locate(row), block)
            for row, block in zip(batch.rows, batch.items, strict=True)
        ]
    assert found == [
        ((1 + 4 * n, f"{n}\nx\ny\n".encode()), [str(n), "x", "y"])
        for n in range(BATCH_SIZE)
    ]


def test_blank_lines_are_dropped():
    (some,) = batches(b"\na\n\r\n\nb\r\nc")
    batch = some.map(str.upper)
    assert list(batch.items) == ["A", "B\r", "C"]
    locations = [batch.locate(row) for row in batch.rows]
    assert locations == [(2, b"a"), (5, b"b\r"), (6, b"c")]
    assert some.text.stats.counts["read"] == 0


def test_undecodable_lines_are_rejected():
    (some,) = batches(b"a\nb\xe9\nc\n")
    some.reject(2, "no")
    batch = some.batch([line for _, line in some])
    assert list(batch.items) == ["a"]
    assert [(row, str(why)[:9]) for row, why in batch.rejected] == [
        (1, "not utf-8"),
        (2, "no"),
    ]
    assert batch.locate(1) == (2, b"b\xe9")
