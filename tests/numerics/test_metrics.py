import numpy as np
import pytest

from alcli.numerics import calibration, classification, uncertainty

CASES = [(2, 50, 0), (3, 200, 1), (5, 400, 2), (4, 40, 3)]


def make(classes, n, seed):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, classes, n)
    probs = rng.dirichlet(np.ones(classes), n)
    probs[np.arange(n), targets] += 0.3
    return targets, (probs / probs.sum(axis=1, keepdims=True)).round(2 if seed else 6)


@pytest.mark.parametrize(("classes", "n", "seed"), CASES)
def test_everything_equals_scikit_learn(classes, n, seed):
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


def test_a_class_that_occurs_nowhere_does_not_lower_macro_f1():
    matrix = np.array([[5, 0, 0], [0, 5, 0], [0, 0, 0]])

    assert classification.summary(matrix, ["a", "b", "c"])["macro_f1"] == 1


def test_a_class_never_predicted_has_precision_zero():
    found = classification.summary(np.array([[5, 0], [5, 0]]), ["a", "b"])

    assert found["precision:b"] == found["recall:b"] == found["f1:b"] == 0


def test_bootstrap_covers_what_record_by_record_drawing_gives():
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
def test_an_interval_contains_its_estimate_where_classes_are_rare(matrix):
    names = [f"c{row}" for row in range(len(matrix))]
    metrics = classification.summary(matrix, names)
    for seed in range(5):
        for name, interval in classification.bootstrap_intervals(
            matrix, seed=seed
        ).items():
            assert interval[0] <= metrics[name] <= interval[1]


def test_every_class_is_in_every_sample():
    """Missed once and hit once of two: F1 is 0, 2/3 or 1, with chances 1, 2 and 1."""
    low, high = classification.bootstrap_intervals(rare((1, 1)), rounds=4000)[
        "macro_f1"
    ]
    large = [2 * 500 / (2 * 500 + missed) for missed in (2, 0)]

    assert low == pytest.approx((large[0] + 0) / 2)
    assert high == pytest.approx((large[1] + 1) / 2)


def test_the_interval_of_accuracy_is_that_of_binomials_for_each_class(rng):
    matrix = np.array([[80, 20, 0], [3, 30, 7], [2, 4, 4]])
    n = matrix.sum(axis=1)
    hits = rng.binomial(n, np.diagonal(matrix) / n, size=(40_000, 3)).sum(axis=1)
    expected = np.quantile(hits / n.sum(), [0.025, 0.975])

    found = classification.bootstrap_intervals(matrix, rounds=40_000)["accuracy"]
    np.testing.assert_allclose(found, expected, atol=1.01 / n.sum())


def test_log_loss_and_brier_equal_scikit_learn():
    from sklearn.metrics import brier_score_loss, log_loss

    targets, probs = make(2, 60, 0)

    assert calibration.log_loss(targets, probs) == pytest.approx(
        log_loss(targets, probs)
    )
    assert calibration.brier(targets, probs) == pytest.approx(
        2 * brier_score_loss(targets, probs[:, 1])
    )


def test_calibration_error_by_hand():
    targets = np.array([0, 0, 1, 1])
    probs = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    # bin of 0.9: accuracy 2/3, weight 3/4; bin of 0.6: accuracy 1, weight 1/4
    expected = 0.75 * abs(2 / 3 - 0.9) + 0.25 * abs(1 - 0.6)

    assert calibration.expected_calibration_error(targets, probs) == pytest.approx(
        expected
    )


def test_certain_and_right_is_calibrated():
    probs = np.array([[1.0, 0.0], [0.0, 1.0]])

    assert calibration.expected_calibration_error(np.array([0, 1]), probs) == 0


def test_uncertainty_of_the_extremes():
    probs = np.array([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])

    np.testing.assert_allclose(uncertainty.entropy(probs), [0, np.log(3)])
    np.testing.assert_allclose(uncertainty.margin(probs), [1, 0], atol=1e-15)
    np.testing.assert_allclose(uncertainty.confidence(probs), [1, 1 / 3])
    assert uncertainty.margin(np.ones((2, 1))).tolist() == [1, 1]


def test_uncertainty_is_the_same_to_the_last_bit_in_any_order_of_classes():
    probs = np.random.default_rng(0).dirichlet(np.ones(7), 200)
    turned = probs[:, [3, 1, 6, 0, 5, 2, 4]]

    for measure in (uncertainty.entropy, uncertainty.margin, uncertainty.confidence):
        assert (measure(probs) == measure(turned)).all()


def softmax(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_temperature_is_that_of_the_scores(rng, kind):
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
def test_a_small_temperature_keeps_order_and_makes_nothing_certain(
    temperature, classes
):
    """From even to the surest that float32 can tell from 1, as log-odds."""
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


def test_a_class_of_no_probability_stays_so_at_any_temperature():
    for temperature in (0.05, 0.7, 1.0, 1.2, 4 / 3, 1.6, 20.0):
        sure = calibration.apply_temperature(
            np.array([[1.0, 0.0], [0.5, 0.5]]), temperature
        )
        assert sure[0, 1] < 0.02
        assert sure[1].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("right", [True, False])
def test_a_temperature_that_nothing_holds_back_is_at_its_bound(right):
    probs = np.tile([[0.7, 0.3], [0.3, 0.7]], (20, 1))
    targets = np.tile([0, 1] if right else [1, 0], 20)
    found = calibration.fit_temperature(targets, probs)

    assert calibration.is_at_range_end(found)
    assert found == pytest.approx(0.05 if right else 20, rel=0.01)


@pytest.mark.parametrize("truth", [0.4, 1.0, 3.0])
def test_the_temperature_of_a_model_is_found(rng, truth):
    scores = rng.normal(0, 2, (20_000, 3))
    right = softmax(scores)
    targets = np.array([rng.choice(3, p=row) for row in right])
    said = softmax(scores * truth)  # what a model that is too sure says

    found = calibration.fit_temperature(targets, said)
    assert found == pytest.approx(truth, rel=0.05)
    assert not calibration.is_at_range_end(found)
