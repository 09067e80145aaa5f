"""Streaming of JSON arrays, for pieces of any size."""

import json

import pytest

from alcli.core.errors import InputError
from alcli.data.formats.common.arrays import elements

OBJECTS = [
    {"a": 'bracket ] in "quotes" \\'},
    {"b": {"c": [1, [2, {}]]}, "d": "}"},
    {},
    {"e": '\u2028\n😀\\\\"'},
]
DATA = f"\ufeff\n{json.dumps(OBJECTS, indent=1, ensure_ascii=False)}\n".encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_objects_and_line_numbers_for_pieces_of_any_size(size):
    pieces = (DATA[i : i + size] for i in range(0, len(DATA), size))
    found = list(elements(pieces, "f"))
    assert [json.loads(data) for _, data in found] == OBJECTS
    assert [number for number, _ in found] == [3, 6, 18, 19]


@pytest.mark.parametrize("cut", range(1, len(DATA) - 1))
def test_truncated_arrays_are_rejected(cut):
    with pytest.raises(InputError, match=r"truncated|expected a JSON array"):
        list(elements([DATA[:cut]], "f"))


@pytest.mark.parametrize(
    "data", [b"[,{}]", b"[{},]", b"[{},,{}]", b"[{} {}]", b"[[]]", b'["x"]', b"[{}}]"]
)
def test_only_arrays_of_objects_are_accepted(data):
    with pytest.raises(InputError, match="f:1: not JSON"):
        list(elements([data], "f"))


def test_memory_holds_one_object():
    def pieces():
        yield b"["
        for number in range(300):
            yield b'{"x": "%b"},\n' % (b"y" * 10_000)
            read.append(number)
        yield b"{}]"

    read = []
    for number, _ in enumerate(elements(pieces(), "f")):
        assert len(read) <= number + 2


def test_strings_may_be_longer_than_pieces():
    data = json.dumps([{"a": '\\"[{,' * 100_000}, {"b": [{}] * 1000}]).encode()
    pieces = (data[i : i + 65536] for i in range(0, len(data), 65536))
    assert [len(found) for _, found in elements(pieces, "f")] == [700_009, 4007]
