"""Calibration: scores, and temperature scaling."""

import numpy as np
import pytest

from alcli.numerics import calibration


def test_log_loss_and_brier_equal_scikit_learn(rng):
    from sklearn.metrics import brier_score_loss, log_loss

    targets, probs = rng.integers(0, 2, 60), rng.dirichlet([1, 1], 60)

    assert calibration.log_loss(targets, probs) == pytest.approx(
        log_loss(targets, probs)
    )
    assert calibration.brier(targets, probs) == pytest.approx(
        2 * brier_score_loss(targets, probs[:, 1])
    )


def test_calibration_error_equals_its_definition():
    targets = np.array([0, 0, 1, 1])
    probs = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    # bin of 0.9: accuracy 2/3, weight 3/4; bin of 0.6: accuracy 1, weight 1/4
    expected = 0.75 * abs(2 / 3 - 0.9) + 0.25 * abs(1 - 0.6)

    assert calibration.expected_calibration_error(targets, probs) == pytest.approx(
        expected
    )


def test_certain_correct_predictions_are_calibrated():
    probs = np.array([[1.0, 0.0], [0.0, 1.0]])

    assert calibration.expected_calibration_error(np.array([0, 1]), probs) == 0


def softmax(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_temperature_of_probs_equals_that_of_the_scores(rng, kind):
    scores = rng.normal(0, 3, (50, 4))
    softmax = [
        np.exp(s) / np.exp(s).sum(axis=1, keepdims=True) for s in (scores, scores / 2.5)
    ]
    found = calibration.apply_temperature(softmax[0].astype(kind), 2.5)

    assert found.dtype == kind
    np.testing.assert_allclose(found, softmax[1], atol=1e-6)
    sure = calibration.apply_temperature(np.array([[1.0, 0.0]], kind), 2.0)
    assert np.isfinite(sure).all()
    assert sure.sum() == pytest.approx(1)


@pytest.mark.parametrize("temperature", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("classes", [2, 5])
def test_a_small_temperature_keeps_the_order_and_stays_below_1(temperature, classes):
    """Log-odds from 0 to the largest that float32 distinguishes from 1."""
    behind = np.linspace(0.01, 15.9, 300)
    scores = np.zeros((300, classes))
    scores[:, 1:] = -behind[:, None]
    before = softmax(scores).astype(np.float32)
    after = calibration.apply_temperature(before, temperature)

    assert after.dtype == np.float32
    assert after.max() < 1
    assert (np.diff(after[:, 0]) >= 0).all()
    assert (np.diff(after[:, 1].astype(float)) < 0).all()
    margins = after[:, 0].astype(float) - after[:, 1]
    assert len(np.unique(margins)) == 300
    ordinary = behind < 10 * temperature
    np.testing.assert_allclose(
        after[ordinary], softmax(scores[ordinary] / temperature), atol=2e-6
    )


def test_a_probability_of_0_stays_small_at_any_temperature():
    for temperature in (0.05, 0.7, 1.0, 1.2, 4 / 3, 1.6, 20.0):
        sure = calibration.apply_temperature(
            np.array([[1.0, 0.0], [0.5, 0.5]]), temperature
        )
        assert sure[0, 1] < 0.02
        assert sure[1].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("right", [True, False])
def test_an_unbounded_temperature_is_at_the_end_of_the_range(right):
    probs = np.tile([[0.7, 0.3], [0.3, 0.7]], (20, 1))
    targets = np.tile([0, 1] if right else [1, 0], 20)
    found = calibration.fit_temperature(targets, probs)

    assert calibration.is_at_range_end(found)
    assert found == pytest.approx(0.05 if right else 20, rel=0.01)


@pytest.mark.parametrize("truth", [0.4, 1.0, 3.0])
def test_the_temperature_of_a_model_is_estimated(rng, truth):
    scores = rng.normal(0, 2, (20_000, 3))
    right = softmax(scores)
    targets = np.array([rng.choice(3, p=row) for row in right])
    probs = softmax(scores * truth)  # of an overconfident model

    found = calibration.fit_temperature(targets, probs)
    assert found == pytest.approx(truth, rel=0.05)
    assert not calibration.is_at_range_end(found)
