"""Signals as `score` writes them: streamed, beside the probabilities."""

import json

import numpy as np
import pytest

from alcli.core.errors import BadParameter, UsageError
from alcli.core.jsonl import to_blocks
from alcli.models.checkpoint import join
from alcli.models.training.train import train
from alcli.query.scoring.score import score
from alcli.query.scoring.settings import ScoringSettings
from alcli.query.scoring.step import Score
from alcli.query.selection.select import select

WORDS = ["خوب", "بد", "عالی", "غذا", "سرد", "گرم"]
ALL_WORDS = {"min_count": 1, "max_share": 1.0}


def records(n=60, seed=0):
    rng = np.random.default_rng(seed)
    return [
        {
            "id": f"r{i}",
            "tokens": " ".join([*rng.choice(WORDS, rng.integers(9)), WORDS[i % 3]]),
            "label": "abc"[i % 3],
        }
        for i in range(n)
    ]


def write(path, rows):
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), "utf-8")


@pytest.fixture(scope="module")
def committee():
    return [
        train(records(), params=ALL_WORDS, bootstrap=True, seed=seed)
        for seed in range(3)
    ]


@pytest.fixture(scope="module")
def network():
    return train(records(), arch="cnn", params=ALL_WORDS, epochs=2, batch_size=16)


def values_of(rows, name):
    return np.array([row["signals"][name] for row in rows])


def test_disagreement_is_positive_where_members_differ(committee):
    rows = list(score(records(), *committee, signals=["vote-entropy", "kl"]))
    votes = [[row["pred"] for row in score(records(), m)] for m in committee]
    agreed = np.array([len(set(each)) == 1 for each in zip(*votes, strict=True)])

    assert [list(row)[-3:] for row in rows] == [["probs", "pred", "signals"]] * 60
    assert list(rows[0]["signals"]) == ["vote_entropy", "kl"]
    assert agreed.any()
    assert not agreed.all()
    assert ((values_of(rows, "vote_entropy") == 0) == agreed).all()
    assert (values_of(rows, "kl") > 0).all()


def test_batch_has_the_largest_signals(committee):
    rows = list(score(records(), *committee, signals=["kl"]))
    batch = select(rows, 7, strategy="kl")
    largest = np.sort(values_of(rows, "kl"))[::-1][:7]

    assert [row["query"]["utility"] for row in batch] == largest.tolist()
    assert {row["query"]["strategy"] for row in batch} == {"kl"}


def test_signals_are_replaced_by_new_signals_only(committee):
    [before] = score(records(1), *committee, signals=["kl", "bald"])
    [kept] = score([before], committee[0])
    step = Score(join(committee), ScoringSettings(signals=("variation-ratio",)))
    [line] = step.start()(next(to_blocks([before]))).lines

    assert kept["signals"] == before["signals"]
    assert list(json.loads(line)["signals"]) == ["variation_ratio"]
    assert line.count(b'"signals"') == 1


def test_one_linear_model_has_no_signals_of_members(committee):
    with pytest.raises(
        UsageError, match=r"one prediction; pass several -m for a committee"
    ):
        list(score(records(), committee[0], signals=["bald"]))
    with pytest.raises(
        UsageError, match="a committee model has no word gradient norms"
    ):
        list(score(records(), *committee, signals=["egl-word"]))


EVERY = ["bald", "egl", "egl-entropy,share=0.8", "egl-word", "variation-ratio"]


@pytest.mark.slow
def test_signals_do_not_depend_on_blocks(network, tmp_path, alcli):
    network.save(str(tmp_path / "m"))
    write(tmp_path / "pool", records(200, seed=1))
    asked = [option for name in EVERY for option in ("--signal", name)]
    rows = {}
    for block in ("200", "7"):
        done = alcli(
            *("score", "pool", "-m", "m", *asked, "--block", block),
            *("--set", "passes=5", "--seed", "3"),
            cwd=tmp_path,
            check=True,
        )
        rows[block] = [json.loads(line) for line in done.stdout.splitlines()]
    rows["notebook"] = list(
        score(records(200, seed=1), network, signals=EVERY, passes=5, seed=3)
    )
    other = list(score(records(200, seed=1), network, signals=EVERY, passes=5, seed=4))

    for name in ("bald", "egl", "egl_entropy", "egl_word"):
        whole = values_of(rows["200"], name)
        assert (whole > 0).all()
        np.testing.assert_allclose(values_of(rows["7"], name), whole, atol=1e-6)
        np.testing.assert_allclose(values_of(rows["notebook"], name), whole, atol=1e-6)
        assert (values_of(other, name) != whole).any() == (name == "bald")


@pytest.mark.slow
def test_dropout_does_not_depend_on_earlier_calls(network):
    first = values_of(score(records(), network, signals=["bald"]), "bald")
    list(score(records(), network, signals=["bald"], seed=9))

    np.testing.assert_array_equal(
        values_of(score(records(), network, signals=["bald"]), "bald"), first
    )


def test_invalid_requests_are_refused_before_reading(committee):
    with pytest.raises(BadParameter, match="no parameter 'power'"):
        list(score([], *committee, signals=["kl,power=2"]))


def trained(tmp_path, alcli, *names, options=()):
    """Train a model under each name, with the seed that it ends in."""
    write(tmp_path / "labelled", records(60))
    write(tmp_path / "pool", records(40, seed=1))
    for name in names:
        seed = ("--seed", name[1:])
        alcli(
            "train", "labelled", *seed, *options, "-o", name, cwd=tmp_path, check=True
        )


NEVER = "members never differ, on 40 records: every signal of disagreement is 0"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_equal_members_of_several_seeds_are_warned_of(tmp_path, alcli, jobs):
    trained(tmp_path, alcli, "m1", "m2")
    args = ("score", "pool", "-m", "m1", "-m", "m2", "--block", "9", "--jobs", jobs)
    said = alcli(*args, cwd=tmp_path, check=True).stderr.decode()

    assert said.count(NEVER) == 1
    assert "same model" not in said


def test_different_members_give_no_warning(tmp_path, alcli):
    trained(tmp_path, alcli, "m1", "m2", options=["--bootstrap"])
    args = ("score", "pool", "-m", "m1", "-m", "m2", "--block", "9")
    said = alcli(*args, cwd=tmp_path, check=True).stderr.decode()
    alone = alcli(*args[:4], cwd=tmp_path, check=True).stderr.decode()

    assert "differ" not in said + alone


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_repeated_model_is_named_whatever_its_path(tmp_path, alcli, jobs):
    trained(tmp_path, alcli, "m1", "m2", options=["--bootstrap"])
    (tmp_path / "copy").write_bytes((tmp_path / "m1").read_bytes())
    args = ("-m", "m1", "-m", "m2", "-m", "copy")
    for more in (["score", "--block", "9", "--jobs", jobs], ["evaluate"]):
        done = alcli(more[0], "pool", *args, *more[1:], cwd=tmp_path, check=True)
        said = done.stderr.decode()
        assert said.count("copy is the same model as m1; remove one") == 1
        assert NEVER not in said


def test_equal_members_are_warned_of_in_notebooks(committee, caplog):
    assert len(list(score(records(40), committee[0], committee[0]))) == 40

    first, last = caplog.messages
    assert first.startswith("member 2 is the same model as member 1")
    assert last.startswith(NEVER)
