"""The README and the pages cannot drift: commands, statuses, links, blocks that run."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from alcli.core import errors

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
DOCS = ROOT / "docs"
GENERATED = [
    DOCS / f"reference/{name}.md" for name in ("commands", "plugins", "python")
]
WRITTEN = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(page for page in DOCS.rglob("*.md") if page not in GENERATED),
]


def page(name):
    return (DOCS / name).read_text("utf-8")


def block(name, mark):
    found = re.search(rf"<!-- {mark} -->\n```bash\n(.*?)```", page(name), re.DOTALL)
    return found[1]


def test_every_command_is_in_the_readme():
    from alcli.cli.main import commands

    listed = re.findall(r"^\| `alcli ([a-z][\w-]*)`", README, re.MULTILINE)
    assert sorted(listed) == commands.names()


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 160


def test_the_loop_in_the_page_on_cron_is_the_loop_in_the_file():
    script = (ROOT / "examples/loop/loop.sh").read_text("utf-8")

    assert block("how-to/cron.md", "loop") in script


def test_every_status_of_an_error_is_in_the_reference():
    rows = re.findall(r"^\| (\d+) \|", page("reference/statuses.md"), re.MULTILINE)
    listed = set(map(int, rows))
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]

    assert {k.status for k in kinds if issubclass(k, errors.AlcliError)} <= listed


def test_every_plugin_named_in_the_readme_exists():
    from alcli.query.strategies import strategies

    row = re.search(r"to label next: (.*), your own", README)[1]
    assert row.split(", ") == sorted(strategies.names(), key=row.index)


def test_the_help_of_select_names_every_strategy_and_signal():
    from alcli.query.signals import signals
    from alcli.query.strategies import strategies, summaries

    words = set(re.findall(r"[\w-]+", summaries()))
    assert {*strategies.names(), *signals.names()} <= words


def unknown_options(line):
    """Return the options of a command line that its command does not have."""
    import click

    from alcli.cli.main import group

    name, *words = shlex.split(line.split("#")[0].split("||")[0], posix=False)
    command = group.get_command(click.Context(group), name)
    if command is None:
        return set()
    known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
    used = {w.split("=")[0].strip("\"'") for w in words if re.match(r"--?[a-z]", w)}
    return used - known - {"--help"}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_commands_in_a_page_have_options_that_exist(path):
    text = path.read_text("utf-8").replace("\\\n", "")  # a command on several lines
    for line in re.findall(r"alcli ([a-z-]+ [^`\n|]*)", text):
        assert not unknown_options(line), line


@pytest.mark.parametrize("path", [*WRITTEN, *GENERATED], ids=lambda path: path.stem)
def test_links_lead_to_files(path):
    text = path.read_text("utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)", text):
        assert link.startswith("https://") or (path.parent / link).exists(), link


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_files_and_functions_that_are_named_exist(path):
    for file, name in re.findall(
        r"`(alcli/[\w/.]+)(?::(\w+))?`", path.read_text("utf-8")
    ):
        if "my_" in file:
            continue
        assert (ROOT / file).exists(), file
        text = (ROOT / file).read_text("utf-8") if name else ""
        assert not name or re.search(rf"^(?:def|class) {name}\b", text, re.MULTILINE), (
            name
        )


def test_the_index_lists_every_page_on_one_screen():
    index = page("index.md")
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")} - {"index.md"}

    assert {
        link for link in re.findall(r"\]\(([^)]+)\)", index) if link[0] != "."
    } == pages
    assert len(index.splitlines()) <= 60


@pytest.mark.parametrize(
    "name", ["clean", "convert", "merge-labels", "normalize", "split", "topics"]
)
def test_examples_in_a_help_have_options_that_exist(name):
    import click

    from alcli.cli.main import group

    text = group.get_command(click.Context(group), name).help.replace("\\\n", "")
    lines = re.findall(r"^ +alcli (.*)$", text, re.MULTILINE)
    assert lines
    for line in lines:
        assert line.startswith(f"{name} ")
        for call in re.split(r"\| +alcli ", line):
            assert not unknown_options(call)


def run(script, folder, *more_path):
    path = [*more_path, Path(sys.executable).parent, "/usr/bin", "/bin"]
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=folder,
        env={"PATH": ":".join(map(str, path))},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()


def ids(path):
    return {json.loads(line)["id"] for line in path.read_bytes().splitlines()}


LABELLING_STEP = """\
#!/usr/bin/env python3
import json, sys
gold = {r["id"]: r["label"] for r in map(json.loads, open("gold.jsonl"))}
for record in map(json.loads, open(sys.argv[1])):
    print(json.dumps(record | {"label": gold[record["id"]]}))
"""


@pytest.mark.slow
def test_the_loop_by_hand_runs_line_by_line(tmp_path):
    title = "## A loop by hand"
    script = re.search(rf"^{title}\n\n((?:    .*\n)+)\n", README, re.MULTILINE)[1]
    sample = (ROOT / "examples/reviews/reviews.jsonl").read_text("utf-8")
    records = [json.loads(line) for line in sample.splitlines()[:2000]]
    for name, fields in (("raw", ("id", "text")), ("gold", ("id", "label"))):
        lines = [json.dumps({f: r[f] for f in fields}) + "\n" for r in records]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
    step = tmp_path / "your-labelling-step"
    step.write_text(LABELLING_STEP)
    step.chmod(0o755)
    run(script, tmp_path, tmp_path)

    assert len(ids(tmp_path / "test.jsonl")) == 1000
    asked, batch = ids(tmp_path / "votes.jsonl"), ids(tmp_path / "batch.jsonl")
    assert len(asked) == len(batch) == 100
    assert not asked & batch
    assert asked | batch < ids(tmp_path / "pool.jsonl")


@pytest.mark.slow
def test_the_ten_lines_with_a_script_of_ones_own_run(tmp_path):
    script = block("how-to/own-model.md", "stand-in").replace(
        "examples/", f"{ROOT}/examples/"
    )
    run(f"set -o pipefail\n{script}", tmp_path)

    assert len((tmp_path / "batch.jsonl").read_bytes().splitlines()) == 20
