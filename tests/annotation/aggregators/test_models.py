"""Formulas of the aggregators, and the meaning of their quality."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from alcli.annotation.aggregators import Votes, aggregators
from alcli.annotation.aggregators.crowdlab import crowdlab, relabel_score
from alcli.annotation.aggregators.dawid_skene import dawid_skene
from alcli.annotation.aggregators.glad import glad
from alcli.annotation.aggregators.mace import mace
from alcli.annotation.aggregators.weighted_majority import weighted_majority
from alcli.core.errors import UsageError

JUDGING = ["dawid-skene", "one-coin", "mace", "glad", "weighted-majority", "crowdlab"]


def table(*rows, classes=2, **more):
    """Make votes of a table: a row per item, a label per annotator or None."""
    cells = [
        (item, who, label)
        for item, row in enumerate(rows)
        for who, label in enumerate(row)
        if label is not None
    ]
    item, who, label = np.array(cells, np.int32).T
    return Votes(item, who, label, len(rows), len(rows[0]), classes, **more)


def crowd(skills, items=600, classes=3, seed=0, probs_right=0.7):
    """Make a vote of every annotator on each item, right with his own skill."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, items)
    rows = []
    for skill in skills:
        wrong = rng.random(items) > skill
        rows.append((truth + wrong * rng.integers(1, classes, items)) % classes)
    model = (truth + (rng.random(items) > probs_right)) % classes
    probs = np.full((items, classes), 0.2 / (classes - 1))
    probs[np.arange(items), model] = 0.8
    return table(*np.array(rows).T.tolist(), classes=classes, probs=probs), truth


@pytest.mark.parametrize("name", JUDGING)
def test_better_annotators_have_more_quality(name):
    votes, _ = crowd([0.95, 0.8, 0.6, 1 / 3])
    quality = aggregators.get(name)(votes)[1]
    assert (np.diff(quality) < 0).all()
    assert 0 < quality[3] < quality[0] <= 1 or name == "crowdlab"


@pytest.mark.parametrize("name", ["dawid-skene", "one-coin"])
def test_quality_is_the_share_of_right_answers(name):
    skills = [0.95, 0.85, 0.75, 0.6, 1 / 3]
    votes, _ = crowd(skills, items=4000)
    assert aggregators.get(name)(votes)[1] == pytest.approx(skills, abs=0.03)


def test_quality_of_mace_is_the_share_of_known_answers():
    votes, _ = crowd([0.95, 0.95, 0.8, 1 / 3], items=4000)
    knew = [1 - (1 - skill) * 1.5 for skill in (0.95, 0.95, 0.8, 1 / 3)]
    assert mace(votes)[1] == pytest.approx(knew, abs=0.05)


@pytest.mark.parametrize("name", ["dawid-skene", "one-coin", "mace", "glad"])
def test_two_good_annotators_outweigh_three_random_ones(name):
    votes, truth = crowd([0.95, 0.95, 0.34, 0.34, 0.34], items=1500)
    right = [
        (aggregators.get(n)(votes)[0].argmax(axis=1) == truth).mean()
        for n in ("majority", name)
    ]
    assert right[1] > right[0] + 0.05


def test_dawid_skene_learns_systematic_confusions():
    votes, truth = crowd([0.9, 0.9, 0.9], classes=3)
    label = votes.label.copy()
    third = votes.annotator == 2
    label[third] = (label[third] + 1) % 3  # always the class beside it
    beliefs, quality = dawid_skene(replace(votes, label=label))
    assert (beliefs.argmax(axis=1) == truth).mean() > 0.95
    assert quality[2] < 0.2


def test_dawid_skene_ends_at_a_fixed_point():
    """One more turn of the paper's equations, by plain loops, changes nothing."""
    votes, _ = crowd([0.9, 0.7, 0.6], items=80)
    beliefs, quality = dawid_skene(votes, tolerance=0.0, iterations=500)
    confusion = np.full((3, 3, 3), 0.01)  # annotator, true, said
    for item, who, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        confusion[who, :, label] += beliefs[item]
    confusion /= confusion.sum(axis=2, keepdims=True)
    prior = beliefs.mean(axis=0)
    again = np.tile(prior, (80, 1))
    for item, who, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        again[item] *= confusion[who, :, label]
    assert again / again.sum(axis=1, keepdims=True) == pytest.approx(beliefs, abs=1e-6)
    expected = [prior @ np.diag(confusion[who]) for who in range(3)]
    assert quality == pytest.approx(expected)


def test_weights_are_agreement_with_the_majority():
    votes = table([0, 0, 1], [1, 1, 1], [0, 0, 1], [1, None, 0])
    beliefs, weights = weighted_majority(votes)
    assert weights.tolist() == [3.5 / 4, 1, 1.5 / 4]
    total = 3.5 / 4 + 1 + 1.5 / 4
    assert beliefs[0] == pytest.approx([(3.5 / 4 + 1) / total, 1.5 / 4 / total])
    assert beliefs[3] == pytest.approx([1.5 / 5, 3.5 / 5])


def test_gold_answers_set_the_quality_of_annotators():
    rows = [[0, 1, 1]] * 10 + [[0, 1, None]]
    gold = np.array([0] * 10 + [-1], np.int32)
    assert dawid_skene(table(*rows))[0][10, 1] > 0.5
    beliefs, quality = dawid_skene(table(*rows, gold=gold))
    assert beliefs[10, 0] > 0.9
    assert quality[0] > quality[1]


