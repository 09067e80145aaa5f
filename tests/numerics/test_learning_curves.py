"""Learning curves: area, labels to a target, labels saved, deficiency."""

import numpy as np
import pytest

from alcli.numerics.learning_curves import (
    area_under_curve,
    deficiency,
    labels_at_equal_score,
    labels_to_target,
    running_mean,
)

SEEDS = range(30)


def a_curve(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 20))
    labels = np.cumsum(rng.integers(1, 200, n)).tolist()
    return labels, (rng.integers(0, 11, n) / 10).tolist()  # ties with the target


def slow_area(labels, scores):
    if len(labels) == 1:
        return scores[0]
    total = 0.0
    for i in range(1, len(labels)):
        width = labels[i] - labels[i - 1]
        total += width * (scores[i] + scores[i - 1]) / 2
    return total / (labels[-1] - labels[0])


def slow_labels_to(labels, scores, target, rounds, stays):
    def reached(i):
        return (
            i + 1 >= rounds and sum(scores[i + 1 - rounds : i + 1]) >= target * rounds
        )

    for i in range(len(labels)):
        later = range(i, len(labels) if stays else i + 1)
        if all(reached(j) for j in later):
            return labels[i]
    return None


def label_saving(*curves):
    """Return the share of labels saved, or None if the score is not reached."""
    share = float(labels_at_equal_score(*curves).share)
    return None if np.isinf(share) else share


@pytest.mark.parametrize("seed", SEEDS)
def test_the_area_equals_the_sum_of_trapezoids(seed):
    labels, scores = a_curve(seed)

    assert area_under_curve(labels, scores) == pytest.approx(slow_area(labels, scores))


