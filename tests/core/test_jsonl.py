"""Lines in, lines out: blocks, compression, and members spliced into a line."""

import json
import logging

import msgspec
import pytest

from alcli.core import jsonl
from alcli.core.decode_errors import DECODE_ERRORS, explain
from alcli.core.errors import InputError
from alcli.core.files import output
from alcli.core.inputs import open_input
from alcli.core.jsonl import blocks
from alcli.core.members import drop_members, members, splice


def read_records(path, *, ledger=False):
    decoder = msgspec.json.Decoder(dict)
    found = blocks([path], ledger=ledger)
    return [record for block in found for record in block.decode(decoder)]


LINES = [b'{"id":%d,"text":"%b"}' % (i, b"x" * (i * 37 % 90)) for i in range(60)]
MARKS = "a\u2028b\u2029c\u0085d\x0b"  # str.splitlines() would break here
SUFFIXES = ["", ".gz", ".bz2", ".xz", ".zst"]


@pytest.fixture(params=[1, 7, 100, 1 << 19], ids=lambda size: f"{size} bytes")
def block_bytes(request, monkeypatch):
    monkeypatch.setattr(jsonl, "BLOCK_BYTES", request.param)
    return request.param


def write(path, data):
    path.write_bytes(data)
    return str(path)


def numbered(files, **options):
    return [
        (block.source, number, line)
        for block in blocks(files, **options)
        for number, line in block.numbered()
    ]


def test_every_line_is_in_one_block_with_its_number(tmp_path, block_bytes):
    one = write(tmp_path / "one", b"\n".join(LINES) + b"\n")
    two = write(tmp_path / "two", b"\n" + b"\n\r\n".join(LINES) + b"\n\n")
    expected = [(one, i, line) for i, line in enumerate(LINES, 1)]
    expected += [(two, 2 * i, line) for i, line in enumerate(LINES, 1)]
    assert numbered([one, two]) == expected
    whole = b"".join(block.data for block in blocks([two]))
    assert whole == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("records", [1, 7, 60, 100])
def test_blocks_of_a_number_of_lines(tmp_path, records):
    path = write(tmp_path / "one", b"\n".join(LINES) + b"\n")
    sizes = [len(block.lines) for block in blocks([path], records=records)]
    assert sizes[:-1] == [records] * (60 // records - (60 % records == 0))
    assert sum(sizes) == 60
    assert [line for _, _, line in numbered([path], records=records)] == LINES


def test_blocks_are_read_lazily(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "BLOCK_BYTES", 1)
    first = write(tmp_path / "one", b'{"id":1}\n')
    stream = blocks([first, "missing"])
    assert next(stream).lines == [b'{"id":1}']
    with pytest.raises(InputError, match="missing: cannot read: No such file"):
        next(stream)


def test_the_line_number_of_a_bad_line_does_not_depend_on_its_block(
    tmp_path, block_bytes
):
    bad = [*LINES[:41], b"", b"x", *LINES[41:]]
    path = write(tmp_path / "one", b"\n".join(bad) + b"\n")
    decoder = msgspec.json.Decoder(dict)
    with pytest.raises(InputError, match=r"one:43: not JSON"):
        [block.decode(decoder) for block in blocks([path])]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path, block_bytes):
    path = write(tmp_path / "one", b"\xef\xbb\xbf" + b"\n".join(LINES) + b"\n")
    assert [line for _, _, line in numbered([path, path])] == LINES * 2
    assert numbered([write(tmp_path / "only", b"\xef\xbb\xbf")]) == []


def test_lines_end_at_newlines_only(tmp_path, block_bytes):
    records = [{"id": i, "text": MARKS * i} for i in range(9)]
    text = "".join(json.dumps(r, ensure_ascii=False) + "\r\n" for r in records)
    path = write(tmp_path / "one", text.replace("\x0b", "\\u000b").encode())
    assert read_records(path) == records
    assert [number for _, number, _ in numbered([path])] == list(range(1, 10))


