"""Labels: empty ones are refused wherever they are read, 0 and 1 are names."""

import json

import pytest

from alcli.core.errors import InputError
from alcli.core.fields import class_name, class_names
from alcli.core.step import Block

PEOPLE = "label good --with terminal --gold in --check 0.1 --append votes --class yes"
PLAY = "-n 2 -s random --seeds 1 --arch logreg,min_count=1,max_share=1.0 -o curve"
READERS = {
    "train": "train in --set min_count=1 --set max_share=1.0 -o model",
    "evaluate": "evaluate in",
    "evaluate --labelled": "evaluate good --labelled in",
    "merge-labels": "merge-labels in",
    "merge-labels --gold": "merge-labels good --gold in",
    "split --stratify": "split in --share a=2 --share b --stratify label -o {}.part",
    "label --gold": "label good --with gold --gold in --append votes",
    "check of people": PEOPLE + " --class no",
    "select --labelled": "select pool -n 1 --labelled in",
    "simulate": "simulate in --test-size 2 " + PLAY,
    "simulate --test": "simulate good --test in " + PLAY,
    "convert": "convert in --from jsonl --to doccano -o out",
}


def write(path, labels, start=0):
    rows = [
        {
            "id": i,
            "text": f"a{i}",
            "tokens": f"a{i}",
            "label": label,
            "probs": {"1": 0.5, "true": 0.5},
        }
        for i, label in enumerate(labels, start)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return rows


@pytest.mark.parametrize("empty", ["", " \t\u00a0"], ids=["empty", "space"])
@pytest.mark.parametrize("reader", READERS)
def test_an_empty_label_is_refused_at_its_line(tmp_path, alcli, reader, empty):
    write(tmp_path / "in", ["yes", "no", empty, "yes", "no"])
    write(tmp_path / "good", ["yes", "no", "yes", "no"])
    write(tmp_path / "pool", ["yes"] * 3, start=10)
    done = alcli(*READERS[reader].split(), cwd=tmp_path)

    assert done.returncode == 3
    assert b'in:3: "label" is empty: name a class' in done.stderr


@pytest.mark.parametrize("reader", [r for r in READERS if "people" not in r])
def test_numbers_and_booleans_are_the_names_that_json_spells(tmp_path, alcli, reader):
    start = 50 if reader == "simulate --test" else 0
    for spelt, labels in (("text", ["1", "true"]), ("json", [1, True])):
        folder = tmp_path / spelt
        folder.mkdir()
        write(folder / "in", labels * 8, start=start)
        write(folder / "good", ["1", "true"] * 8)
        write(folder / "pool", ["1"] * 3, start=30)
        done = alcli(*READERS[reader].split(), cwd=folder, check=True)
        (folder / "stdout").write_bytes(done.stdout)

    assert found(tmp_path / "text") == found(tmp_path / "json")


def found(folder):
    """Return what a command wrote, apart from seconds and times."""
    keys = ("label", "labels", "confusion", "metrics", "id", "key")
    texts = {}
    for path in folder.iterdir():
        if path.name in ("in", "model"):
            continue
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        texts[path.name] = [
            {key: _spelt(row[key]) for key in keys if key in row} for row in rows
        ]
    return texts


def _spelt(value):
    return class_name(value) if isinstance(value, bool | int) else value


def test_a_label_is_no_float_and_no_list(tmp_path, alcli):
    for label in (1.0, ["yes"], {"yes": 1}):
        write(tmp_path / "in", ["no", label])
        done = alcli("merge-labels", "in", cwd=tmp_path)

        assert done.returncode == 3
        assert b'in:2: "label": Expected bool | int | str | null, got' in done.stderr


def test_null_and_numbers_may_be_mixed():
    block = Block(b"{}\n" * 5)

    names = ["0", "1", "true", "false", None]
    assert list(class_names(block, [0, 1, True, False, None])) == names
    with pytest.raises(InputError, match="<records>:3"):
        class_names(block, ["a", None, " ", "", "b"])
