"""Incremental decoding, line splitting and encoding of text files."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from alcli.core.errors import BadParameter, InputError

_UNDECODABLE = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True)
class TextPiece:
    r"""Decoded lines of a piece of a file, without "\n".

    undecodable: whether a line may have invalid characters. has_cr: whether one has
    "\r".
    """

    lines: list[str]
    undecodable: bool = False
    has_cr: bool = False


def split_lines(
    pieces: Iterable[bytes], source: str, encoding: str
) -> Iterator[TextPiece]:
    r"""Yield the lines of a text, split at "\n" only.

    Undecodable bytes become lone surrogates; see `decoding_error`.

    Raises:
        BadParameter: the encoding is unknown.
        InputError: invalid UTF-16 or UTF-32, which cannot be decoded beyond the error.

    >>> [piece.lines for piece in split_lines([b"a\nb", b"\nc"], "f", "utf-8")]
    [['a'], ['b'], ['c']]
    """
    new = _decoder(encoding)
    decoder, undecodable, rest = new(), False, ""
    for piece, final in _with_end(pieces):
        state = decoder.getstate()
        try:
            text = decoder.decode(piece, final)
        except UnicodeDecodeError:
            decoder, undecodable = new("surrogateescape"), True
            decoder.setstate(state)
            try:
                text = decoder.decode(piece, final)
            except UnicodeDecodeError as error:  # UTF-16 has no surrogateescape
                problem = f"not {encoding}: {error.reason}"
                raise InputError(problem, source=source) from error
        undecodable = undecodable or "\0" in text
        *found, rest = (rest + text).split("\n")
        if found:
            yield TextPiece(found, undecodable, "\r" in text)
    if rest:
        yield TextPiece([rest], undecodable, "\r" in rest)


def decoding_error(text: str, encoding: str) -> tuple[int, str] | None:
    """Return the line, from 0, and the message of the first decoding error, or None.

    >>> decoding_error("a\\nb\\udce9", "utf-8")
    (1, 'not utf-8: byte 0xe9; name the encoding, e.g. --set encoding=latin-1')
    """
    match = _UNDECODABLE.search(text)
    if not match:
        return None
    line = text.count("\n", 0, match.start())
    if match[0] == "\0":
        return line, "NUL byte; if this is UTF-16, use --set encoding=utf-16"
    byte = ord(match[0]) - 0xDC00
    remedy = "name the encoding, e.g. --set encoding=latin-1"
    return line, f"not {encoding}: byte 0x{byte:02x}; {remedy}"


def one_line(text: str) -> str:
    r"""Replace the line breaks of a text ("\n", "\r\n", "\r") with spaces.

    >>> one_line("a\r\nb\n")
    'a b '
    """
    if "\n" not in text and "\r" not in text:
        return text
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def encoder(encoding: str) -> Callable[[str], bytes]:
    """Return an incremental encoder of text.

    Raises:
        BadParameter: the encoding is unknown, or, by the encoder, lacks a character.
    """
    try:
        incremental = codecs.getincrementalencoder(
            encoding
        )()  # writes one byte order mark
    except LookupError:
        raise BadParameter(f"encoding={encoding}: unknown encoding") from None

    def encode(text: str) -> bytes:
        try:
            return incremental.encode(text)
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise BadParameter(
                f"encoding={encoding}: cannot encode {letter!r}"
            ) from error

    return encode


def _decoder(encoding: str) -> type[codecs.IncrementalDecoder]:
    try:
        name = codecs.lookup(encoding).name
        # skips the byte order mark, as UTF-16 does
        found = codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)
    except LookupError:
        raise BadParameter(f"encoding={encoding}: unknown encoding") from None
    return found  # type: ignore[return-value]


def _with_end(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    for piece in pieces:
        yield piece, False
    yield b"", True
