"""Indented JSON for people, safe for a terminal."""

import json
import re

from alcli.core.printable import STEERING


def json_text(value: object) -> str:
    r"""Return indented JSON; what `printable` escapes, is a JSON escape.

    >>> json_text({"label": "خوب\x9b"}).replace(chr(10), "")
    '{ "label": "خوب\\u009b"}'
    """
    lines = json.dumps(value, ensure_ascii=False, indent=1).split("\n")
    return "\n".join([re.sub(STEERING, _json_escape, line) for line in lines])


def _json_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
