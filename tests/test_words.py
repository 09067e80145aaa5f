"""Plain words: docstrings define nouns or give orders, and no word is a riddle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OPENINGS = re.compile(
    r"(What|Who|Whose|Whom|Which|How|Where|Of|By|To|In|At|From|Says?|Tells?)\b"
)
RETURNS = re.compile(r"(Return|Yield)s? (what|those|one|it|who|which|how|whether)\b")
RIDDLES = re.compile(r"\b(anew|by chance|who is asked|is gone|are gone)\b")


def documented(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the docstring of a module, its classes and functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        kinds = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            yield getattr(node, "lineno", 1), text


def riddles(path: Path) -> list[str]:
    """Return a line for each docstring that breaks the rule."""
    found = []
    for line, text in documented(path):
        first = text.split("\n")[0]
        for rule in (OPENINGS, RETURNS):
            if match := rule.match(text):
                found.append(f'{path}:{line}: begins with "{match[0]}": {first}')
        if match := RIDDLES.search(text.split("\n>>>")[0]):
            found.append(f'{path}:{line}: "{match[0]}": {first}')
    return found


FILES = sorted(
    path for name in ("alcli", "examples") for path in (ROOT / name).rglob("*.py")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_are_plain(path):
    assert not riddles(path)
