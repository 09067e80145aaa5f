"""Class weights: capped by default, balanced as in scikit-learn, or none."""

import logging

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

import alcli
from alcli.models.training.holdout import LARGEST_WEIGHT, class_weights

COUNTS = np.array([90, 8, 0, 2])
TARGETS = np.repeat(np.arange(4), COUNTS)


def test_balanced_weights_equal_scikit_learns():
    theirs = compute_class_weight("balanced", classes=np.unique(TARGETS), y=TARGETS)
    assert class_weights(COUNTS, "balanced")[[0, 1, 3]] == pytest.approx(theirs)


def test_capped_weights_are_balanced_up_to_the_limit():
    balanced, capped = (class_weights(COUNTS, how) for how in ("balanced", "capped"))
    assert balanced.max() > LARGEST_WEIGHT
    assert capped.tolist() == np.minimum(balanced, LARGEST_WEIGHT).tolist()


def records(rare):
    return [
        {"id": n, "tokens": f"w{n % 7} {name}", "label": name}
        for n, name in enumerate(["common"] * 40 + ["rare"] * rare)
    ]


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ({}, "class weights (capped): common 0.55, rare 3.00"),
        ({"class_weight": "balanced"}, "class weights (balanced): common 0.55, rare 5"),
        ({"class_weight": "none"}, None),
    ],
)
def test_training_logs_its_class_weights(caplog, how, line):
    caplog.set_level(logging.INFO, "alcli")
    alcli.train(records(4), arch="logreg", params={"min_count": 1}, **how)
    said = [r.getMessage() for r in caplog.records if "weights" in r.getMessage()]
    assert [text.startswith(line) for text in said] == ([True] if line else [])


def test_a_rare_class_is_more_probable_capped_than_unweighted():
    probs = [
        alcli.train(
            records(4), arch="logreg", params={"min_count": 1}, class_weight=how
        )
        .predict(["w1 rare"])
        .probs[0, 1]
        for how in ("none", "capped", "balanced")
    ]
    assert probs[0] < probs[1] < probs[2]
