"""Members of an encoded JSON object: found, dropped and added in its bytes.

The bytes of other members stay as they are, with their white space, escapes and
repeated keys: a record's other fields belong to the user.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from alcli.core.decode_errors import DECODE_ERRORS

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_KEY = re.compile(rb"\s*(%b)\s*:\s*" % _STRING)
# a scalar, or an array or object without others inside; no two ways to match a text,
# or a hostile line could take for ever
_INSIDE = rb'[^][{}"]*(?:%b[^][{}"]*)*' % _STRING
_FLAT = rb'(?:%b|[^][{}",\s]+|[{[]%b[]}])' % (_STRING, _INSIDE)
_VALUE = re.compile(rb"%b\s*" % _FLAT)
_DEEP = re.compile(rb"%b|[][{}]" % _STRING)
_SPACE = re.compile(rb"\s*")
_key = msgspec.json.Decoder(str)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def is_object(line: bytes) -> bool:
    """Check whether a line is one whole JSON object.

    >>> is_object(b'{"id": 1}'), is_object(b'{"id": 1'), is_object(b"")
    (True, False, False)
    """
    try:
        _fields.decode(line)
    except DECODE_ERRORS:
        return False
    return True


def splice(line: bytes, addition: bytes) -> bytes:
    """Return a line with more members at its end.

    line: a JSON object without members of these names.
    addition: encoded members, as `members` returns them.

    >>> splice(b'{"id": 1}', b'"topic":3')
    b'{"id": 1,"topic":3}'
    >>> splice(b"{ }", b'"topic":3')
    b'{"topic":3}'
    """
    body = line.rstrip()[:-1].rstrip()
    return b"%b%b%b}" % (body, b"" if body.endswith(b"{") else b",", addition)


def members(fields: dict[str, Any]) -> bytes:
    """Return fields encoded as `"name":value,...`, the addition of `splice`.

    >>> members({"topic": 3, "pred": "خوب"}).decode()
    '"topic":3,"pred":"خوب"'
    """
    return msgspec.json.encode(fields)[1:-1]


def drop_members(line: bytes, *names: str) -> bytes:
    """Return a line without the members of some names.

    line: a valid JSON object.

    >>> drop_members(b'{"id": 1, "topic": 3, "a": [1, 2]}', "topic")
    b'{"id": 1, "a": [1, 2]}'
    """
    fields: dict[str, msgspec.Raw] = _fields.decode(line)
    if not any(name in fields for name in names):
        return line
    if msgspec.json.encode(fields) == line:  # compact, and without repeated keys
        return msgspec.json.encode({k: v for k, v in fields.items() if k not in names})
    kept = [(start, end) for key, start, end in _spans(line) if key not in names]
    if not kept:
        return b"{}"
    return b"{%b}" % b",".join([line[start:end] for start, end in kept])


def replace_members(
    line: bytes, names: Collection[str], fields: dict[str, Any]
) -> bytes:
    """Return a line without the members `names`, and with `fields` at its end."""
    return splice(drop_members(line, *names, *fields), members(fields))


def _spans(line: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield the key of each member, and its start and end, white space included."""
    at = line.index(b"{") + 1
    while key := _KEY.match(line, at):
        value = _VALUE.match(line, key.end())
        end = value.end() if value else _end_of_deep(line, key.end())
        yield _key.decode(key[1]), at, end
        at = end + 1  # past the comma


def _end_of_deep(line: bytes, start: int) -> int:
    """Return the end of a nested array or object, with the white space behind it."""
    depth = 0
    for match in _DEEP.finditer(line, start):
        token = match[0]
        if token in b"{[":
            depth += 1
        elif token in b"}]":
            depth -= 1
            if not depth:
                break
    space = _SPACE.match(line, match.end())
    return space.end() if space else match.end()
