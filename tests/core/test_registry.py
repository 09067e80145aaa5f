"""One folder, one registry: names from files, functions by path, other packages'."""

import importlib.metadata
import subprocess
import sys
from types import SimpleNamespace

import pytest

from alcli.core.errors import BadParameter, UnknownName
from alcli.core.registry import Registry


@pytest.fixture
def dishes(tmp_path, monkeypatch):
    """A package of two plug-ins; importing `hot_soup` is noticed in `sys.modules`."""
    folder = tmp_path / "menu" / "dishes"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "_shared.py").write_text("")
    (folder / "notes.txt").write_text("")
    (folder / "hot_soup.py").write_text('"""Soup, hot."""\ndef hot_soup(): return 1\n')
    (folder / "bread.py").write_text('"""Bread."""\ndef bread(): return 2\n')
    monkeypatch.syspath_prepend(tmp_path)
    yield Registry("dish", "menu.dishes")
    for name in [name for name in sys.modules if name.startswith("menu")]:
        del sys.modules[name]


def test_names_and_summaries_come_from_files_that_are_not_imported(dishes):
    assert dishes.names() == ["bread", "hot-soup"]
    assert dishes.summary("hot-soup") == dishes.summary("hot_soup") == "Soup, hot"
    table = dishes.summaries()
    assert table == "\b\nDish:\n  bread     Bread\n  hot-soup  Soup, hot"
    assert "menu.dishes.hot_soup" not in sys.modules


def test_the_summary_of_a_plugin_lists_its_parameters(dishes, tmp_path):
    (tmp_path / "menu" / "dishes" / "stew.py").write_text(
        '"""Stew."""\nclass stew:\n'
        "  def cook(self, a, *, hours=-2, pot='iron', heat=HEAT, seed=0): ...\n"
        "  def eat(self, *, pot='clay', spoons=1): ...\n"
    )
    assert dishes.parameters("stew") == []
    assert dishes.parameters("stew", "eat") == ["pot=clay", "spoons=1"]
    table = dishes.summaries("cook", "eat", hidden=["seed"], option="--with")
    assert table.split("\n")[1:] == [
        "Dish, with parameters for --with:",
        "  bread     Bread",
        "  hot-soup  Soup, hot",
        "  stew      Stew",
        "          hours=-2 pot=iron heat spoons=1",
    ]


def test_parameters_of_a_dataclass_are_its_fields(dishes, tmp_path):
    (tmp_path / "menu" / "dishes" / "pie.py").write_text(
        '"""Pie."""\n@dataclass\nclass pie:\n'
        "  size: int\n  _: KW_ONLY\n  crust: str = 'thin'\n  heat: int = HEAT\n"
        "  def bake(self, *, hours=1): ...\n"
    )
    assert dishes.parameters("pie") == ["crust=thin", "heat"]


def test_shared_parameters_are_listed_without_importing_the_plugin(dishes, tmp_path):
    folder = tmp_path / "menu" / "dishes"
    (folder / "_pies.py").write_text(
        "from dataclasses import dataclass\n\n"
        "@dataclass\nclass PieParams:\n  size: int = 3\n  crust: str = 'thin'\n"
    )
    (folder / "pie.py").write_text(
        '"""Pie."""\nfrom menu.dishes._pies import PieParams\n'
        "def pie(*, hours=1, params: PieParams): ...\n"
    )

    assert dishes.parameters("pie") == ["hours=1", "size=3", "crust=thin"]
    assert "menu.dishes.pie" not in sys.modules


@pytest.mark.parametrize("name", ["hot-soup", "hot_soup"])
def test_a_plugin_is_the_function_called_as_its_file(dishes, name):
    assert dishes.get(name)() == 1


@pytest.mark.parametrize("name", ["stew", "", "_shared", "notes", "../bread", "x:y"])
def test_unknown_names_are_answered_with_the_known(dishes, name):
    with pytest.raises(UnknownName) as caught:
        dishes.get(name)
    assert str(caught.value) == f"unknown dish {name!r}; choose from: bread, hot-soup"


def test_any_function_of_a_file_is_a_plugin(dishes, tmp_path):
    (tmp_path / "mine.py").write_text("def f(): return 3")
    assert dishes.get(f"{tmp_path}/mine.py:f")() == 3


def test_a_relative_file_is_looked_for_here(dishes, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("def f(): return 3")
    monkeypatch.chdir(tmp_path)
    assert dishes.get("./mine.py:f")() == dishes.get("mine.py:f")() == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [("none.py:f", "none.py: no such Python file"), ("mine.py:g", "no function 'g'")],
)
def test_a_file_without_the_function_is_refused(dishes, tmp_path, name, says):
    (tmp_path / "mine.py").write_text("def f(): return 3")
    with pytest.raises(BadParameter, match=says):
        dishes.get(f"{tmp_path}/{name}")


def test_entry_points_are_read_for_unknown_names_only(dishes, monkeypatch):
    asked = []

    def entry_points(*, group):
        asked.append(group)
        return [SimpleNamespace(name="stew", load=lambda: lambda: 4)]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    assert dishes.get("bread")() == 2
    assert asked == []
    assert dishes.get("stew")() == 4
    assert asked == ["alcli.dishes"]
    with pytest.raises(UnknownName, match="choose from: bread, hot-soup, stew"):
        dishes.get("cake")


def test_summaries_do_not_import_the_plugins():
    code = (
        "import sys; from alcli.models import architectures; "
        "print(*architectures.registries()['token'].parameters('cnn')); "
        "assert not {'keras', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout == "dim=100 filters=128 width=10 stride=1 dropout=0.3\n"


def test_the_help_of_train_lists_every_parameter(alcli):
    said = alcli("train", "--help", check=True).stdout.decode()

    assert all(word in said for word in ("pooling=last", "truncate=end", "ngrams=2"))
