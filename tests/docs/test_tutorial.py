"""The tutorial and the way of a record run as they stand, with the outputs shown."""

import pytest

from tests.docs.blocks import ROOT, loosely, played


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tutorial", "explanation/a-record"])
def test_the_page_runs_and_shows_the_outputs_of_its_commands(name, tmp_path):
    page = (ROOT / f"docs/{name}.md").read_text("utf-8")
    shown = 0
    for block, output in played(page, tmp_path):
        if block[2] is not None:
            assert loosely(output) == loosely(block[2]), "run `make docs`"
            shown += 1

    assert shown >= 6


def test_a_failing_command_is_an_error(tmp_path):
    with pytest.raises(AssertionError, match="status 3"):
        list(played("```bash\nalcli normalize missing.jsonl -q\n```\n", tmp_path))
