"""`alcli topics --method` with vectors."""

import json

import numpy as np
import pytest

import alcli as library
from alcli.features.vector_files import vector_writer
from alcli.features.vectors import Vectors

POOL = [{"id": i if i % 2 else f"n{i}", "note": "ش"} for i in range(90)]
NAMES = [str(record["id"]) for record in POOL]


@pytest.fixture
def folder(tmp_path, rng):
    numbers = np.repeat([0, 9, 40], [45, 30, 15])[:, None] + rng.normal(size=(90, 3))
    with vector_writer(str(tmp_path / "v")) as put:
        put(NAMES, numbers.astype(np.float32), "m")
    with vector_writer(str(tmp_path / "wide")) as put:
        put(NAMES, np.ones((90, 4), np.float32), "m")
    (tmp_path / "pool").write_text("".join(json.dumps(r) + "\n" for r in POOL))
    return tmp_path


def records(data):
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("kmeans", {"clusters": 3}),
        ("dbscan", {"eps": 2.0, "min_samples": 3}),
        ("hdbscan", {"min_cluster_size": 6}),
    ],
)
def test_clusters_are_equal_when_loaded_in_workers_and_by_function(
    alcli, folder, method, params
):
    call = ["topics", "pool", "--vectors", "v"]
    sets = [word for k, v in params.items() for word in ("--set", f"{k}={v}")]
    fit = [*call, "--method", method, *sets, "--save", "t"]
    first = alcli(*fit, cwd=folder, check=True)
    for more in ([], ["--jobs", "2"], ["--method", "kmeans"]):
        again = alcli(*call, "--load", "t", *more, cwd=folder, check=True)
        assert again.stdout == first.stdout
    found = records(first.stdout)
    known = Vectors.read([str(folder / "v")])
    assert found == list(library.topics(POOL, method=method, vectors=known, **params))
    assert [{k: r[k] for k in ("id", "note")} for r in found] == POOL
    topics = [record["topic"] for record in found]
    assert set(topics) - {-1} == {0, 1, 2}
    for number, part in enumerate((topics[:45], topics[45:75], topics[75:])):
        assert set(part) <= {number, -1}
        assert part.count(number) > len(part) / 2


def test_subsample_limits_the_fit_not_the_assignment(alcli, folder):
    call = ["topics", "pool", "--vectors", "v", "--method", "hdbscan"]
    more = ["--set", "min_cluster_size=4", "--subsample", "40"]
    done = [alcli(*call, *more, "--seed", s, cwd=folder, check=True) for s in "001"]
    assert done[0].stdout == done[1].stdout != done[2].stdout
    assert b" of 40 records are noise" in done[0].stderr
    assert len(records(done[0].stdout)) == 90
    known = Vectors.read([str(folder / "v")])
    params = {"min_cluster_size": 4, "subsample": 40}
    found = library.topics(POOL, method="hdbscan", vectors=known, **params)
    assert list(found) == records(done[0].stdout)


def test_vectors_of_another_model_are_rejected(alcli, folder):
    call = ["topics", "pool", "--vectors"]
    more = ["--method", "kmeans", "--set", "clusters=3", "--save", "t"]
    alcli(*call, "v", *more, cwd=folder, check=True)
    done = alcli(*call, "wide", "--load", "t", cwd=folder)
    assert done.returncode == 3
    assert b"vectors of 4 numbers, the clusters are of 3; score with" in done.stderr
    with vector_writer(str(folder / "other")) as put:
        put(NAMES, np.ones((90, 3), np.float32), "another")
    other = alcli(*call, "other", "--load", "t", cwd=folder)
    assert other.returncode == 3
    assert b"other: vectors of another model than those of the clusters" in other.stderr
    bare = alcli("topics", "pool", "--load", "t", cwd=folder)
    assert bare.returncode == 2
    assert b"kmeans needs --vectors FILE" in bare.stderr


def test_load_excludes_options_of_a_fit(alcli, folder):
    call = ["topics", "pool", "--vectors", "v", "--load", "t"]
    for more in (["--subsample", "3"], ["--set", "clusters=2"], ["--save", "x"]):
        done = alcli(*call, *more, cwd=folder)
        assert done.returncode == 2
        assert b"--load excludes" in done.stderr


def test_clusters_work_as_strata(alcli, folder):
    call = ["topics", "pool", "--vectors", "v", "--method", "kmeans"]
    alcli(*call, "--set", "clusters=3", "-o", "parted", cwd=folder, check=True)
    more = ["-s", "random", "--stratify", "topic", "-n", "6"]
    done = alcli("select", "parted", *more, cwd=folder, check=True)
    topics = sorted(record["topic"] for record in records(done.stdout))
    assert topics == [0, 0, 0, 1, 1, 2]
