"""Pages run as they stand, with the outputs that they show."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from alcli.query.strategies import Scored
from tests.docs.blocks import ROOT, loosely, pages, played

slow = pytest.mark.slow
FAST = {"label-studio", "prodigy", "doccano"}  # no model, no hazm
PAGES = [
    pytest.param(path, marks=() if path.stem in FAST else slow, id=path.stem)
    for path in pages()
]


def test_there_are_pages_with_outputs():
    names = {path.stem for path in pages()}

    assert {"tutorial", "a-record", "makefile"} | FAST <= names


@pytest.mark.parametrize("path", PAGES)
def test_the_page_runs_and_shows_the_outputs_of_its_commands(path, tmp_path):
    page = path.read_text("utf-8")
    shown = 0
    for block, output in played(page, tmp_path):
        if block[2] is not None:
            assert loosely(output) == loosely(block[2]), "run `make docs`"
            shown += 1

    assert shown


@slow
def test_the_notebook_runs(tmp_path):
    text = (ROOT / "docs/how-to/notebook.md").read_text("utf-8")
    code = re.search(r"<!-- run -->\n```python\n(.*?)```", text, re.DOTALL)[1]
    shutil.copy(ROOT / "examples/reviews/reviews.jsonl", tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert 0.3 < float(done.stdout) < 0.9
    assert (tmp_path / "round.model").exists()


def test_the_strategy_that_needs_a_signal():
    text = (ROOT / "docs/how-to/own-strategy.md").read_text("utf-8")
    code = re.search(r"<!-- example -->\n```python\n(.*?)```", text, re.DOTALL)[1]
    module = {}
    exec(code, module)
    signals = {"vote_entropy": np.array([0.5, 0.0])}
    scored = Scored(["a", "b"], np.array([[0.6, 0.4], [1.0, 0.0]]), signals)

    np.testing.assert_allclose(module["both"](scored), [0.9, 0.0])


def test_how_to_pages_are_short():
    for path in (ROOT / "docs/how-to").glob("*.md"):
        assert len(path.read_text("utf-8").splitlines()) <= 60, path


def test_a_failing_command_is_an_error(tmp_path):
    with pytest.raises(AssertionError, match="status 3"):
        list(
            played(
                "```bash\nalcli proceed missing.jsonl --until plateau\n```\n", tmp_path
            )
        )
