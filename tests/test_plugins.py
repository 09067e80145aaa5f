"""The names for authors of plug-ins: all are there, and light to import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import alcli
from alcli import plugins

SOURCE = Path(alcli.__file__).with_name("plugins.py")


@pytest.mark.parametrize("name", plugins.__all__)
def test_every_name_is_importable(name):
    assert getattr(plugins, name) is not None


def test_type_checkers_see_the_same_names():
    tree = ast.parse(SOURCE.read_text("utf-8"))
    seen = {
        name.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.asname
    }
    assert seen == set(plugins.__all__)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = plugins.nothing


def test_a_strategy_by_these_names_imports_nothing_heavy():
    code = (
        "import sys; from alcli.plugins import Scored, pointwise; "
        "assert not {'sklearn', 'scipy', 'keras', 'hazm'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
