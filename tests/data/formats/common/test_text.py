"""Decoding and line splitting, for pieces of any size."""

import pytest

from alcli.core.errors import BadParameter, InputError
from alcli.data.formats.common.batch import Rejected
from alcli.data.formats.common.text import check_decoded, split_lines

TEXT = "سلام\u2028دنیا\n\n😀\u0085\r\nend"


def found(data, encoding, size):
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    return [line for lines, _ in split_lines(pieces, "f", encoding) for line in lines]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig", "utf-16", "utf-32"])
def test_lines_are_split_at_newlines_only(encoding, size):
    assert found(TEXT.encode(encoding), encoding, size) == TEXT.split("\n")


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_decoding_errors_are_found_in_their_line(size):
    data = "a\nbé\nسc\nd".encode().replace("é".encode(), b"\xe9")
    text = "\n".join(found(data, "utf-8", size))
    with pytest.raises(Rejected, match="not utf-8: byte 0xe9; name the enc") as caught:
        check_decoded(text, "utf-8")
    assert caught.value.within == 1
    assert text.encode("utf-8", "surrogateescape") == data
    check_decoded(TEXT, "utf-8")


def test_unknown_encodings_are_rejected():
    with pytest.raises(BadParameter, match="unknown encoding"):
        found(b"", "nonsense", 1)


def test_truncated_utf_16_is_rejected():
    with pytest.raises(InputError, match="f: not utf-16"):
        found("ab".encode("utf-16")[:-1], "utf-16", 100)
