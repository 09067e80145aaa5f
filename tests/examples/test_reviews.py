"""The shipped sample is what its generator writes, and is what its README says."""

import doctest
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

import alcli

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples/reviews"
SAMPLE = FOLDER / "reviews.jsonl"
PRODUCTS = {
    *("phone", "laptop", "headphones", "watch", "book"),
    *("food", "clothes", "cosmetics", "appliance", "toy"),
}

Record = dict[str, str]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Return the shipped records."""
    return [json.loads(line) for line in SAMPLE.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def texts(records: list[Record]) -> list[str]:
    """Return the shipped texts."""
    return [record["text"] for record in records]


@pytest.fixture(scope="module")
def script() -> Callable[[str], ModuleType]:
    """Return a function that imports a module of the example."""
    return lambda name: importlib.import_module(f"examples.reviews.{name}")


def generated(path: Path, *args: str, hash_seed: str = "0") -> bytes:
    """Run the generator in a fresh interpreter and return what it wrote."""
    subprocess.run(
        [sys.executable, "-m", "examples.reviews.generate", "-o", path, *args],
        cwd=ROOT,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )
    return path.read_bytes()


def test_the_generator_writes_the_shipped_file(tmp_path: Path) -> None:
    assert generated(tmp_path / "made.jsonl", hash_seed="7") == SAMPLE.read_bytes()


def test_the_seed_alone_changes_the_sample(tmp_path: Path) -> None:
    def made(seed: str, hash_seed: str) -> bytes:
        args = ("--n", "100", "--seed", seed)
        return generated(tmp_path / "made.jsonl", *args, hash_seed=hash_seed)

    assert made("1", "1") == made("1", "2")
    assert made("1", "1") != made("2", "1")


def test_records_have_their_fields_and_distinct_ids(records: list[Record]) -> None:
    assert len(records) == 6000
    assert {tuple(record) for record in records} == {("id", "text", "label", "product")}
    assert len({record["id"] for record in records}) == len(records)
    assert all(record["text"].strip() for record in records)
    assert SAMPLE.stat().st_size < 2_500_000


def test_the_notation_is_as_documented(script: Callable[[str], ModuleType]) -> None:
    result = doctest.testmod(script("grammar"))
    assert result.attempted == 1
    assert result.failed == 0


def test_texts_contain_no_notation(texts: list[str]) -> None:
    assert not [text for text in texts if set(text) & set("[]{}_")]


def test_there_are_ten_products_and_none_is_rare(records: list[Record]) -> None:
    counts = Counter(record["product"] for record in records)
    assert set(counts) == PRODUCTS
    assert min(counts.values()) >= 200


def test_class_shares(records: list[Record]) -> None:
    counts = Counter(record["label"] for record in records)
    shares = {label: count / len(records) for label, count in counts.items()}
    expected = {"positive": 0.53, "neutral": 0.31, "negative": 0.16}
    assert shares == pytest.approx(expected, abs=0.01)


def test_eight_percent_of_the_labels_are_wrong_in_every_class(
    script: Callable[[str], ModuleType], records: list[Record]
) -> None:
    pairs = list(script("generate").reviews(n=6000, seed=0))
    assert [record for record, _ in pairs] == records
    wrong = Counter(truth for record, truth in pairs if record["label"] != truth)
    assert wrong.total() / len(pairs) == pytest.approx(0.08, abs=0.002)
    for label, count in Counter(truth for _, truth in pairs).items():
        assert wrong[label] / count == pytest.approx(0.08, abs=0.025)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("colloquial forms", 0.4, 0.8),
        ("half-space left out", 0.1, 0.2),
        ("space for half-space", 0.05, 0.12),
        ("stretched letters", 0.03, 0.07),
        ("emoji or emoticon", 0.1, 0.17),
        ("one or two words", 0.03, 0.08),
        ("turn with ولی or اما", 0.2, 0.35),
        ("negated opinion", 0.1, 0.25),
        ("Arabic ي or ك", 0.12, 0.18),
        ("text seen before", 0.03, 0.08),
    ],
)
def test_phenomena_have_their_share(
    script: Callable[[str], ModuleType],
    texts: list[str],
    name: str,
    least: float,
    most: float,
) -> None:
    assert least <= script("measure").phenomena(texts)[name] <= most


@pytest.mark.parametrize(
    ("word", "praised", "blamed"),
    [
        ("داغ", "food", "laptop"),
        ("سبک", "laptop", "toy"),
        ("سرد", "appliance", "food"),
        ("سنگین", "watch", "book"),
        ("گرم", "food", "laptop"),
    ],
)
def test_words_change_sides_with_the_product(
    records: list[Record], word: str, praised: str, blamed: str
) -> None:
    seen = re.compile(rf"\b{word.replace('ک', '[کك]')}ه?\b")

    def positive_share(product: str) -> float:
        labels = [
            record["label"]
            for record in records
            if record["product"] == product
            and record["label"] != "neutral"
            and seen.search(record["text"])
        ]
        assert len(labels) >= 5
        return labels.count("positive") / len(labels)

    assert positive_share(praised) > positive_share(blamed) + 0.2


@pytest.mark.slow
def test_the_demo_runs_in_a_folder_of_any_name(tmp_path: Path) -> None:
    project = tmp_path / "somebody's project"
    for name in ("common", "loop", "reviews"):
        skip = shutil.ignore_patterns("run", "__pycache__")
        shutil.copytree(FOLDER.parent / name, project / "examples" / name, ignore=skip)
    shutil.copy(ROOT / "examples/__init__.py", project / "examples")
    with SAMPLE.open("rb") as lines:  # 1000 to measure on, 500 to stop by, some to ask
        head = b"".join(islice(lines, 1800))
    (project / "examples/reviews/reviews.jsonl").write_bytes(head)
    (project / "bin").mkdir()
    (project / "bin/alcli").symlink_to(Path(sys.executable).with_name("alcli"))
    small = ["STRATEGIES=random", "SEEDS=1 2", "ROUNDS=1", "N=60"]
    tools = [f"ALCLI={project}/bin/alcli", f"PYTHON={sys.executable}"]
    done = subprocess.run(
        ["make", "demo", *tools, *small],
        cwd=project / "examples/reviews",
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "examples/reviews/run/60x1/curve.png").stat().st_size > 0
    assert {p.name for p in project.iterdir()} == {"bin", "examples"}


@pytest.mark.slow
def test_most_word_types_are_used_by_people(
    script: Callable[[str], ModuleType],
    texts: list[str],
    data: Callable[[str], Path],
) -> None:
    measure = script("measure")

    def types(texts: Iterable[str]) -> set[str]:
        found = alcli.normalize({"id": i, "text": text} for i, text in enumerate(texts))
        return {token for record in found for token in record["tokens"].split(" ")}

    corpora = [
        types(record["text"] for record in measure.records(data(name)))
        for name in (measure.SNAPPFOOD, measure.SENTIPERS)
    ]
    assert measure.known_share(types(texts), *corpora) >= 0.85


@pytest.mark.slow
def test_a_linear_model_finds_it_neither_trivial_nor_hopeless(
    script: Callable[[str], ModuleType], records: list[Record], texts: list[str]
) -> None:
    labels = [record["label"] for record in records]
    half = slice(None, None, 2)
    accuracy = script("measure").linear_accuracy(texts[half], labels[half])
    assert 0.75 <= accuracy <= 0.92
