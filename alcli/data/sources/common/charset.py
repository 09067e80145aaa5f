"""Decoder of responses, by byte order mark and by the charsets that they declare."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# UTF-16 is known by its mark or its zeros alone; codecs such as punycode are too slow
_CHARSET = re.compile(
    r"""(?:utf-?8|ascii|us-ascii|(?:windows-?|cp|ibm)?[0-9]{3,4}|iso-?8859-?[0-9]{1,2}
    |latin-?[0-9]{1,2}|koi8-[rtu]|gbk|gb2312|gb18030|big5(?:-?hkscs)?|euc-?(?:jp|kr)
    |shift[-_]?jis|iso-2022-(?:jp|kr)|tis-620)""",
    re.VERBOSE | re.IGNORECASE,
)
_LATIN = {"ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin1", "latin-1"}


def decode(body: bytes, *charsets: str) -> str:
    """Return the text of a body.

    charsets: names in order of authority, "" for none; a byte order mark outranks them,
    and UTF-8 follows them. The first known one that decodes every byte is used; if none
    does, the first known one, with U+FFFD for invalid bytes. Latin-1 means windows-1252
    (WHATWG Encoding, 4.2).

    >>> decode("سلام".encode("cp1256"), "windows-1256", "utf-8")
    'سلام'
    """
    for mark, charset in _MARKS.items():
        if body.startswith(mark):
            return body[len(mark) :].decode(charset, "replace")
    for charset, zeros in (("utf-16-le", body[1:4:2]), ("utf-16-be", body[:3:2])):
        if zeros == b"\0\0":  # it begins with two ASCII letters, as in "<?" or "{\n"
            return body.decode(charset, "replace")
    known = [*filter(None, map(_codec, charsets)), "utf-8"]
    for charset in known:
        with suppress(UnicodeDecodeError, LookupError):
            return body.decode(charset)
    return body.decode(known[0], "replace")


def _codec(name: str) -> str:
    name = name.strip(" \"'").lower()
    if not _CHARSET.fullmatch(name):
        return ""
    if name in _LATIN:
        return "cp1252"
    try:
        return codecs.lookup(name.replace("windows-", "cp")).name
    except LookupError:
        return ""
