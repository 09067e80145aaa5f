"""Decoding of responses by marks, names and validity."""

import pytest

from alcli.data.sources import PageResponse
from alcli.data.sources.common.charset import decode

WORD = "ارزان"


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_outranks_every_name(charset):
    assert decode(WORD.encode(charset), "windows-1256", "iso-8859-1") == WORD


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_a_mark(charset):
    assert decode(f"<?xml?>{WORD}".encode(charset), "utf-8") == f"<?xml?>{WORD}"


@pytest.mark.parametrize(
    ("charset", "names"),
    [
        ("cp1256", ["windows-1256"]),
        ("cp1256", ["", "windows-1256"]),
        ("cp1256", ["utf-8", "windows-1256"]),  # it is not UTF-8
        ("utf-8", ["windows-125", "utf-8"]),
        ("utf-8", ["utf-16"]),  # it has no mark and no zeros
        ("utf-8", []),
    ],
)
def test_the_first_name_that_fits_is_used(charset, names):
    assert decode(WORD.encode(charset), *names) == WORD


def test_latin_1_means_windows_1252():
    assert decode("“x”".encode("cp1252"), "ISO-8859-1") == "“x”"


def test_an_invalid_byte_is_replaced_alone():
    body = WORD.encode() + b"\xff"

    assert decode(body, "utf-8", "utf-8") == decode(body) == f"{WORD}\ufffd"


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "hex", "zlib", "unicode_escape", "utf-7", "a\0", "é"]
)
def test_slow_and_unknown_codecs_are_not_used(name):
    assert decode(b"a-\\u0041+AGE-", name) == "a-\\u0041+AGE-"


def test_json_is_utf_8_whatever_its_content_type_says():
    body = f'"{WORD}"'.encode()

    assert PageResponse("u", body, "iso-8859-1").json() == WORD
    assert PageResponse("u", f'"{WORD}"'.encode("cp1256"), "cp1256").json() == WORD
