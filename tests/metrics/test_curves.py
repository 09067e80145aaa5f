import numpy as np
import pytest

from alcli.metrics.curves import area, labels_to, running_mean

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


@pytest.mark.parametrize("seed", SEEDS)
def test_the_area_equals_the_sum_of_trapezoids(seed):
    labels, scores = a_curve(seed)

    assert area(labels, scores) == pytest.approx(slow_area(labels, scores))


@pytest.mark.parametrize("stays", [True, False])
@pytest.mark.parametrize("rounds", [1, 2, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_labels_to_a_target_equal_those_of_a_plain_search(seed, rounds, stays):
    labels, scores = a_curve(seed)
    for target in (0, 0.31, 0.5, 0.77, 1.1):
        found = labels_to(labels, scores, target, rounds=rounds, stays=stays)

        assert found == slow_labels_to(labels, scores, target, rounds, stays)


def test_a_target_met_exactly_is_reached():
    assert labels_to([10, 20], [0.2, 0.8], 0.8) == 20
    assert labels_to([10, 20], [0.2, 0.8], np.nextafter(0.8, 1)) is None


def test_a_curve_that_falls_again_has_reached_but_not_for_good():
    labels, scores = [10, 20, 30, 40], [0.5, 0.9, 0.9, 0.6]

    assert labels_to(labels, scores, 0.8) is None
    assert labels_to(labels, scores, 0.8, stays=False) == 20


def test_fewer_rounds_than_the_mean_takes_never_reach():
    assert labels_to([10, 20], [1.0, 1.0], 0.5, rounds=3) is None
    assert running_mean([1.0, 1.0], 3).shape == (0,)


@pytest.mark.parametrize(
    ("labels", "scores"),
    [([], []), ([1, 2], [0.5]), ([1, 1], [0, 1]), ([2, 1], [0, 1])],
)
def test_what_is_no_curve_is_refused(labels, scores):
    with pytest.raises(ValueError, match="labels"):
        area(labels, scores)
    with pytest.raises(ValueError, match="labels"):
        labels_to(labels, scores, 0.5)


def test_a_mean_of_no_rounds_is_refused():
    with pytest.raises(ValueError, match="rounds is 0"):
        running_mean([1.0], 0)
