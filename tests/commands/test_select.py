"""The command `select`; selectors are tested in tests/query/selection."""

import json

import pytest

import alcli as library
from alcli.core.errors import InputError, UnknownName

POOL = [
    {"id": i, "topic": i % 2, "probs": {"no": i / 20, "yes": 1 - i / 20}}
    for i in range(20)
]
BY_MARGIN = [10, 9, 11, 8, 12]


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in POOL))
    return path


def records(data):
    return [json.loads(line) for line in data.splitlines()]


def ids(data):
    return [record["id"] for record in records(data)]


def test_best_records_come_first_with_a_query(alcli, pool):
    done = alcli("select", pool, "-n", "5", "-s", "margin", check=True)
    assert set(ids(done.stdout)) == set(BY_MARGIN)
    queries = [record["query"] for record in records(done.stdout)]
    assert queries == [
        {"strategy": "margin", "utility": pytest.approx(utility), "rank": rank}
        for rank, utility in enumerate([1, 0.9, 0.9, 0.8, 0.8], 1)
    ]
    assert done.stderr == b""


def test_function_selects_as_the_command(alcli, pool):
    options = ["--stratify", "topic", "--mix-random", "0.5", "--seed", "3"]
    done = alcli("select", pool, "-n", "6", *options, "-s", "entropy", check=True)
    found = library.select(
        iter(POOL), 6, strategy="entropy", stratify="topic", mix_random=0.5, seed=3
    )
    assert records(done.stdout) == found


def test_ids_of_files_are_excluded(alcli, pool, tmp_path):
    (tmp_path / "votes").write_text('{"id":10,"label":"x"}\n{"id":"9"}\n{"id":11')
    (tmp_path / "more").write_text('{"id":"12"}\n')
    excluded = ["--exclude", "votes", "--exclude", "more"]
    done = alcli("select", pool, "-n", "2", *excluded, cwd=tmp_path, check=True)
    assert set(ids(done.stdout)) == {11, 8}
    assert b"votes: skipped a torn last line" in done.stderr
    by_function = library.select(POOL, 2, exclude=["10", "9", "12"])
    assert [r["id"] for r in by_function] == ids(done.stdout)


def test_status_is_6_if_no_record_is_left(alcli, pool):
    out = pool.with_name("batch")
    out.write_text("old")
    done = alcli("select", pool, "-n", "2", "--exclude", pool, "-o", out)
    assert (done.returncode, out.read_text()) == (6, "")
    assert done.stderr == b"alcli select: no record is left to select\n"


def test_short_batch_is_warned_of(alcli, pool):
    done = alcli("select", pool, "-n", "21", check=True)
    assert len(records(done.stdout)) == 20
    assert done.stderr == b"alcli select: only 20 of 21 records are left\n"


def test_function_of_a_file_is_a_strategy(alcli, pool, tmp_path):
    (tmp_path / "mine.py").write_text(
        "def least(scored, *, power=1): return -scored.probs[:, 0] ** power"
    )
    options = ["-s", "./mine.py:least", "--set", "power=3", "-n", "2"]
    done = alcli("select", pool, *options, cwd=tmp_path, check=True)
    assert ids(done.stdout) == [0, 1]
    query = records(done.stdout)[1]["query"]
    assert query["strategy"] == "./mine.py:least"
    assert query["utility"] == pytest.approx(-(0.05**3))


def test_plain_function_is_a_strategy():
    def largest(scored, *, sign=1):
        return sign * scored.probs[:, 0]

    found = library.select(POOL, 1, strategy=largest, sign=-1)
    assert (found[0]["id"], found[0]["query"]["strategy"]) == (0, "largest")


def test_several_files_are_one_pool(alcli, pool, tmp_path):
    lines = pool.read_bytes().splitlines(keepends=True)
    (tmp_path / "a").write_bytes(b"".join(lines[:7]))
    parted = alcli(
        "select", "a", "-", "-n", "5", cwd=tmp_path, stdin=b"".join(lines[7:])
    )
    assert parted.stdout == alcli("select", pool, "-n", "5").stdout


def test_invalid_lines_are_written_to_rejects(alcli, pool, tmp_path):
    bad = b'x\n{"id":1,"probs":{"no":2,"yes":0}}\n'
    options = ["-n", "3", "--skip-invalid", "--rejects", "bad", "--report", "report"]
    alcli("select", *options, stdin=bad + pool.read_bytes(), cwd=tmp_path, check=True)
    assert (tmp_path / "bad").read_bytes() == bad
    report = json.loads((tmp_path / "report").read_text())
    assert (report["read"], report["written"]) == (22, 3)
    assert report["dropped"]["invalid"] == 2


