"""Classification metrics: equal to scikit-learn's; bootstrap intervals."""

import numpy as np
import pytest

from alcli.numerics import classification

CASES = [(2, 50, 0), (3, 200, 1), (5, 400, 2), (4, 40, 3)]


def make(classes, n, seed):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, classes, n)
    probs = rng.dirichlet(np.ones(classes), n)
    probs[np.arange(n), targets] += 0.3
    return targets, (probs / probs.sum(axis=1, keepdims=True)).round(2 if seed else 6)


@pytest.mark.parametrize(("classes", "n", "seed"), CASES)
def test_the_summary_equals_scikit_learn(classes, n, seed):
    from sklearn import metrics as sk

    targets, probs = make(classes, n, seed)
    predicted = probs.argmax(axis=1)
    matrix = classification.confusion_matrix(targets, predicted, classes)
    names = [f"c{c}" for c in range(classes)]
    ours = classification.summary(matrix, names)

    assert (matrix == sk.confusion_matrix(targets, predicted)).all()
    assert ours["accuracy"] == pytest.approx(sk.accuracy_score(targets, predicted))
    assert ours["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(targets, predicted)
    )
    for mean in ("macro", "weighted"):
        p, r, f, _ = sk.precision_recall_fscore_support(
            targets, predicted, average=mean, zero_division=0
        )
        found = [ours[f"{mean}_{name}"] for name in ("precision", "recall", "f1")]
        np.testing.assert_allclose(found, [p, r, f])
    each = sk.precision_recall_fscore_support(targets, predicted, zero_division=0)
    for name, values in zip(("precision", "recall", "f1"), each, strict=False):
        np.testing.assert_allclose([ours[f"{name}:{c}"] for c in names], values)


@pytest.mark.parametrize(("classes", "n", "seed"), CASES)
def test_roc_auc_equals_scikit_learn_with_ties(classes, n, seed):
    from sklearn.metrics import roc_auc_score

    targets, probs = make(classes, n, seed)
    expected = np.mean(
        [
            roc_auc_score(targets == c, probs[:, c])
            for c in range(0 if classes > 2 else 1, classes)
        ]
    )

    assert classification.roc_auc(targets, probs) == pytest.approx(expected)


def test_roc_auc_of_one_class_is_none():
    assert classification.roc_auc(np.zeros(3, int), np.full((3, 2), 0.5)) is None


def test_absent_classes_do_not_lower_macro_f1():
    matrix = np.array([[5, 0, 0], [0, 5, 0], [0, 0, 0]])

    assert classification.summary(matrix, ["a", "b", "c"])["macro_f1"] == 1


def test_the_precision_of_an_unpredicted_class_is_0():
    found = classification.summary(np.array([[5, 0], [5, 0]]), ["a", "b"])

    assert found["precision:b"] == found["recall:b"] == found["f1:b"] == 0


def test_bootstrap_intervals_equal_those_of_resampled_records():
    targets, probs = make(3, 300, 4)
    predicted = probs.argmax(axis=1)
    matrix = classification.confusion_matrix(targets, predicted, 3)
    fast = classification.bootstrap_intervals(matrix, rounds=4000, seed=1)
    rng = np.random.default_rng(2)
    slow = [
        (targets[rows] == predicted[rows]).mean()
        for rows in (rng.integers(0, 300, 300) for _ in range(4000))
    ]

    np.testing.assert_allclose(
        fast["accuracy"], np.quantile(slow, [0.025, 0.975]), atol=0.01
    )
    assert fast == classification.bootstrap_intervals(matrix, rounds=4000, seed=1)


def rare(*others):
    """Make a matrix of one large class, and classes with a few records each."""
    matrix = np.zeros((len(others) + 1, len(others) + 1), int)
    matrix[0, 0] = 500
    for row, (right, wrong) in enumerate(others, 1):
        matrix[row, row], matrix[row, 0] = right, wrong
    return matrix


@pytest.mark.parametrize(
    "matrix",
    [
        rare(*[(0, 1)] * 10),  # ten classes of one record, all of them missed
        rare(*[(1, 1)] * 10),
        rare((1, 0), (0, 1), (2, 1)),
        rare(*[(0, 2), (3, 0)] * 4),
        rare(*[(0, 1)] * 10).T,  # predicted, and in no label
    ],
)
def test_intervals_contain_the_estimate_if_classes_are_rare(matrix):
    names = [f"c{row}" for row in range(len(matrix))]
    metrics = classification.summary(matrix, names)
    for seed in range(5):
        for name, interval in classification.bootstrap_intervals(
            matrix, seed=seed
        ).items():
            assert interval[0] <= metrics[name] <= interval[1]


def test_every_sample_contains_every_class():
    """With one of two hit, F1 is 0, 2/3 or 1, with probabilities 1/4, 1/2 and 1/4."""
    low, high = classification.bootstrap_intervals(rare((1, 1)), rounds=4000)[
        "macro_f1"
    ]
    large = [2 * 500 / (2 * 500 + missed) for missed in (2, 0)]

    assert low == pytest.approx((large[0] + 0) / 2)
    assert high == pytest.approx((large[1] + 1) / 2)


def test_the_interval_of_accuracy_equals_that_of_binomials_per_class(rng):
    matrix = np.array([[80, 20, 0], [3, 30, 7], [2, 4, 4]])
    n = matrix.sum(axis=1)
    hits = rng.binomial(n, np.diagonal(matrix) / n, size=(40_000, 3)).sum(axis=1)
    expected = np.quantile(hits / n.sum(), [0.025, 0.975])

    found = classification.bootstrap_intervals(matrix, rounds=40_000)["accuracy"]
    np.testing.assert_allclose(found, expected, atol=1.01 / n.sum())
