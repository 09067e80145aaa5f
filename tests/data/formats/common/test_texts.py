"""Lines of any encoding, wherever the file is cut into pieces."""

import pytest

from alcli.core.errors import BadParameter, InputError
from alcli.data.formats.common.texts import lines, oddity

TEXT = "سلام\u2028دنیا\n\n😀\u0085\r\nend"


def found(data, encoding, size):
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    return [line for p in lines(pieces, "f", encoding) for line in p.lines]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig", "utf-16", "utf-32"])
def test_only_newlines_part_lines(encoding, size):
    assert found(TEXT.encode(encoding), encoding, size) == TEXT.split("\n")


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_what_is_no_text_is_found_in_its_line(size):
    data = "a\nbé\nسc\nd".encode().replace("é".encode(), b"\xe9")
    text = found(data, "utf-8", size)
    assert [bool(oddity(line, "utf-8")) for line in text] == [False, True, False, False]
    assert "\n".join(text).encode("utf-8", "surrogateescape") == data


def test_no_such_encoding():
    with pytest.raises(BadParameter, match="no such encoding"):
        found(b"", "nonsense", 1)


def test_cut_utf_16():
    with pytest.raises(InputError, match="f: not utf-16"):
        found("ab".encode("utf-16")[:-1], "utf-16", 100)