def test_empty_files_have_no_blocks(tmp_path, block_bytes):
    path = write(tmp_path / "one", b"")
    assert list(blocks([path, path])) == []


@pytest.mark.parametrize("end", [b'{"id":', b"{", b"[]"])
def test_a_torn_last_line(tmp_path, block_bytes, caplog, end):
    path = write(tmp_path / "one", b"\n".join(LINES) + b"\n" + end)
    with caplog.at_level(logging.WARNING, logger="alcli"):
        kept = [line for _, _, line in numbered([path], ledger=True)]
    assert kept == LINES
    assert f"skipped a torn last line of {len(end)} bytes" in caplog.text
    with pytest.raises(InputError, match="one:61: "):
        read_records(path)
    assert len(read_records(path, ledger=True)) == 60


def test_a_last_record_without_newline_is_read(tmp_path, block_bytes, caplog):
    path = write(tmp_path / "one", b"\n".join(LINES))
    for ledger in (False, True):
        assert [line for _, _, line in numbered([path], ledger=ledger)] == LINES
    assert caplog.text == ""


def test_a_ledger_that_is_one_torn_line(tmp_path, block_bytes):
    path = write(tmp_path / "one", b'{"id":')
    assert list(blocks([path], ledger=True)) == []


def test_records_in_memory_become_the_same_blocks():
    records = [{"id": i, "text": MARKS} for i in range(10)]
    made = list(jsonl.to_blocks(iter(records), size=4))
    assert [block.first for block in made] == [1, 5, 9]
    decoder = msgspec.json.Decoder(dict)
    assert [row for block in made for row in block.decode(decoder)] == records


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_written_lines_are_read_back(tmp_path, suffix, block_bytes):
    path = str(tmp_path / f"pool.jsonl{suffix}")
    with output(path) as file:
        for start in range(0, 60, 25):
            jsonl.write_lines(file, LINES[start : start + 25])
        jsonl.write_lines(file, [])
    assert [line for _, _, line in numbered([path])] == LINES
    assert len(numbered([path], records=7)) == 60
    assert [p.name for p in tmp_path.iterdir()] == [f"pool.jsonl{suffix}"]


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_compressed_bytes_depend_on_the_records_alone(tmp_path, suffix, monkeypatch):
    made = []
    for now, name in enumerate(("a", "another")):
        monkeypatch.setattr("time.time", lambda now=now: 1e9 * (now + 1))
        with output(str(tmp_path / (name + suffix))) as file:
            jsonl.write_lines(file, LINES)
        made.append((tmp_path / (name + suffix)).read_bytes())
    assert made[0] == made[1]
    assert len(made[0]) < sum(map(len, LINES)) / 2


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
@pytest.mark.parametrize("damage", ["cut", "plain"])
def test_damaged_files_are_input_errors(tmp_path, suffix, damage):
    path = tmp_path / f"pool{suffix}"
    with output(str(path)) as file:
        jsonl.write_lines(file, [b"%d" % (i * i) for i in range(5000)])
    write(path, path.read_bytes()[:-20] if damage == "cut" else b"plain text\n" * 9)
    with pytest.raises(InputError, match=rf"pool\{suffix}: (damaged|cannot read)"):
        numbered([str(path)])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_missing_file_is_an_input_error(tmp_path, suffix):
    with pytest.raises(InputError, match=r"missing.*: cannot read: .*No such file"):
        open_input(str(tmp_path / f"missing{suffix}"))


