"""The committed reference is what its generator makes."""

import re
import shutil
import subprocess

import pytest

from alcli.cli.main import commands
from tests.docs import reference

PAGES = reference.pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_current(name):
    committed = (reference.FOLDER / name).read_text("utf-8")

    assert committed == PAGES[name], "run `make docs`"


def test_every_plugin_has_a_row():
    registries = [registry for _, registry, _, _ in reference.KINDS]
    registries += reference.families().values()
    rows = re.findall(r"^\| `([^`]+)` \|", PAGES["plugins.md"], re.MULTILINE)

    assert sorted(rows) == sorted(n for r in registries for n in r.names())


def test_every_command_has_a_manual_page(tmp_path):
    reference.main(["man", str(tmp_path)])
    made = {path.name for path in tmp_path.iterdir()}

    assert made == {f"alcli-{name}.1" for name in commands.names()}
    text = (tmp_path / "alcli-select.1").read_text("utf-8")
    assert ".SH OPTIONS" in text
    assert "\\-\\-exclude" in text
    assert "\b" not in text


@pytest.mark.skipif(not shutil.which("man"), reason="no man here")
def test_a_manual_page_is_readable_by_man(tmp_path):
    reference.main(["man", str(tmp_path)])
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", tmp_path / "alcli-select.1"],
        capture_output=True,
    )

    assert done.returncode == 0
    assert not done.stderr