def test_output_may_be_the_input(alcli, pool):
    for _ in range(2):
        alcli("select", pool, "-n", "5", "-o", pool, check=True)
    assert len(records(pool.read_bytes())) == 5
    assert all(list(r).count("query") == 1 for r in records(pool.read_bytes()))


def test_errors_are_those_of_the_library():
    with pytest.raises(UnknownName, match=r"choose from: .*margin"):
        library.select(POOL, 1, strategy="x")
    with pytest.raises(InputError, match="<records>:2: "):
        library.select([POOL[0], {"id": 1}], 1)


def test_per_class_selects_equally_many(alcli, pool):
    lines = [
        json.dumps(r | {"pred": "few" if r["id"] in (0, 1, 10) else "many"})
        for r in POOL
    ]
    data = "".join(f"{line}\n" for line in lines).encode()
    for options in (["--per-class"], ["--stratify", "pred", "--shares", "equal"]):
        done = alcli("select", "-n", "4", *options, stdin=data, check=True)
        found = [record["pred"] for record in records(done.stdout)]
        assert (found.count("few"), found.count("many")) == (2, 2)
    refused = alcli("select", pool, "-n", "4", "--per-class", "--shares", "sqrt")
    assert refused.returncode == 2
    assert b"--per-class means" in refused.stderr


def test_min_utility_limits_the_batch(alcli, pool):
    done = alcli("select", pool, "-n", "5", "--min-utility", "0.85", check=True)
    assert set(ids(done.stdout)) == {10, 9, 11}
    assert b"only 3 of 5 records are left" in done.stderr
    none = alcli("select", pool, "-n", "5", "--min-utility", "1.5")
    assert (none.returncode, none.stdout) == (6, b"")
    found = library.select(POOL, 5, min_utility=0.85, stratify="topic", shares="equal")
    assert set(ids(done.stdout)) == {record["id"] for record in found}


def test_function_selects_by_vectors_as_the_command(alcli, tmp_path, pool):
    import numpy as np

    from alcli.features.vector_files import vector_writer
    from alcli.features.vectors import Vectors

    numbers = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    names = [str(record["id"]) for record in POOL]
    for file, rows in {"a": slice(0, 15), "b": slice(15, 20)}.items():
        with vector_writer(str(tmp_path / file)) as put:
            put(names[rows], numbers[rows], "m")
    old = [{"id": 3, "label": "no"}, {"id": "4", "label": None}]
    (tmp_path / "old").write_text("".join(json.dumps(r) + "\n" for r in old))
    vectors = Vectors.of(names, numbers)
    more = ["--vectors", "a", "--vectors", "b", "--labelled", "old", "-n", "6"]
    for name, options, params in (
        ("core-set", [], {}),
        ("cal", ["--set", "neighbours=1"], {"neighbours": 1}),
        ("badge", ["--subsample", "9", "--seed", "2"], {"subsample": 9, "seed": 2}),
        ("margin", ["--diversify"], {"diversify": True}),
    ):
        call = ["select", pool, "-s", name, *more, *options]
        done = alcli(*call, cwd=tmp_path, check=True)
        found = library.select(
            POOL, 6, strategy=name, vectors=vectors, labelled=old, **params
        )
        assert records(done.stdout) == found
        assert not {3, 4} & set(ids(done.stdout))
        assert len(found) == 6


def test_function_relabels_as_the_command(alcli, tmp_path, pool):
    votes = [
        {"id": r["id"], "label": label, "annotator": f"a{who}"}
        for place, r in enumerate(POOL[:8])
        for who, label in enumerate(["no", "no", "yes" if place == 5 else "no"])
    ]
    (tmp_path / "votes").write_text("".join(json.dumps(v) + "\n" for v in votes))
    call = ["select", pool, "-s", "active-lab", "--votes", "votes", "-n", "15"]
    done = alcli(*call, cwd=tmp_path, check=True)
    found = library.select(POOL, 15, strategy="active-lab", votes=votes)
    assert records(done.stdout) == found
    again = {record["id"] for record in found} & {r["id"] for r in POOL[:8]}
    assert POOL[5]["id"] in again
    assert f"{len(again)} of the 15 selected have votes already".encode() in done.stderr
    assert 0 < len(again) < 8
