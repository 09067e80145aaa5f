"""What the tree promises: who imports whom, one door per package, light starts."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import alcli
from alcli.criteria import criteria
from alcli.formats import formats
from tests.criteria.made import made

ROOT = Path(alcli.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# folder or module -> what of ours it may import, itself aside
MAY_IMPORT = {
    "core": set(),
    "backend": {"core"},
    "metrics": set(),
    "text": {"core"},
    "networks": {"core", "text", "backend"},
    "models": {"core", "backend", "networks"},
    "learners": {"core", "text", "models", "networks", "backend"},
    "checkpoint": {"core", "learners", "metrics"},
    "training": {"core", "models", "learners", "checkpoint", "metrics"},
    "evaluation": {"core", "metrics", "checkpoint"},
    "scoring": {"core", "checkpoint", "pool", "signals"},
    "simulation": {
        "core",
        "aggregators",
        "checkpoint",
        "criteria",
        "curves",
        "evaluation",
        "labelers",
        "learners",
        "models",
        "pool",
        "scoring",
        "signals",
        "strategies",
        "training",
        "votes",
    },
    "clustering": {"core", "clusters"},
    "clusters": {"core", "text", "geometry"},
    "geometry": set(),
    "signals": {"core", "metrics"},
    "strategies": {"core", "metrics", "geometry", "signals", "aggregators"},
    "pool": {"core", "strategies", "geometry", "votes"},
    "desk": {"core"},
    "page": {"core", "desk"},
    "chat": {"core", "desk"},
    "labelers": {"core", "desk", "page", "chat"},
    "aggregators": {"core"},
    "votes": {"core", "aggregators", "metrics"},
    "sources": {"core"},
    "crawling": {"core", "sources"},
    "exchange": {"core"},
    "formats": {"core", "exchange"},
    "criteria": {"core", "curves", "metrics"},
    "curves": {"core", "metrics"},
    "options": {"core", "strategies"},
    "cli": {"core", "options"},
    "__main__": {"cli"},
}
PLUGINS = (
    "aggregators",
    "clusters",
    "criteria",
    "formats",
    "labelers",
    "signals",
    "sources",
    "strategies",
)
DOORS = {
    "click": {"cli", "options", "commands"},
    "rich": {"commands", "labelers"},
    "markdown_it": {"desk"},
    "starlette": {"page"},
    "uvicorn": {"page"},
    "tqdm": {"core"},
    "hazm": {"text"},
    "keras": {"backend"},
    "tensorflow": {"backend"},
    "sklearn": {"models", "clusters", "text"},
    "threadpoolctl": {"models"},
    "scipy": {"text", "clusters", "metrics", "aggregators"},
    "pyarrow": {"core", "pool"},
    "matplotlib": set(),
    "scrapy": {"crawling"},
    "twisted": {"crawling"},
    "zope": {"crawling"},
    "protego": {"crawling"},
    "defusedxml": {"sources"},
    "telegram": {"chat"},
}
HEAVY = {"tensorflow", "keras", "sklearn", "scipy", "hazm", "nltk", "pandas"} | {
    "scrapy",
    "twisted",
    "telegram",
}
AT_HELP = HEAVY | {"numpy", "msgspec", "rich", "pyarrow", "logging"}


def layer(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "alcli":
            found |= {f"alcli.{name.name}" for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


def ours(path):
    return {name.split(".")[1] for name in imports(path) if name.startswith("alcli.")}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_who_may_import_whom(path):
    here = layer(path)
    if here in ("commands", "__init__"):
        assert "cli" not in ours(path)
    else:
        assert ours(path) <= MAY_IMPORT[here] | {here}


@pytest.mark.parametrize("folder", PLUGINS)
def test_plugins_do_not_know_each_other(folder):
    for path in (ROOT / folder).glob("[!_]*.py"):
        assert not {n for n in imports(path) if n.startswith(f"alcli.{folder}.")}, path


@pytest.mark.parametrize("package", DOORS)
def test_each_outside_package_has_one_door(package):
    users = {
        layer(p) for p in FILES if package in {i.split(".")[0] for i in imports(p)}
    }

    assert users <= DOORS[package]


def test_no_folder_carries_the_name_of_a_command():
    commands = {path.stem for path in (ROOT / "commands").glob("[!_]*.py")}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}

    assert not commands & folders


def test_every_command_is_a_function_of_the_package():
    commands = {path.stem for path in (ROOT / "commands").glob("[!_]*.py")}

    assert commands < set(alcli.__all__)
    assert all(callable(getattr(alcli, name)) for name in alcli.__all__)


def test_what_type_checkers_see_is_what_there_is():
    tree = ast.parse((ROOT / "__init__.py").read_text("utf-8"))
    seen = {
        name.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.asname
    }

    assert seen | {"AlcliError"} == set(alcli.__all__)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_say_what_they_are_for_and_fit_on_a_few_screens(path):
    text = path.read_text("utf-8")

    assert text.startswith('"""')
    assert text.split("\n")[0].strip('"').strip()
    assert len(text.split("\n")) <= 260


