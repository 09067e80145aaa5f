"""Logistic regression: scikit-learn's, fitted on the occurring terms only."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from alcli.models.architectures.linear.logreg import ABSENT_BIAS, logreg, softmax


@pytest.mark.parametrize("classes", [2, 4])
def test_probabilities_equal_those_of_scikit_learn_on_all_terms(rng, classes):
    dense = rng.random((60, 40)) * (rng.random((60, 40)) < 0.2)
    dense[:, ::3] = 0  # terms without records
    targets, weights = rng.integers(classes, size=60), rng.random(60) + 0.5
    found = logreg(csr_matrix(dense), targets, weights, classes=classes, c=3.0)
    theirs = LogisticRegression(C=3.0, max_iter=1000)
    theirs.fit(dense, targets, sample_weight=weights)
    scores = dense @ found["weights"] + found["bias"]
    probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probs, theirs.predict_proba(dense), atol=1e-5)
    assert found["weights"].shape == (40, classes)
    assert not found["weights"][::3].any()
    assert np.delete(found["weights"], np.s_[::3], axis=0).any()


def test_without_terms_the_bias_gives_the_class_frequencies():
    nothing = csr_matrix((4, 9))
    found = logreg(nothing, np.array([0, 0, 0, 2]), np.ones(4), classes=3)
    assert not found["weights"].any()
    powers = np.exp(found["bias"] - found["bias"].max())
    assert powers / powers.sum() == pytest.approx([0.75, 0, 0.25], abs=1e-3)
    assert found["bias"][1] == ABSENT_BIAS


def test_a_class_without_records_has_a_small_constant_probability(rng):
    features = csr_matrix(rng.random((30, 8)))
    targets = rng.integers(3, size=30)
    three = softmax(logreg(features, targets, np.ones(30), classes=3), features)
    five = softmax(logreg(features, targets, np.ones(30), classes=5), features)

    np.testing.assert_allclose(five[:, 3:], 0.5 / (30 + 5 / 2))  # Krichevsky-Trofimov
    np.testing.assert_allclose(five.sum(axis=1), 1)
    np.testing.assert_allclose(five[:, :3] / five[:, :3].sum(axis=1)[:, None], three)
    assert (five[:, :3].argsort(axis=1) == three.argsort(axis=1)).all()


def test_the_floor_is_zero_if_every_class_has_records(rng):
    features = csr_matrix(rng.random((30, 8)))
    found = logreg(features, rng.integers(2, size=30), np.ones(30), classes=2)
    scores = features @ found["weights"] + found["bias"]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))

    assert not found["floor"].any()
    assert (
        softmax(found, features) == powers / powers.sum(axis=1, keepdims=True)
    ).all()
