"""Uncertainty of class probabilities."""

import numpy as np

from alcli.numerics import uncertainty


def test_uncertainty_is_extreme_for_certain_and_uniform_probs():
    probs = np.array([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])

    np.testing.assert_allclose(uncertainty.entropy(probs), [0, np.log(3)])
    np.testing.assert_allclose(uncertainty.margin(probs), [1, 0], atol=1e-15)
    np.testing.assert_allclose(uncertainty.confidence(probs), [1, 1 / 3])
    assert uncertainty.margin(np.ones((2, 1))).tolist() == [1, 1]


def test_uncertainty_does_not_depend_on_the_order_of_classes():
    probs = np.random.default_rng(0).dirichlet(np.ones(7), 200)
    turned = probs[:, [3, 1, 6, 0, 5, 2, 4]]

    for measure in (uncertainty.entropy, uncertainty.margin, uncertainty.confidence):
        assert (measure(probs) == measure(turned)).all()
