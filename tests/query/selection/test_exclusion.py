"""Exclusion of texts: selected once, not under another id, nor after a label."""

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


def selected(n, strategy="margin", pool=POOL, **more):
    if strategy == "core-set":
        more |= {"vectors": VECTORS, "exclude": ["done"]}
    return [row["id"] for row in alcli.select(pool, n, strategy=strategy, **more)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("strategy", ["margin", "random", "core-set"])
@pytest.mark.parametrize("seed", range(3))
def test_equal_texts_are_selected_once_and_never_after_a_label(strategy, seed):
    first = selected(20, strategy, seed=seed)
    again = selected(20, strategy, labelled=[DONE], seed=seed)

    assert sorted(id[0] for id in first) == ["q"] * 10 + ["r"]
    assert sorted(again) == [f"q{i}" for i in range(10)]


@pytest.mark.parametrize("strategy", ["margin", "core-set"])
def test_random_share_has_no_labelled_text(strategy):
    found = selected(10, strategy, labelled=[DONE], mix_random=1.0)

    assert sorted(found) == [f"q{i}" for i in range(10)]


def test_text_is_compared_where_tokens_are_missing():
    def bare(rows):
        return [{"text" if k == "tokens" else k: v for k, v in r.items()} for r in rows]

    assert len(selected(20, pool=bare(POOL))) == 11
    assert len(selected(20, pool=bare(POOL), labelled=bare([DONE]))) == 10
    nothing = [{"id": i, "probs": {"n": 0.5, "p": 0.5}} for i in range(5)]
    assert len(selected(20, pool=nothing, labelled=[{"id": 9, "label": "n"}])) == 5


def test_labelled_texts_do_not_count_in_strata():
    pool = [r | {"topic": int(r["id"][0] == "q")} for r in POOL]
    found = selected(8, pool=pool, labelled=[DONE], stratify="topic", shares="equal")

    assert len(found) == 8
    assert {id[0] for id in found} == {"q"}
    assert selected(20, pool=pool, labelled=[DONE], stratify="tokens")


@pytest.mark.parametrize("option", ["--exclude", "--labelled"])
def test_labelled_texts_of_files_are_excluded_and_counted(tmp_path, alcli, option):
    write(tmp_path / "pool", POOL)
    write(tmp_path / "votes", [SAME[0] | {"label": "n", "annotator": "a"}])
    args = ["select", "pool", "-n", "20", option, "votes", "--report", "report"]
    done = alcli(*args, cwd=tmp_path, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert {row["id"][0] for row in rows} == {"q"}
    assert b"left out: 9 same text as a labelled record" in done.stderr
    dropped = json.loads((tmp_path / "report").read_text())["dropped"]
    assert dropped["same text as a labelled record"] == 9


def test_ids_without_texts_exclude_no_text(tmp_path, alcli):
    write(tmp_path / "pool", POOL)
    write(tmp_path / "gone", [{"id": "r0"}])
    done = alcli(
        "select", "pool", "-n20", "--exclude", "gone", cwd=tmp_path, check=True
    )

    assert sum(b'"id": "r' in line for line in done.stdout.splitlines()) == 1
    assert b"same text" not in done.stderr


def test_strategies_that_relabel_select_labelled_texts(tmp_path, alcli):
    write(tmp_path / "pool", POOL)
    votes = [SAME[0] | {"label": x, "annotator": x} for x in "np"]
    write(tmp_path / "votes", votes)
    write(tmp_path / "old", [record("other", "other 3", label="n")])
    args = ["-s", "active-lab", "--votes", "votes", "--exclude", "old", "-n", "20"]
    done = alcli("select", "pool", *args, cwd=tmp_path, check=True)
    found = {json.loads(line)["id"] for line in done.stdout.splitlines()}

    assert {"r0", "q3"} < found
