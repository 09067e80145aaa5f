"""Lines are put together to records, wherever a batch of them ends."""

from itertools import takewhile

import pytest

from alcli.data.formats.common.batch import BATCH
from alcli.data.formats.common.lines import Text
from alcli.data.formats.common.tally import Tally
from alcli.data.formats.common.texts import lines


def batches(data, size=1000):
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    return Text(lines(pieces, "f", "utf-8"), "utf-8", Tally())


@pytest.mark.parametrize("size", [3, 100, 1 << 20])
def test_records_of_several_lines(size):
    data = "".join(f"{n}\nx\ny\n\n" for n in range(BATCH)).encode()
    found = []
    for some in batches(data, size):
        blocks = [[line, *takewhile(bool, some.after(at))] for at, line in some]
        batch = some.batch(blocks)
        assert len(some.all) <= BATCH + 4
        found += [
            (batch.place(row), block)
            for row, block in zip(batch.rows, batch.items, strict=True)
        ]
    assert found == [
        ((1 + 4 * n, f"{n}\nx\ny\n".encode()), [str(n), "x", "y"]) for n in range(BATCH)
    ]


def test_blank_lines_are_left_out_and_counted():
    (some,) = batches(b"\na\n\r\n\nb\r\nc")
    batch = some.each(str.upper)
    assert list(batch.items) == ["A", "B\r", "C"]
    places = [batch.place(row) for row in batch.rows]
    assert places == [(2, b"a"), (5, b"b\r"), (6, b"c")]
    assert some.text.tally.counts["read"] == 0


def test_what_is_no_text_is_refused_in_its_line():
    (some,) = batches(b"a\nb\xe9\nc\n")
    some.refuse(2, "no")
    batch = some.batch([line for _, line in some])
    assert list(batch.items) == ["a"]
    assert [(row, str(why)[:9]) for row, why in batch.refused] == [
        (1, "not utf-8"),
        (2, "no"),
    ]
    assert batch.place(1) == (2, b"b\xe9")
