"""Layout of a text table: columns, delimiter, quote character, encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from alcli.core.errors import BadParameter

LITERAL_QUOTES = "if quotes are literal, use --set quote=none"


@dataclass(frozen=True)
class Table:
    """Layout of a table.

    names: field -> column; the column of `text`, and any column named differently from
    its field, is required. delimiter: one character, or, for a reader, several
    candidates, of which the first line decides. quote: quote character; "" for none.
    """

    names: Mapping[str, str]
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"

    @classmethod
    def parse(
        cls, names: Mapping[str, str], delimiter: str, quote: str, encoding: str
    ) -> Self:
        """Make a layout from the values of `delimiter=` and `quote=`.

        Raises:
            BadParameter: a value is not one character, or both are the same.
        """
        table = cls(names, parse_delimiter(delimiter), parse_quote(quote), encoding)
        if table.delimiter == table.quote:
            raise BadParameter(f"quote={quote}: same as the delimiter")
        return table


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
