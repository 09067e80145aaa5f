"""Cells of a table: delimiters and quotes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from alcli.core.errors import BadParameter
from alcli.data.formats.common.texts import one_line


def join_cells(cells: Iterable[str], delimiter: str, quote: str) -> str:
    """Join the cells of a row.

    Cells with delimiters, quotes or line breaks are quoted. Without a quote character,
    their delimiters and line breaks become spaces.
    """
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


def cell_text(value: Any) -> str:
    """Convert a value to the text of a cell; objects and lists become JSON."""
    if value is None:
        return ""
    if type(value) in (int, float):
        return str(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def parse_dialect(delimiter: str, quote: str) -> dict[str, str]:
    """Parse the values of `delimiter=` and `quote=`.

    Raises:
        BadParameter: a value is not one character, or both are the same.
    """
    found = {"delimiter": parse_delimiter(delimiter), "quote": parse_quote(quote)}
    if found["delimiter"] == found["quote"]:
        raise BadParameter(f"quote={quote}: same as the delimiter")
    return found


def parse_quote(text: str) -> str:
    """Parse the value of `quote=`; `none` is "".

    >>> parse_quote("'"), parse_quote("none")
    ("'", '')
    """
    if text in ("", "none"):
        return ""
    if len(text) != 1 or text in "\r\n\t":
        raise BadParameter(f"quote={text}: expected one character, or none")
    return text


def parse_delimiter(text: str) -> str:
    r"""Parse the value of `delimiter=`; `\t` is a tab.

    >>> parse_delimiter(";"), parse_delimiter(r"\t")
    (';', '\t')
    """
    found = "\t" if text == r"\t" else text
    if len(found) != 1 or found in '"\r\n':
        raise BadParameter(f"delimiter={text}: expected one character")
    return found
