"""Structure of the code: parameters, late imports, record structs, names of classes."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import alcli
from alcli.core.fields import SCHEMA

ROOT = Path(alcli.__file__).parent
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8"))
    for path in sorted(ROOT.rglob("*.py"))
}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
MOST_PARAMETERS = 8
MOST_LATE_IMPORTS = 20
# late imports of ours beside the one of each command, each with its reason
LATE = {
    "cli/info.py": "Keras, for the line on the device alone",
    "cli/options/files.py": "a report, which help does not need",
    "query/selection/selector.py": "batch strategies, slower to import than pointwise",
    "query/strategies/__init__.py": "NumPy, which the names in the help do not need",
}
# structs with the names of record fields that describe no record
NO_RECORDS = {
    "annotation/web/app.py:PageRequest",  # of a browser
    "evaluation/curve/schema.py:CurveRecord",
    "evaluation/curve/schema.py:StopSet",
    "query/selection/top_n.py:Candidate",  # in a heap
}


def late_imports(tree: ast.AST) -> list[str]:
    """Return the modules of ours that are imported inside functions."""
    return [
        node.module
        for function in ast.walk(tree)
        if isinstance(function, FUNCTION)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.split(".")[0] == "alcli"
    ]


def structs(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Yield the name and the members of each msgspec struct."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
            members = {
                item.target.id
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
            if "Struct" in bases:
                yield node.name, members
        elif isinstance(node, ast.Call) and "defstruct" in ast.unparse(node.func):
            strings = {
                item.value
                for item in ast.walk(node)
                if isinstance(item, ast.Constant) and isinstance(item.value, str)
            }
            yield "defstruct", strings


@pytest.mark.parametrize("path", TREES)
def test_functions_have_at_most_eight_parameters(path):
    for node in ast.walk(TREES[path]):
        if isinstance(node, FUNCTION):
            a = node.args
            names = [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
            names = [name for name in names if name not in ("self", "cls")]
            assert len(names) <= MOST_PARAMETERS, (node.name, names)


def test_late_imports_of_ours_are_few_and_have_a_reason():
    found = {path: late_imports(tree) for path, tree in TREES.items()}
    found = {path: modules for path, modules in found.items() if modules}
    commands = {path for path in found if path.startswith("commands/")}

    assert all(len(set(found[path])) == 1 for path in commands), found
    assert found.keys() - commands == LATE.keys()
    assert sum(len(modules) for modules in found.values()) <= MOST_LATE_IMPORTS


def test_record_fields_are_spelled_in_the_schema_only():
    found = {
        f"{path}:{name}"
        for path, tree in TREES.items()
        if path != "core/fields.py"
        for name, members in structs(tree)
        if members & SCHEMA.keys()
    }

    assert found == NO_RECORDS


def test_a_class_name_stands_for_one_class():
    homes = defaultdict(set)
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name.strip("_")].add(path)

    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}
