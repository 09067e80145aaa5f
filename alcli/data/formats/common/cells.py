"""Cells of a table: what stands between them and around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from alcli.core.errors import BadParameter
from alcli.data.formats.common.texts import one_line


def laid(cells: Iterable[str], delimiter: str, quote: str) -> str:
    """Return a line in which those cells stand in quotes, or are folded, that must."""
    if not quote:
        return delimiter.join([one_line(c).replace(delimiter, " ") for c in cells])
    return delimiter.join(
        [
            f"{quote}{cell.replace(quote, quote * 2)}{quote}"
            if delimiter in cell or quote in cell or "\n" in cell or "\r" in cell
            else cell
            for cell in cells
        ]
    )


def cell_of(value: Any) -> str:
    """Return a value as the text of a cell; objects and lists are JSON."""
    if value is None:
        return ""
    if type(value) in (int, float):
        return str(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def marks(delimiter: str, quote: str) -> dict[str, str]:
    """Return the characters that `delimiter=` and `quote=` name."""
    found = {"delimiter": character(delimiter), "quote": quotation(quote)}
    if found["delimiter"] == found["quote"]:
        raise BadParameter(f"quote={quote}: is the delimiter, too")
    return found


def quotation(text: str) -> str:
    """Return the character that `quote=` names; "" is none.

    >>> quotation("'"), quotation("none")
    ("'", '')
    """
    if text in ("", "none"):
        return ""
    if len(text) != 1 or text in "\r\n\t":
        raise BadParameter(f"quote={text}: one character is expected, or none")
    return text


def character(text: str) -> str:
    r"""Return the character that `delimiter=` names; `\t` is a tab.

    >>> character(";"), character(r"\t")
    (';', '\t')
    """
    found = "\t" if text == r"\t" else text
    if len(found) != 1 or found in '"\r\n':
        raise BadParameter(f"delimiter={text}: one character is expected")
    return found
