"""The architecture: import order, one door per package, light starts."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import alcli
from alcli.data.formats import formats
from alcli.evaluation.criteria import criteria
from tests.evaluation.criteria.made import made

ROOT = Path(alcli.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# a folder imports only from folders before it
ORDER = (
    "core",
    "numerics",
    "text",
    "data",
    "features",
    "models",
    "annotation",
    "query",
    "evaluation",
    "simulation",
    "cli",
    "commands",
)
# siblings that know nothing of each other: a folder -> those that it may not import
APART = {
    "annotation.web": ["annotation.telegram", "annotation.votes"],
    "annotation.telegram": ["annotation.web", "annotation.votes"],
    "annotation.queue": [
        "annotation.web",
        "annotation.telegram",
        "annotation.votes",
        "annotation.labelers",
    ],
    "annotation.votes": ["annotation.queue", "annotation.labelers"],
    "data.crawler": ["data.formats"],
    "data.sources": ["data.formats", "data.crawler"],
    "data.formats": ["data.crawler", "data.sources"],
    "data.formats.common": ["data.formats.csv", "data.formats.prodigy"],
    "evaluation.curve": ["evaluation.criteria", "evaluation.comparison"],
    "evaluation.comparison": ["evaluation.criteria"],
    "models.backend": ["models.networks", "models.families", "models.architectures"],
    "models.networks": ["models.families", "models.training"],
    "models.architectures": ["models.families", "models.training"],
    "models.families": ["models.training", "models.checkpoint"],
    "query.strategies": ["query.selection", "query.scoring"],
    "query.signals": ["query.strategies", "query.selection", "query.scoring"],
    "query.scoring": ["query.strategies", "query.selection"],
}
PLUGINS = (
    "annotation/aggregators",
    "annotation/labelers",
    "data/formats",
    "data/sources",
    "evaluation/criteria",
    "features/topics/methods",
    "query/signals",
    "query/strategies",
)
# an outside package -> the only folders or files that import it
DOORS = {
    "click": {"cli", "commands"},
    "rich": {"commands", "annotation/labelers", "evaluation/tables.py"},
    "markdown_it": {"annotation/queue"},
    "starlette": {"annotation/web"},
    "uvicorn": {"annotation/web"},
    "tqdm": {"core/log.py"},
    "hazm": {"text/persian", "text/languages/fa.py"},
    "keras": {"models/backend"},
    "tensorflow": {"models/backend"},
    "sklearn": {"models/architectures", "features"},
    "threadpoolctl": {"models/architectures"},
    "scipy": {"features", "numerics", "annotation/aggregators"},
    "pyarrow": {
        "core/compression.py",
        "features/vector_files.py",
        "features/vectors.py",
        "query/scoring/probs_writer.py",
    },
    "matplotlib": set(),
    "aiohttp": {"data/crawler"},
    "protego": {"data/crawler"},
    "defusedxml": {"data/sources"},
    "telegram": {"annotation/telegram"},
}
HEAVY = {"tensorflow", "keras", "sklearn", "scipy", "hazm", "nltk", "pandas"} | {
    "aiohttp",
    "telegram",
}
AT_HELP = HEAVY | {"numpy", "msgspec", "rich", "pyarrow", "logging"}


def imports(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
            if node.module.split(".")[0] == "alcli":  # may be a module of a folder
                found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def ours(path):
    """Return the top-level folders of ours that a file imports."""
    names = {name.split(".")[1] for name in imports(path) if name.startswith("alcli.")}
    return {name for name in names if (ROOT / name).is_dir()}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_folder_imports_only_from_folders_before_it(path):
    here = path.relative_to(ROOT).parts[0]
    if here in ("__init__.py", "__main__.py", "plugins.py"):
        return
    assert ours(path) <= set(ORDER[: ORDER.index(here) + 1])


def test_the_order_names_every_folder():
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and p.name[0] != "_"}

    assert folders == set(ORDER)


@pytest.mark.parametrize("folder", APART)
def test_siblings_are_kept_apart(folder):
    for path in (ROOT / folder.replace(".", "/")).rglob("*.py"):
        for other in APART[folder]:
            other = f"alcli.{other}"
            wrong = {n for n in imports(path) if f"{n}.".startswith(f"{other}.")}
            assert not wrong, path


@pytest.mark.parametrize("folder", PLUGINS)
def test_plugins_do_not_know_each_other(folder):
    names = {path.stem for path in (ROOT / folder).glob("[!_]*.py")}
    package = f"alcli.{folder.replace('/', '.')}"
    for path in (ROOT / folder).glob("[!_]*.py"):
        assert not imports(path) & {f"{package}.{name}" for name in names}, path


@pytest.mark.parametrize("package", DOORS)
def test_each_outside_package_has_one_door(package):
    users = {
        str(path.relative_to(ROOT))
        for path in FILES
        if package in {name.split(".")[0] for name in imports(path)}
    }

    assert not {u for u in users if not u.startswith(tuple(DOORS[package]))}


def test_no_folder_carries_the_name_of_a_command():
    commands = {path.stem for path in (ROOT / "commands").glob("[!_]*.py")}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}

    assert not commands & folders


def test_every_command_is_a_function_of_the_package():
    commands = {path.stem for path in (ROOT / "commands").glob("[!_]*.py")}

    assert commands < set(alcli.__all__)
    assert all(callable(getattr(alcli, name)) for name in alcli.__all__)


def test_type_checkers_see_the_public_names():
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
def test_files_have_docstrings_and_at_most_260_lines(path):
    text = path.read_text("utf-8")

    assert text.startswith('"""')
    assert text.split("\n")[0].strip('"').strip()
    assert len(text.split("\n")) <= 260


def modules_after(*args, stdin=b"", cwd=None):
    code = (
        "import sys\n"
        "from alcli.cli.main import main\n"
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
        ["evaluate", "--help"],
        ["proceed", "--help"],
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
    assert {
        f"alcli.evaluation.criteria.{n.replace('-', '_')}" for n in criteria.names()
    } < modules
    assert not modules & HEAVY


def test_the_summary_of_help_is_the_first_line_of_a_command():
    import click

    from alcli.cli.main import commands, group

    for name in commands.names():
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert command.help
        assert "Memory: " in command.help or "Memory for the fit: " in command.help
        assert commands.summary(name)