def modules_after(*args, stdin=b"", cwd=None):
    code = (
        "import sys\n"
        "from alcli.cli import main\n"
        "try: main()\n"
        "finally:\n"
        "    import json\n"
        "    print(json.dumps(list(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith("ALCLI_")},
    )
    return done.returncode, set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["select", "--help"],
        ["train", "--help"],
        ["label", "--help"],
        ["merge-labels", "--help"],
        ["convert", "--help"],
        ["topics", "--help"],
        ["simulate", "--help"],
        [],
    ],
    ids=" ".join,
)
def test_help_imports_next_to_nothing(args):
    _, modules = modules_after(*args)

    assert not modules & AT_HELP


@pytest.mark.parametrize(
    "args",
    [
        ["select", "-n", "many"],
        ["select", "-n", "1", "-s", "no-such-strategy"],
        ["nonsense"],
        ["score", "--nonsense"],
    ],
    ids=" ".join,
)
def test_usage_errors_import_nothing_heavy(args):
    status, modules = modules_after(*args)

    assert status == 2
    assert not modules & HEAVY


SCORED = b'{"id":1,"probs":{"a":0.4,"b":0.6},"topic":1}\n'
TEXT = b'{"id":1,"text":"a","label":"a","annotator":"x"}\n'
VOTES = b'{"id":1,"label":"a","annotator":"x"}\n'


@pytest.mark.parametrize("strategy", ["random", "margin", "entropy", "lda"])
def test_select_imports_nothing_heavy(strategy):
    status, modules = modules_after("select", "-n1", "-s", strategy, stdin=SCORED)

    assert status == 0
    assert not modules & HEAVY


@pytest.mark.parametrize(
    "more", ["", "--aggregate weighted-majority", "--annotators p --relabel r"]
)
def test_merge_labels_by_majority_imports_nothing_heavy(more, tmp_path):
    args = ["merge-labels", *more.split()]
    status, modules = modules_after(*args, stdin=VOTES, cwd=tmp_path)

    assert status == 0
    assert not modules & HEAVY


@pytest.mark.parametrize("name", formats.names())
def test_convert_imports_nothing_heavy(name):
    status, modules = modules_after("convert", "--to", name, stdin=TEXT)

    assert status == 0
    assert not modules & HEAVY


def test_proceed_imports_nothing_heavy(tmp_path):
    rounds = made(1).curve
    (tmp_path / "c").write_text("".join(json.dumps(r) + "\n" for r in rounds))
    until = [word for name in criteria.names() for word in ("--until", name)]
    status, modules = modules_after("proceed", "c", *until, cwd=tmp_path)

    assert status == 1
    assert {f"alcli.criteria.{n.replace('-', '_')}" for n in criteria.names()} < modules
    assert not modules & HEAVY


def test_the_summary_of_help_is_the_first_line_of_a_command():
    import click

    from alcli.cli import commands, group

    for name in commands.names():
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert command.help
        assert "Memory: " in command.help or "Memory for the fit: " in command.help
        assert commands.summary(name)
