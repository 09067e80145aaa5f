"""Pointwise strategies, by hand."""

import numpy as np
import pytest

from alcli.core.errors import BadParameter
from alcli.query.signals import signals
from alcli.query.strategies import Pointwise, Scored, lookup, pointwise, strategies

PROBS = np.array([[0.8, 0.1, 0.1], [0.45, 0.45, 0.1], [0.5, 0.25, 0.25], [1, 0, 0]])


def utility(strategy, probs=PROBS):
    return lookup(strategy)(Scored(list("abcd"), probs)).tolist()


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("least-confidence", [0.2, 0.55, 0.5, 0]),
        ("margin", [0.3, 1, 0.75, 0]),
        ("entropy", [0.639032, 0.948915, 1.039721, 0]),
        ("lda", [0.639032, 0.948915, 1.039721, 0]),
    ],
)
def test_utilities_of_known_probs(strategy, expected):
    assert utility(strategy) == pytest.approx(expected, abs=1e-6)
    assert str(utility(strategy)[3]) == "0.0"  # not -0.0


def test_random_is_the_noise_of_seed_and_id():
    scored = [Scored(["a", "b"], np.empty((2, 0)), seed=seed) for seed in (0, 0, 1)]
    found = [lookup("random")(s).tolist() for s in scored]
    assert found[0] == found[1] == scored[0].noise.tolist() != found[2]


def test_needs_and_strata_are_declared():
    assert lookup("random").needs == ()
    assert lookup("margin").needs == ("probs",)
    assert (lookup("lda").needs, lookup("lda").stratify) == (("probs",), "topic")


def test_plain_function_is_a_strategy():
    def mine(scored, *, power=2):
        """Return a power."""
        return scored.probs[:, 0] ** power

    found = lookup(mine)
    assert isinstance(found, Pointwise)
    assert (found.needs, found.stratify, found.__name__) == (("probs",), None, "mine")
    assert found(Scored(["a"], np.array([[0.5, 0.5]])), power=3).tolist() == [0.125]


def test_function_may_declare_signals_and_strata():
    @pointwise("loss", stratify="site")
    def by_loss(scored):
        return scored.signals["loss"]

    assert lookup(by_loss) is by_loss
    assert (by_loss.needs, by_loss.stratify) == (("loss",), "site")


def test_utilities_equal_their_definitions(rng):
    probs = rng.dirichlet([1] * 5, 50)
    best = np.sort(probs)[:, ::-1]
    assert np.allclose(utility("entropy", probs), -(probs * np.log(probs)).sum(axis=1))
    assert np.allclose(utility("margin", probs), 1 - (best[:, 0] - best[:, 1]))
    assert np.allclose(utility("least-confidence", probs), 1 - best[:, 0])


def test_one_class_has_no_uncertainty():
    certain = np.ones((2, 1))
    for strategy in ("margin", "entropy", "least-confidence"):
        assert utility(strategy, certain) == [0, 0]


@pytest.mark.parametrize("name", signals.names())
def test_name_of_a_signal_is_a_strategy(name):
    key = name.replace("-", "_")
    strategy = lookup(name)
    scored = Scored(["a", "b"], np.empty((2, 0)), {key: np.array([0.5, 2.0])})

    assert name not in strategies.names()
    assert (strategy.needs, strategy.__name__) == ((key,), key)
    assert strategy(scored).tolist() == [0.5, 2.0]


def test_power_margin_draws_in_proportion_to_uncertainty():
    probs = np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]])  # doubts 0.2, 0.6, 0.8
    for beta in (0.0, 1.0, 2.0):
        doubt = (1 - (probs[:, 0] - probs[:, 1])) ** beta
        counts = np.zeros(3)
        for seed in range(3000):
            scored = Scored(list("abc"), probs, seed=seed)
            utility = lookup("power-margin")(scored, beta=beta)
            counts[utility.argmax()] += 1
        np.testing.assert_allclose(counts / 3000, doubt / doubt.sum(), atol=0.03)
    with pytest.raises(BadParameter, match="beta=-1"):
        lookup("power-margin")(Scored(list("abc"), probs), beta=-1)
