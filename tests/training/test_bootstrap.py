"""Members of a committee: the same records, drawn otherwise."""

from math import exp, factorial

import numpy as np
import pytest

from alcli.commands.train import train
from alcli.core.errors import InputError, UsageError
from alcli.training.sides import sides, times_drawn

WORDS = ["خوب", "بد", "عالی", "غذا", "سرد", "گرم"]
ALL_WORDS = {"min_count": 1, "max_share": 1.0}


def records(n=60):
    rng = np.random.default_rng(0)
    return [
        {
            "id": f"r{i}",
            "tokens": " ".join([*rng.choice(WORDS, 5), WORDS[i % 3]]),
            "label": "abc"[i % 3],
        }
        for i in range(n)
    ]


TEXTS = [record["tokens"] for record in records()]


def member(seed, rows=None, **how):
    rows = records() if rows is None else rows
    return train(rows, params=ALL_WORDS, bootstrap=True, seed=seed, **how)


def test_how_often_is_as_drawing_with_replacement_has_it():
    drawn = times_drawn(3, [str(i) for i in range(100_000)])
    shares = np.bincount(drawn) / len(drawn)

    for times in range(5):
        assert shares[times] == pytest.approx(exp(-1) / factorial(times), abs=0.005)
    assert drawn.mean() == pytest.approx(1, abs=0.01)


def test_how_often_depends_on_seed_and_id_alone():
    ids = [f"r{i}" for i in range(200)]
    drawn = times_drawn(1, ids)

    assert times_drawn(1, ids[::-1]).tolist() == drawn[::-1].tolist()
    assert times_drawn(1, ids[50:60]).tolist() == drawn[50:60].tolist()
    assert times_drawn(2, ids).tolist() != drawn.tolist()


def test_a_member_is_fitted_to_the_records_as_often_as_they_are_drawn():
    start = train(corpus=records(), classes=["a", "b", "c"], params=ALL_WORDS, epochs=0)
    drawn = times_drawn(5, [record["id"] for record in records()])
    often = [r for r, times in zip(records(), drawn, strict=True) for _ in range(times)]
    ours = train(records(), init=start, bootstrap=True, seed=5)
    by_hand = train(often, init=start, seed=5)

    np.testing.assert_array_equal(
        ours.predict(TEXTS).probs, by_hand.predict(TEXTS).probs
    )


def test_members_differ_and_each_can_be_made_again():
    one, again, other = member(1), member(1), member(2)
    plain = train(records(), params=ALL_WORDS, seed=1)

    assert one.labels == other.labels
    np.testing.assert_array_equal(one.predict(TEXTS).probs, again.predict(TEXTS).probs)
    assert np.abs(one.predict(TEXTS).probs - other.predict(TEXTS).probs).max() > 0.01
    keys = [checkpoint.training["key"] for checkpoint in (one, again, other, plain)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert one.training["arguments"]["bootstrap"]
    assert "bootstrap" not in plain.training["arguments"]


def test_what_is_held_out_is_not_drawn_and_rare_classes_are_counted_as_drawn():
    ids = [record["id"] for record in records()]
    names = [record["label"] for record in records()]
    rules = {"share": 0.3, "tail": False, "balanced": True}
    _, held = sides(ids, TEXTS, names, ["a", "b", "c"], **rules)
    data, same = sides(ids, TEXTS, names, ["a", "b", "c"], bootstrap=4, **rules)

    assert held is not None
    assert same is not None
    assert same.texts == held.texts
    assert not set(data.texts) & set(held.texts)
    totals = np.bincount(data.targets, weights=data.weights)
    np.testing.assert_allclose(totals, len(data.texts) / 3)


def test_too_few_may_be_drawn():
    two = [{"id": i, "tokens": "a", "label": i} for i in "12"]

    assert times_drawn(5, ["1", "2"]).tolist() == [0, 2]
    with pytest.raises(InputError, match=r"the 2 drawn records have: 2$"):
        member(5, two)


def test_nothing_is_drawn_where_nothing_is_fitted():
    with pytest.raises(UsageError, match="fits nothing: leave out --bootstrap"):
        member(0, epochs=0)
