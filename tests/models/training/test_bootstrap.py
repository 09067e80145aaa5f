"""Bootstrap: committee members fitted on resampled records."""

from dataclasses import replace
from math import exp, factorial

import numpy as np
import pytest

from alcli.core.errors import UsageError
from alcli.models.settings import TrainingSettings
from alcli.models.training.holdout import bootstrap_counts, split_train_validation
from alcli.models.training.train import train

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


def member(seed, rows=None, **options):
    rows = records() if rows is None else rows
    return train(rows, params=ALL_WORDS, bootstrap=True, seed=seed, **options)


def test_bootstrap_counts_are_poisson_distributed():
    drawn = bootstrap_counts(
        3, [str(i) for i in range(100_000)], np.zeros(100_000, int)
    )
    shares = np.bincount(drawn) / len(drawn)

    for times in range(5):
        assert shares[times] == pytest.approx(exp(-1) / factorial(times), abs=0.005)
    assert drawn.mean() == pytest.approx(1, abs=0.01)


def test_bootstrap_counts_depend_on_seed_and_id_alone():
    ids = [f"r{i}" for i in range(200)]
    targets = np.arange(200) % 3
    drawn = bootstrap_counts(1, ids, targets)

    assert (
        bootstrap_counts(1, ids[::-1], targets[::-1]).tolist() == drawn[::-1].tolist()
    )
    assert (
        bootstrap_counts(1, ids[50:60], targets[50:60]).tolist()
        == drawn[50:60].tolist()
    )
    assert bootstrap_counts(2, ids, targets).tolist() != drawn.tolist()


def test_a_member_equals_a_fit_on_repeated_records():
    start = train(corpus=records(), classes=["a", "b", "c"], params=ALL_WORDS, epochs=0)
    ids = [record["id"] for record in records()]
    drawn = bootstrap_counts(5, ids, np.arange(60) % 3)
    often = [r for r, times in zip(records(), drawn, strict=True) for _ in range(times)]
    ours = train(records(), init=start, bootstrap=True, seed=5)
    by_hand = train(often, init=start, seed=5)

    np.testing.assert_array_equal(
        ours.predict(TEXTS).probs, by_hand.predict(TEXTS).probs
    )


def test_members_differ_by_seed_and_are_reproducible():
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


def test_held_out_records_are_not_drawn_and_class_weights_use_the_drawn_counts():
    ids = [record["id"] for record in records()]
    names = [record["label"] for record in records()]
    rules = TrainingSettings(validation=0.3, class_weight="balanced", seed=4)
    _, held = split_train_validation(ids, TEXTS, names, ["a", "b", "c"], rules)
    data, same = split_train_validation(
        ids, TEXTS, names, ["a", "b", "c"], replace(rules, bootstrap=True)
    )

    assert held is not None
    assert same is not None
    assert same.texts == held.texts
    assert not set(data.texts) & set(held.texts)
    totals = np.bincount(data.targets, weights=data.weights)
    np.testing.assert_allclose(totals, len(data.texts) / 3)


@pytest.mark.parametrize("seed", range(20))
def test_at_least_one_record_of_each_class_is_drawn(seed):
    ids = [f"r{i}" for i in range(60)]
    targets = np.array([0] * 50 + [1] * 7 + [2] * 2 + [3])
    plain = bootstrap_counts(seed, ids, np.zeros(60, int))
    drawn = bootstrap_counts(seed, ids, targets)
    order = np.random.default_rng(seed).permutation(60)
    again = bootstrap_counts(seed, [ids[row] for row in order], targets[order])

    assert set(targets[drawn > 0]) == {0, 1, 2, 3}
    for of in (targets == target for target in range(4)):
        if plain[of].any():  # then the counts do not depend on the classes
            assert drawn[of].tolist() == plain[of].tolist()
        else:
            assert drawn[of].sum() == 1
    assert again.tolist() == drawn[order].tolist()


def test_a_member_of_two_records_has_both_classes():
    two = [{"id": i, "tokens": "a", "label": i} for i in "12"]

    assert member(5, two).training["classes"] == {"1": 1, "2": 1}
    assert (member(5, two).predict(["a"]).probs > 0.1).all()


def test_bootstrap_with_zero_epochs_is_rejected():
    with pytest.raises(UsageError, match="trains nothing; remove --bootstrap"):
        member(0, epochs=0)