def test_restarts_of_mace_depend_on_the_seed():
    votes, _ = crowd([0.6, 0.5, 0.4, 0.4], items=100)
    likeliest = mace(votes, restarts=20)[0]
    assert (mace(votes, restarts=20)[0] == likeliest).all()
    assert not (mace(votes, restarts=1)[0] == likeliest).all()


def test_mace_keeps_the_start_of_highest_likelihood(monkeypatch):
    votes, _ = crowd([0.9, 0.8], items=3)
    ends = iter([(0.1, 5.0), (0.2, 9.0), (0.3, 7.0), (0.4, 9.0)])

    def run_em(votes, step, beliefs, **_):
        belief, likelihood = next(ends)
        return np.full_like(beliefs, belief), likelihood

    monkeypatch.setattr(sys.modules[mace.__module__], "run_em", run_em)
    assert (mace(votes, restarts=4)[0] == 0.2).all()


def test_glad_ends_at_the_optimum_of_gradient_ascent():
    """EM by the paper's equations, with many small steps in place of L-BFGS."""
    votes, _ = crowd([0.95, 0.9, 0.7, 0.5], items=25)
    beliefs, quality = glad(votes, iterations=300, tolerance=1e-9)
    item, who, label = votes.item, votes.annotator, votes.label
    a, b = np.ones(4), np.ones(25)
    for _ in range(150):
        chance = 1 / (1 + np.exp(-a[who] * np.exp(b[item])))
        again = np.ones((25, 3))
        for i, y, p in zip(item, label, chance, strict=True):
            again[i] *= np.where(np.arange(3) == y, p, (1 - p) / 2)
        again /= again.sum(axis=1, keepdims=True)
        right = again[item, label]
        for _ in range(60):
            z = a[who] * np.exp(b[item])
            slope = right - 1 / (1 + np.exp(-z))
            a += 0.02 * (np.bincount(who, slope * np.exp(b[item])) - (a - 1))
            b += 0.02 * (np.bincount(item, slope * z) - (b - 1))
    assert beliefs == pytest.approx(again, abs=2e-3)
    assert quality == pytest.approx(np.bincount(who, chance) / 25, abs=2e-3)


def slow_crowdlab(rows, probs, classes):
    """The formula of the paper, item by item."""
    said = [[label for label in row if label is not None] for row in rows]
    counts = [np.bincount(labels, minlength=classes) for labels in said]
    majority = [int(np.argmax(n + p / 2)) for n, p in zip(counts, probs, strict=True)]
    many = [item for item, labels in enumerate(said) if len(labels) > 1]
    of_many = [majority[item] for item in many]
    usual_error = 1 - np.bincount(of_many).max() / len(many)
    agreed = [np.mean([y == majority[item] for y in said[item]]) for item in many]
    likely, weights = np.mean(agreed), []
    for who in range(len(rows[0])):
        pairs = alike = 0
        for row in rows:
            if row[who] is not None:
                others = [y for j, y in enumerate(row) if j != who and y is not None]
                pairs += len(others)
                alike += sum(y == row[who] for y in others)
        weights.append(max(1e-6, 1 - (1 - alike / pairs) / usual_error))
    wrong = np.mean([probs[item].argmax() != majority[item] for item in many])
    model = max(1e-6, 1 - wrong / usual_error) * np.sqrt(np.mean(list(map(len, said))))
    beliefs, active = [], []
    for row, p in zip(rows, probs, strict=True):
        total, belief = model, model * p
        for weight, label in zip(weights, row, strict=True):
            if label is not None:
                other = (1 - likely) / (classes - 1)
                belief = belief + weight * np.where(
                    np.arange(classes) == label, likely, other
                )
                total += weight
        beliefs.append(belief / total)
        usual = np.mean(weights)
        sure = beliefs[-1].max() * total + usual / classes
        active.append(sure / (total + usual))
    return np.array(beliefs), np.array(weights), np.array(active)


def test_crowdlab_equals_a_computation_by_hand(rng):
    votes, _ = crowd([0.9, 0.8, 0.6, 0.5], items=120)
    rows = [[None] * 4 for _ in range(120)]
    probs = rng.dirichlet([1, 1, 1], 120) / 2 + votes.probs / 2  # no two alike
    keep = rng.random(len(votes.item)) < 0.6
    keep |= votes.annotator == votes.item % 4  # a vote on each at least
    for item, who, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        if keep[4 * item + who]:
            rows[item][who] = int(label)
    given = table(*rows, classes=3, probs=probs)
    beliefs, quality = crowdlab(given)
    expected = slow_crowdlab(rows, probs, 3)
    assert beliefs == pytest.approx(expected[0])
    assert quality == pytest.approx(expected[1])
    assert relabel_score(given, beliefs) == pytest.approx(expected[2])


def test_an_item_without_votes_has_the_confidence_of_the_model():
    votes, _ = crowd([0.9, 0.9], items=50)
    probs = np.vstack([votes.probs, [0.4, 0.3, 0.3], [0.9, 0.1, 0]])
    more = replace(votes, items=52, probs=probs)
    beliefs, _ = crowdlab(more)
    unsure, sure = relabel_score(more, beliefs)[50:]
    assert 1 / 3 < unsure < 0.4 < sure < 0.9


def test_crowdlab_without_probs_names_the_remedy():
    with pytest.raises(UsageError, match="run `alcli score`"):
        crowdlab(table([0, 1], [1, 1]))


def test_crowdlab_without_shared_items_has_equal_weights():
    beliefs, quality = crowdlab(table([0, None], [None, 1], probs=np.full((2, 2), 0.5)))
    assert beliefs.tolist() == [[0.75, 0.25], [0.25, 0.75]]
    assert quality.tolist() == [1, 1]
