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
    registries += reference.registries().values()
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


def test_only_examples_and_lists_keep_their_lines(tmp_path):
    reference.main(["man", str(tmp_path)])
    text = (tmp_path / "alcli-merge-labels.1").read_text("utf-8")
    description = text.partition(".SH DESCRIPTION")[2].partition(".SH OPTIONS")[0]
    kept = re.findall(r"\.nf\n(.*?)\.fi", description, re.DOTALL)

    assert kept
    assert all(block.lstrip().startswith("alcli merge") for block in kept)


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_manual_pages_are_good_roff(tmp_path):
    reference.main(["man", str(tmp_path)])
    for path in tmp_path.iterdir():
        call = ["groff", "-man", "-Kutf8", "-Tutf8", "-P-cbou", "-ww", path]
        done = subprocess.run(call, capture_output=True)
        assert not done.stderr, path
        assert b"SYNOPSIS" in done.stdout
