"""Blocks of lines: where each record stands, and what is refused."""

import msgspec
import pytest

from alcli.core.errors import InputError
from alcli.core.step import Block, Result, identity, skipping_invalid

Any = msgspec.json.Decoder(dict)
AWKWARD = b'\n{"a":1}\n \t\n{"b":2}\r\n\r\n{"c":3}\n'
LINES = [(11, b'{"a":1}'), (13, b'{"b":2}'), (15, b'{"c":3}')]


def block(data=AWKWARD, **more):
    return Block(data, "f", 10, **more)


def test_line_numbers_count_skipped_blank_lines():
    assert list(block().numbered()) == LINES
    assert block().lines == [line for _, line in LINES]
    assert [block().number(row) for row in range(3)] == [11, 13, 15]
    assert [block().line(number) for number, _ in LINES] == block().lines
    assert len(block().decode(Any)) == 3


def test_carriage_returns_are_not_part_of_a_line():
    data = b'{"a":1}\r\n{"b":2}\r\n'
    assert Block(data).lines == [b'{"a":1}', b'{"b":2}']
    assert Block(data).pick([1, 0], count=2) == [(2, b'{"b":2}'), (1, b'{"a":1}')]


@pytest.mark.parametrize("data", [AWKWARD, b'{"a":1}\n{"b":2}\n{"c":3}\n'])
@pytest.mark.parametrize("rows", [[], [0], [2], [2, 0], [0, 1, 2]])
def test_picked_rows_are_those_of_lines(data, rows):
    all_lines = list(block(data).numbered())
    assert block(data).pick(rows, count=3) == [all_lines[row] for row in rows]


def test_picked_rows_exclude_skipped_lines():
    left = block().without_line(13)
    assert left.pick([1], count=2) == [LINES[2]]
    assert left.lines == [b'{"a":1}', b'{"c":3}']
    assert left.without_line(11).decode(Any) == [{"c": 3}]


@pytest.mark.parametrize("check_text", [True, False])
@pytest.mark.parametrize(
    ("data", "line", "problem"),
    [
        (b'{"a":1} {"b":2}\n{"c":3}\n', 10, "not JSON"),
        (b'{"c":3}\n{"a":\n1}\n', 11, "not JSON"),
        (b'{"a":1}\n[1]\n', 11, "a JSON object is expected"),
        (b'{"a":1}\n\n\n"x"\n', 13, "Expected object, got str"),
        (b'{"a":1}\n{"a":1}}\n', 11, "not JSON"),
        (b'{"a":1},\n{"a":1}\n', 10, "not JSON"),
        ('{"a":1}\n{"a":"é"}\n'.encode("latin-1"), 11, "not UTF-8: byte 0xe9"),
        (b'\xff\xfe{"a":1}\n', 10, "not "),
    ],
)
def test_lines_without_exactly_one_object_are_errors(data, line, problem, check_text):
    with pytest.raises(InputError, match=problem) as caught:
        block(data).decode(Any, check_text=check_text)
    assert (caught.value.source, caught.value.line) == ("f", line)


@pytest.mark.parametrize("check_text", [True, False])
def test_mistakes_that_make_up_for_each_other_are_found(check_text):
    """As many objects as lines, but not one on each."""
    data = b'{"a":1}\n{"a":2} {"a":3}\n{"a":\n4}\n'
    with pytest.raises(InputError, match="f:11: not JSON"):
        block(data).decode(Any, check_text=check_text)


def test_utf8_is_checked_in_undecoded_fields():
    narrow = msgspec.json.Decoder(msgspec.defstruct("Row", [("id", int)]))
    data = '{"id":1}\n{"id":2,"x":"é"}\n'.encode("latin-1")
    with pytest.raises(InputError, match="f:11: not UTF-8"):
        block(data).decode(narrow)
    assert len(block(data).decode(narrow, check_text=False)) == 2


def test_a_torn_last_line_is_an_error():
    torn = block(b'{"a":1}\n{"b"\n')
    with pytest.raises(InputError, match="f:11: not JSON"):
        torn.decode(Any)
    assert torn.without_line(11).decode(Any) == [{"a": 1}]


def echo(given):
    return Result(list(given.lines), {"read": len(given.decode(Any))})


def test_invalid_lines_become_rejects_in_order():
    data = b'x\n{"a":1}\n[]\n\n{"b":2}\r\n{"c"\n'
    result = skipping_invalid(echo)(block(data))
    assert result.lines == [b'{"a":1}', b'{"b":2}']
    assert result.rejects == [b"x", b"[]", b'{"c"']
    assert result.counts == {"read": 5, "invalid": 3}


def test_a_valid_block_has_no_count_of_invalid_lines():
    assert skipping_invalid(echo)(block()).counts == {"read": 3}


@pytest.mark.parametrize("place", [{}, {"source": "other", "line": 1}, {"source": "f"}])
def test_an_error_of_another_file_is_not_skipped(place):
    def work(given):
        raise InputError("bad", **place)

    with pytest.raises(InputError, match="bad"):
        skipping_invalid(work)(block())


def test_ids_are_compared_by_their_digits():
    assert identity(7) == identity("7") == "7"
    assert identity(12345678901234567890123) == "12345678901234567890123"
    assert identity("07") != identity(7)