@pytest.mark.parametrize(
    ("line", "spliced"),
    [
        (b"{}", b'{"n":1}'),
        (b"{ \t}", b'{"n":1}'),
        (b'{"a":{}}', b'{"a":{},"n":1}'),
        (b'{"a":"}"}  \r', b'{"a":"}","n":1}'),
        (b'  { "a" : [ ] }', b'  { "a" : [ ],"n":1}'),
        (b'{"a":"{"}', b'{"a":"{","n":1}'),
        (b'{"a":1.50,"a":2}', b'{"a":1.50,"a":2,"n":1}'),
        ('{"متن":"\\u06a9"}'.encode(), '{"متن":"\\u06a9","n":1}'.encode()),
    ],
)
def test_splicing_leaves_the_rest_as_it_is(line, spliced):
    assert splice(line, b'"n":1') == spliced
    assert json.loads(spliced) == json.loads(line) | {"n": 1}


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (b'{"n":1}', b"{}"),
        (b"{}", b"{}"),
        (b'{"a":1.50,"n":{"n":[1]}}', b'{"a":1.50}'),
        (b'{"n":1,"a":{"n":2}}', b'{"a":{"n":2}}'),
        (b'{"\\u006e":1,"b":2}', b'{"b":2}'),  # a key written with escapes
        (b'{"n":1,"b": [1,  2],"n":3}', b'{"b": [1,  2]}'),
        (b'{"nn":"\\u0041\\/","m":-0}', b'{"nn":"\\u0041\\/","m":-0}'),
        (b'{"a":12345678901234567890123,"n":1}', b'{"a":12345678901234567890123}'),
    ],
)
def test_dropped_members_leave_other_values_unchanged(line, rest):
    assert drop_members(line, "n", "absent") == rest


def test_members_are_encoded_as_they_stand_in_a_line():
    fields = {"a": [1.5, None], 'q"': "خوب\n"}
    assert json.loads(b"{" + members(fields) + b"}") == fields
    assert "خوب".encode() in members(fields)


def complaint(line, kind=dict):
    try:
        line.decode()
        msgspec.json.decode(line, type=kind)
    except DECODE_ERRORS as error:
        return explain(error, line)
    raise AssertionError("nothing is wrong")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{]", "not JSON: object keys must be strings (byte 1)"),
        (b"{", "not JSON: Input data was truncated; one object per line is expected"),
        (b"\xe9", "not UTF-8: byte 0xe9; convert the file with iconv"),
        (b'{"x":' * 9999 + b"1" + b"}" * 9999, "nested too deep"),
        (b'{"o":"\\\\ud83d \\ud83d\\ude00 \\uDE00"}', r"a lone surrogate (\uDE00)"),
        (b'{"o":"\\ud83d"}', r"half a character, a lone surrogate (\ud83d)"),
        (b'{"\\uD83d\\ud83d":1}', r"half a character, a lone surrogate (\uD83d)"),
        (b'{"o":"\xed\xa0\xbd"}', "half a character, a lone surrogate (its bytes)"),
        (b'{"\\\\ud83d', "truncated"),
        (b"[1]", "a JSON object is expected, not an array"),
        (b"{}", 'no "id" field'),
        (b'{"id":1.5}', '"id": Expected int | str, got float'),
        (b'{"id":1,"probs":{}}', 'no "a" in "probs"'),
        (b'{"id":1,"probs":{"a":"x"}}', '"probs.a": Expected float, got str'),
    ],
)
def test_decode_errors_are_worded_for_records(line, says):
    probs = msgspec.defstruct("Probs", [("a", float)])
    row = msgspec.defstruct("Row", [("id", str | int), ("probs", probs, None)])
    assert says in complaint(line, row)


@pytest.mark.parametrize("records", [None, 2])
def test_a_line_above_the_limit_is_refused(tmp_path, monkeypatch, records):
    monkeypatch.setattr(jsonl, "BLOCK_BYTES", 10)
    rows = b'{"id":1}\n' + b'{"id":"' + b"x" * 90 + b'"}\n' + b'{"id":3}\n'
    path = write(tmp_path / "one", rows)

    assert len(list(numbered([path], records=records, max_line=99))) == 3
    with pytest.raises(InputError, match=r"one:2: a line of more than 98 b"):
        list(blocks([path], records=records, max_line=98))
