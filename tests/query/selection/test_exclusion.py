"""A text is asked once: not again under another id, nor once it is labelled."""

import json

import numpy as np
import pytest

import alcli
from alcli.features.vectors import Vectors


def record(id, text, p=0.5, **more):
    return {"id": id, "tokens": text, "probs": {"n": p, "p": 1 - p}, **more}


SAME = [record(f"r{i}", "same text") for i in range(10)]
OTHERS = [record(f"q{i}", f"other {i}", 0.6 + i / 100) for i in range(10)]
POOL = [*SAME, *OTHERS]
VECTORS = Vectors.of(
    [row["id"] for row in POOL] + ["done"], np.eye(21, 5, dtype=np.float32)
)
DONE = record("done", "same text", label="n")


def chosen(n, strategy="margin", pool=POOL, **more):
    if strategy == "core-set":
        more |= {"vectors": VECTORS, "exclude": ["done"]}
    return [row["id"] for row in alcli.select(pool, n, strategy=strategy, **more)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("strategy", ["margin", "random", "core-set"])
@pytest.mark.parametrize("seed", range(3))
def test_of_equal_texts_one_is_asked_and_none_once_one_is_labelled(strategy, seed):
    first = chosen(20, strategy, seed=seed)
    again = chosen(20, strategy, labelled=[DONE], seed=seed)

    assert sorted(id[0] for id in first) == ["q"] * 10 + ["r"]
    assert sorted(again) == [f"q{i}" for i in range(10)]


@pytest.mark.parametrize("strategy", ["margin", "core-set"])
def test_the_random_share_asks_no_labelled_text(strategy):
    found = chosen(10, strategy, labelled=[DONE], mix_random=1.0)

    assert sorted(found) == [f"q{i}" for i in range(10)]


def test_a_text_stands_for_tokens_where_there_are_none():
    def bare(rows):
        return [{"text" if k == "tokens" else k: v for k, v in r.items()} for r in rows]

    assert len(chosen(20, pool=bare(POOL))) == 11
    assert len(chosen(20, pool=bare(POOL), labelled=bare([DONE]))) == 10
    nothing = [{"id": i, "probs": {"n": 0.5, "p": 0.5}} for i in range(5)]
    assert len(chosen(20, pool=nothing, labelled=[{"id": 9, "label": "n"}])) == 5


def test_labelled_texts_take_no_part_in_the_shares_of_strata():
    pool = [r | {"topic": int(r["id"][0] == "q")} for r in POOL]
    found = chosen(8, pool=pool, labelled=[DONE], stratify="topic", shares="equal")

    assert len(found) == 8
    assert {id[0] for id in found} == {"q"}
    assert chosen(20, pool=pool, labelled=[DONE], stratify="tokens")


@pytest.mark.parametrize("option", ["--exclude", "--labelled"])
def test_files_of_labelled_texts_are_read_and_counted(tmp_path, alcli, option):
    write(tmp_path / "pool", POOL)
    write(tmp_path / "votes", [SAME[0] | {"label": "n", "annotator": "a"}])
    args = ["select", "pool", "-n", "20", option, "votes", "--report", "report"]
    done = alcli(*args, cwd=tmp_path, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert {row["id"][0] for row in rows} == {"q"}
    assert b"excluded: 9 same text as a labelled record" in done.stderr
    dropped = json.loads((tmp_path / "report").read_text())["dropped"]
    assert dropped["same text as a labelled record"] == 9


def test_ids_alone_exclude_no_text(tmp_path, alcli):
    write(tmp_path / "pool", POOL)
    write(tmp_path / "gone", [{"id": "r0"}])
    done = alcli(
        "select", "pool", "-n20", "--exclude", "gone", cwd=tmp_path, check=True
    )

    assert sum(b'"id": "r' in line for line in done.stdout.splitlines()) == 1
    assert b"same text" not in done.stderr


def test_a_strategy_that_asks_again_asks_texts_that_were_asked(tmp_path, alcli):
    write(tmp_path / "pool", POOL)
    votes = [SAME[0] | {"label": x, "annotator": x} for x in "np"]
    write(tmp_path / "votes", votes)
    write(tmp_path / "old", [record("other", "other 3", label="n")])
    args = ["-s", "active-lab", "--votes", "votes", "--exclude", "old", "-n", "20"]
    done = alcli("select", "pool", *args, cwd=tmp_path, check=True)
    found = {json.loads(line)["id"] for line in done.stdout.splitlines()}

    assert {"r0", "q3"} < found
