"""Walk through the lines of a text file in any encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from alcli.core.errors import BadParameter, InputError

_ODD = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True)
class Piece:
    r"""Lines without their "\n". odd: one may be no text. returns: one has "\r"."""

    lines: list[str]
    odd: bool = False
    returns: bool = False


def lines(pieces: Iterable[bytes], source: str, encoding: str) -> Iterator[Piece]:
    r"""Yield the lines of a text, split at "\n" only.

    What cannot be decoded is in them as lone surrogates; `oddity` says what it is.

    >>> [piece.lines for piece in lines([b"a\nb", b"\nc"], "f", "utf-8")]
    [['a'], ['b'], ['c']]
    """
    new = _decoder(encoding)
    decoder, odd, rest = new(), False, ""
    for piece, final in _with_end(pieces):
        state = decoder.getstate()
        try:
            text = decoder.decode(piece, final)
        except UnicodeDecodeError:
            decoder, odd = new("surrogateescape"), True
            decoder.setstate(state)
            try:
                text = decoder.decode(piece, final)
            except UnicodeDecodeError as error:  # UTF-16 has no such way out
                problem = f"not {encoding}: {error.reason}"
                raise InputError(problem, source=source) from error
        odd = odd or "\0" in text
        *found, rest = (rest + text).split("\n")
        if found:
            yield Piece(found, odd, "\r" in text)
    if rest:
        yield Piece([rest], odd, "\r" in rest)


def oddity(text: str, encoding: str) -> tuple[int, str] | None:
    """Return the line within a text, from 0, and what is wrong there; None: nothing.

    >>> oddity("a\\nb\\udce9", "utf-8")
    (1, 'not utf-8: byte 0xe9; say its encoding, e.g. --set encoding=latin-1')
    """
    match = _ODD.search(text)
    if not match:
        return None
    line = text.count("\n", 0, match.start())
    if match[0] == "\0":
        return line, "a NUL byte; if this is UTF-16, say --set encoding=utf-16"
    byte = ord(match[0]) - 0xDC00
    remedy = "say its encoding, e.g. --set encoding=latin-1"
    return line, f"not {encoding}: byte 0x{byte:02x}; {remedy}"


def one_line(text: str) -> str:
    r"""Return a text with spaces in place of line breaks ("\n", "\r\n", "\r").

    >>> one_line("a\r\nb\n")
    'a b '
    """
    if "\n" not in text and "\r" not in text:
        return text
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def encoder(encoding: str) -> Callable[[str], bytes]:
    """Return a function that encodes a file's text, piece by piece."""
    try:
        incremental = codecs.getincrementalencoder(encoding)()  # one byte order mark
    except LookupError:
        raise BadParameter(f"encoding={encoding}: there is no such encoding") from None

    def encode(text: str) -> bytes:
        try:
            return incremental.encode(text)
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise BadParameter(f"encoding={encoding}: has no {letter!r}") from error

    return encode


def _decoder(encoding: str) -> type[codecs.IncrementalDecoder]:
    try:
        name = codecs.lookup(encoding).name
        # a byte order mark is no text
        found = codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)
    except LookupError:
        raise BadParameter(f"encoding={encoding}: there is no such encoding") from None
    return found  # type: ignore[return-value]


def _with_end(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    for piece in pieces:
        yield piece, False
    yield b"", True
