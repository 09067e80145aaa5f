"""Incremental decoding, line splitting and encoding of text files."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from alcli.core.errors import BadParameter, InputError
from alcli.data.formats.common.batch import Rejected

_UNDECODABLE = re.compile("[\0\udc80-\udcff]")


def split_lines(
    pieces: Iterable[bytes], source: str, encoding: str
) -> Iterator[tuple[list[str], bool]]:
    r"""Yield the lines of a text, split at "\n" only, without it.

    With them: whether a line of this or an earlier list may be undecodable. Undecodable
    bytes become lone surrogates; see `check_decoded`.

    Raises:
        BadParameter: the encoding is unknown.
        InputError: invalid UTF-16 or UTF-32, which cannot be decoded beyond the error.

    >>> list(split_lines([b"a\nb", b"\nc"], "f", "utf-8"))
    [(['a'], False), (['b'], False), (['c'], False)]
    """
    # utf-8-sig skips the byte order mark, as UTF-16 does
    name = "utf-8-sig" if _codec(encoding).name == "utf-8" else encoding
    new = codecs.getincrementaldecoder(name)
    decoder, undecodable, rest = new(), False, ""
    for piece in chain(pieces, [b""]):
        state, final = decoder.getstate(), not piece
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
        *lines, rest = (rest + text).split("\n")
        if final and rest:
            lines.append(rest)
        yield lines, undecodable


def check_decoded(text: str, encoding: str) -> None:
    """Check that a text of `split_lines` could be decoded.

    Raises:
        Rejected: with the line of the first decoding error.
    """
    if not (match := _UNDECODABLE.search(text)):
        return
    problem = "NUL byte; if this is UTF-16, use --set encoding=utf-16"
    if match[0] != "\0":
        remedy = "name the encoding, e.g. --set encoding=latin-1"
        problem = f"not {encoding}: byte 0x{ord(match[0]) & 0xFF:02x}; {remedy}"
    raise Rejected(problem, within=text.count("\n", 0, match.start()))


def one_line(text: str) -> str:
    r"""Replace the line breaks of a text ("\n", "\r\n", "\r") with spaces.

    >>> one_line("a\r\nb\n")
    'a b '
    """
    if "\n" not in text and "\r" not in text:
        return text
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def encoder(encoding: str) -> Callable[[str], bytes]:
    """Return an incremental encoder of text, which writes one byte order mark.

    Raises:
        BadParameter: the encoding is unknown, or, by the encoder, lacks a character.
    """
    incremental = codecs.getincrementalencoder(_codec(encoding).name)()

    def encode(text: str) -> bytes:
        try:
            return incremental.encode(text)
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise BadParameter(
                f"encoding={encoding}: cannot encode {letter!r}"
            ) from error

    return encode


def _codec(encoding: str) -> codecs.CodecInfo:
    try:
        return codecs.lookup(encoding)
    except LookupError:
        raise BadParameter(f"encoding={encoding}: unknown encoding") from None