@pytest.mark.parametrize("stays", [True, False])
@pytest.mark.parametrize("rounds", [1, 2, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_labels_to_a_target_equal_those_of_a_plain_search(seed, rounds, stays):
    labels, scores = a_curve(seed)
    for target in (0, 0.31, 0.5, 0.77, 1.1):
        found = labels_to_target(labels, scores, target, rounds=rounds, stays=stays)

        assert found == slow_labels_to(labels, scores, target, rounds, stays)


def test_a_score_equal_to_the_target_reaches_it():
    assert labels_to_target([10, 20], [0.2, 0.8], 0.8) == 20
    assert labels_to_target([10, 20], [0.2, 0.8], np.nextafter(0.8, 1)) is None


def test_a_curve_that_falls_again_reaches_only_without_stays():
    labels, scores = [10, 20, 30, 40], [0.5, 0.9, 0.9, 0.6]

    assert labels_to_target(labels, scores, 0.8) is None
    assert labels_to_target(labels, scores, 0.8, stays=False) == 20


def test_fewer_rounds_than_the_window_never_reach():
    assert labels_to_target([10, 20], [1.0, 1.0], 0.5, rounds=3) is None
    assert running_mean([1.0, 1.0], 3).shape == (0,)


@pytest.mark.parametrize(
    ("labels", "scores"),
    [([], []), ([1, 2], [0.5]), ([1, 1], [0, 1]), ([2, 1], [0, 1])],
)
def test_invalid_curves_are_rejected(labels, scores):
    with pytest.raises(ValueError, match="labels"):
        area_under_curve(labels, scores)
    with pytest.raises(ValueError, match="labels"):
        labels_to_target(labels, scores, 0.5)


def test_a_window_of_no_rounds_is_rejected():
    with pytest.raises(ValueError, match="rounds is 0"):
        running_mean([1.0], 0)


def slow_height(labels, scores, x):
    for i in range(1, len(labels)):
        if labels[i - 1] <= x <= labels[i]:
            part = (x - labels[i - 1]) / (labels[i] - labels[i - 1])
            return scores[i - 1] + part * (scores[i] - scores[i - 1])
    return scores[labels.index(x)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_area_of_a_part_equals_the_mean_of_many_heights(seed):
    labels, scores = a_curve(seed)
    ends = np.random.default_rng(seed).uniform(labels[0], labels[-1], 2)
    low, high = sorted(ends.tolist())
    many = np.linspace(low, high, 4001)
    middle = (many[1:] + many[:-1]) / 2
    heights = [slow_height(labels, scores, x) for x in middle]

    assert area_under_curve(labels, scores, between=(low, high)) == pytest.approx(
        np.mean(heights), abs=1e-4
    )
    whole = (labels[0], labels[-1])
    assert area_under_curve(labels, scores, between=whole) == pytest.approx(
        area_under_curve(labels, scores)
    )


def test_the_area_of_a_point_is_its_height():
    assert area_under_curve([10, 20, 30], [0, 1, 0], between=(15, 15)) == 0.5
    assert area_under_curve([10, 20, 30], [0, 1, 0], between=(20, 20)) == 1


@pytest.mark.parametrize("between", [(9, 20), (10, 31), (20, 19), (40, 50)])
def test_a_range_outside_the_curve_is_rejected(between):
    with pytest.raises(ValueError, match="no curve from"):
        area_under_curve([10, 20, 30], [0, 1, 0], between=between)


@pytest.mark.parametrize("seed", SEEDS)
def test_saving_equals_that_of_two_plain_searches(seed):
    rng = np.random.default_rng([1, seed])
    (labels, scores), (random_labels, random) = a_curve(seed), a_curve(seed + 100)
    scores = (np.array(scores) + rng.choice([0, 0.4])).tolist()
    rounds = min(3, len(scores), len(random))
    target = sum(random[-rounds:]) / rounds - 1e-12  # slow means round otherwise
    ours = slow_labels_to(labels, scores, target, rounds, True)
    theirs = slow_labels_to(random_labels, random, target, rounds, True)
    found = label_saving(labels, scores, random_labels, random)

    assert found == (None if ours is None else pytest.approx(1 - ours / theirs))


def test_saving_may_be_negative_or_none():
    labels, random = [10, 20, 30, 40, 50], [0.4, 0.8, 0.8, 0.8, 0.8]

    assert label_saving(labels, random, labels, random) == 0
    assert label_saving(labels, [0.5, 0.9, 0.8, 0.8, 0.8], labels, random) == 0
    assert label_saving(labels, [0.4, 0.4, 0.8, 0.8, 0.8], labels, random) == -0.25
    assert label_saving(labels, [0.9, 0.9, 0.9, 0.9, 0.7], labels, random) == 0.25
    assert label_saving(labels, [0.4, 0.8, 0.8, 0.8, 0.7], labels, random) is None


@pytest.mark.parametrize("rounds", [1, 2])
def test_saving_of_short_curves_has_a_shorter_window(rounds):
    labels, high, low = [10, 20], [0.5, 0.9], [0.4, 0.6]
    short = labels[:rounds], high[:rounds]

    assert label_saving(*short, labels[:rounds], low[:rounds]) == 0
    assert label_saving(*short, [10, 20, 30], [0.1, 0.2, 0.3]) == pytest.approx(
        1 - 10 * rounds / 30
    )


def test_many_curves_at_once_equal_one_by_one():
    rng = np.random.default_rng(0)
    labels = np.cumsum(rng.integers(1, 9, (40, 12)), axis=1)
    scores, random = rng.random((2, 40, 12)).round(1)
    found = labels_at_equal_score(labels, scores, labels[0], random)

    assert found.score.shape == found.labels.shape == found.share.shape == (40,)
    one_by_one = [
        label_saving(*rows, labels[0], z)
        for *rows, z in zip(labels, scores, random, strict=True)
    ]
    assert None in one_by_one
    assert found.share.tolist() == [-np.inf if x is None else x for x in one_by_one]


@pytest.mark.parametrize("seed", SEEDS)
def test_deficiency_equals_its_definition(seed):
    rng = np.random.default_rng(seed)
    scores, random = rng.random((2, 8))
    full = 1.0
    above = sum(full - s for s in scores)
    below = sum(full - r for r in random)

    assert deficiency(scores, random, full) == pytest.approx(above / below)
    assert deficiency(random, random, full) == 1


def test_deficiency_is_undefined_if_random_exceeds_the_full_score():
    assert deficiency([0.5, 0.9], [0.5, 0.81], 0.8) is None
    assert deficiency([0.5, 0.9], [0.8, 0.8], 0.8) is None
    assert deficiency([0.5, 0.9], [0.5, 0.8], 0.8) == pytest.approx(0.2 / 0.3)
    assert deficiency([0.5, 0.9], [0.5, 0.1 + 0.7], 0.8 - 1e-10) is not None


def test_deficiency_rejects_curves_of_different_lengths():
    with pytest.raises(ValueError, match="scores"):
        deficiency([0.5], [0.5, 0.6], 0.8)
    with pytest.raises(ValueError, match="scores"):
        deficiency([], [], 0.8)
