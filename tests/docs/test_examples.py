"""The example plug-ins of the architecture page do what their kind must."""

import json
import re

import click
import numpy as np
import pytest
from click.testing import CliRunner

import alcli
from alcli.annotation.aggregators import Votes
from alcli.core.registry import Registry
from alcli.query.strategies import Pool, Scored
from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")
FOUND = re.findall(r"<!-- example: (\w+) -->\n```python\n(.*?)```", PAGE, re.DOTALL)
SOURCES = dict(FOUND)
TRAINS = {"mean_of_words"}  # loads a backend

RECORDS = [{"id": str(n), "text": "ab " * (n + 1)} for n in range(8)]
PROBS = np.random.default_rng(0).dirichlet(np.ones(3), 8)
SCORED = [
    record | {"probs": dict(zip("abc", row, strict=True))}
    for record, row in zip(RECORDS, PROBS.tolist(), strict=True)
]


@pytest.fixture(params=sorted(SOURCES))
def name(request):
    return request.param


@pytest.fixture
def own(tmp_path):
    """Write an example to a file; return what it defines, as --set users would."""

    def write(name):
        path = tmp_path / f"{name}.py"
        path.write_text(SOURCES[name])
        return Registry("example", "alcli.commands").get(f"{path}:{name}"), path

    return write


def test_every_kind_of_the_table_has_an_example():
    kinds = re.findall(r"^\| ([a-z ,]+) \| `[a-z/]+` \|", PAGE, re.MULTILINE)
    titles = re.findall(r"^### (.*)", PAGE, re.MULTILINE)

    assert len(kinds) >= 12
    assert len(SOURCES) == len(titles) == len(FOUND) == len(kinds) - 1  # a language


def test_an_example_compiles_and_is_short(name):
    compile(SOURCES[name], name, "exec")

    assert len(SOURCES[name].split("\n")) <= 40


def test_the_folders_and_contract_tests_of_the_table_exist():
    for folder, test in re.findall(
        r"^\| [a-z ,]+ \| `([a-z/]+)` \|.*`([\w/]+\.py)`", PAGE, re.MULTILINE
    ):
        assert (ROOT / "alcli" / folder).is_dir(), folder
        assert (ROOT / "tests" / test).is_file(), test


def test_the_folders_are_in_the_order_of_the_imports():
    from tests.test_architecture import ORDER

    rows = re.findall(r"^\| `(\w+)` \| [^|]*\|$", PAGE, re.MULTILINE)
    assert tuple(rows) == ORDER


def test_the_pointwise_strategy(own):
    strategy, path = own("third")
    assert strategy(Scored([r["id"] for r in SCORED], PROBS)).shape == (8,)

    chosen = list(alcli.select(SCORED, 3, strategy=f"{path}:third"))
    assert len({r["id"] for r in chosen}) == 3


def test_the_batch_strategy(own):
    strategy, _ = own("outliers")
    vectors = np.zeros((8, 2), np.float32)
    vectors[5] = 9
    pool = Pool(Scored([r["id"] for r in SCORED], PROBS), vectors)
    rows = strategy(pool, 3, np.random.default_rng(0))

    assert rows[0] == 5
    assert len(set(rows.tolist())) == 3


def test_the_signal(own):
    value, _ = own("gini")

    assert value(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist() == [0.5, 0.0]


def test_the_criterion(own):
    _, path = own("target")
    curve = [{"labels": 10, "metrics": {"macro_f1": 0.9}}]
    found = alcli.proceed(curve, [f"{path}:target,value=0.8"])

    assert [verdict.stop for verdict in found.values()] == [True]


def test_the_aggregator(own):
    aggregate, _ = own("sharpened")
    item, annotator = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0])
    beliefs, _ = aggregate(Votes(item, annotator, np.array([0, 0, 1, 1]), 2, 3, 2))

    np.testing.assert_allclose(beliefs, [[0.8, 0.2], [0, 1]])


def test_the_labeler(own):
    _, path = own("length")
    votes = list(alcli.label(RECORDS, labeler=f"{path}:length", limit=40))

    assert {vote["label"] for vote in votes} == {"long", "short"}


def test_the_format(own, tmp_path):
    _, path = own("lines")
    texts = tmp_path / "texts"
    texts.write_text("one\n\ntwo\n")
    done = alcli_of("convert", str(texts), "--from", f"{path}:lines")

    assert [json.loads(line)["text"] for line in done.splitlines()] == ["one", "two"]


def test_the_source(own):
    from alcli.data.sources import PageResponse

    source, _ = own("headlines")
    (page,) = source("https://example.org/news")
    found = list(page.read(PageResponse(page.url, b'[{"id": 1, "title": "rain"}]')))

    assert found == [{"id": "headlines-1", "text": "rain"}]


def test_the_linear_architecture(own):
    architecture, _ = own("frequencies")
    features = np.zeros((4, 2))
    arrays = architecture.fit(features, np.array([0, 0, 0, 1]), np.ones(4), classes=2)

    assert architecture.predict(arrays, features)[0].tolist() == [0.75, 0.25]


def test_the_topic_method(own):
    method, _ = own("halves")
    fitted = method.fit(["a", "bb", "cccc"])
    card, members = fitted.save()

    assert method.load(card, members).assign(["a", "cccc"])[0].tolist() == [0, 1]


def test_the_command(own, tmp_path):
    _, path = own("count")
    module = {}
    exec(compile(SOURCES["count"], path, "exec"), module)
    file = tmp_path / "r.jsonl"
    file.write_text('{"id":1}\n{"id":2}\n')

    assert isinstance(module["command"], click.Command)
    assert CliRunner().invoke(module["command"], [str(file)]).output == "2\n"


@pytest.mark.slow
def test_the_token_architecture(own):
    architecture, _ = own("mean_of_words")
    model = architecture(10, 3, seed=0)

    assert model.predict(np.array([[1, 2, 0]]), verbose=0).shape == (1, 3)


def alcli_of(*args):
    from alcli.cli.main import group

    done = CliRunner().invoke(group, args)
    assert done.exit_code == 0, done.output
    return done.stdout
