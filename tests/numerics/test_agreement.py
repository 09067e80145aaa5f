"""Agreement: worked examples of papers, and other implementations."""

from itertools import combinations

import numpy as np
import pytest

from alcli.numerics import agreement

# Krippendorff (2011), section C: observers A to D, units 1 to 12; 0 is missing
OBSERVERS = """
1 2 3 3 2 1 4 1 2 0 0 0
1 2 3 3 2 2 4 1 2 5 0 3
0 3 3 3 2 3 4 2 2 5 1 0
1 2 3 3 2 4 4 1 2 5 1 0
"""

# Fleiss (1971), table 1: 30 patients, 6 psychiatrists each, 5 diagnoses
PSYCHIATRISTS = """
0 0 0 6 0/0 3 0 0 3/0 1 4 0 1/0 0 0 0 6/0 3 0 3 0/2 0 4 0 0/0 0 4 0 2/2 0 3 1 0
2 0 0 4 0/0 0 0 0 6/1 0 0 5 0/1 1 0 4 0/0 3 3 0 0/1 0 0 5 0/0 2 0 3 1/0 0 5 0 1
3 0 0 1 2/5 1 0 0 0/0 2 0 4 0/1 0 2 0 3/0 0 0 0 6/0 1 0 5 0/0 2 0 1 3/2 0 0 4 0
1 0 0 4 1/0 5 0 1 0/4 0 0 0 2/0 2 0 4 0/1 0 5 0 0/0 0 0 0 6
"""

CASES = [(2, 40, 2, 1.0), (3, 200, 5, 0.6), (4, 300, 20, 0.2), (2, 50, 7, 0.3)]


def numbers(text):
    return np.array([int(number) for number in text.split()])


def krippendorff():
    table = numbers(OBSERVERS).reshape(4, 12)
    annotator, item = np.nonzero(table)
    return item, annotator, table[annotator, item] - 1


def fleiss():
    return numbers(PSYCHIATRISTS.replace("/", " ")).reshape(30, 5).astype(float)


def votes(classes, items, annotators, density, seed=0):
    """Make votes with 60 % true labels and 40 % random ones."""
    rng = np.random.default_rng(seed)
    item, annotator = np.nonzero(rng.random((items, annotators)) < density)
    truth = rng.choice(classes, items, p=rng.dirichlet(np.ones(classes)))
    label = np.where(
        rng.random(len(item)) < 0.6, truth[item], rng.integers(0, classes, len(item))
    )
    return item, annotator, label


def test_votes_are_counted_per_class():
    item, _, label = krippendorff()
    counts = agreement.vote_counts(item, label)
    assert counts.shape == (12, 5)
    assert counts[:3].tolist() == [[3, 0, 0, 0, 0], [0, 3, 1, 0, 0], [0, 0, 4, 0, 0]]
    assert counts.sum() == 41


def test_alpha_equals_the_example_of_four_observers():
    item, _, label = krippendorff()
    alpha = agreement.krippendorff_alpha(agreement.vote_counts(item, label))
    assert alpha == pytest.approx(0.743, abs=5e-4)


def test_alpha_equals_the_example_of_two_observers():
    """Section B of the same: twelve articles, five classes."""
    one, two = "a a b b d c c c e d d a", "b a b b b c c c e d d d"
    label = np.array([ord(code) - ord("a") for code in (one + " " + two).split()])
    item = np.tile(np.arange(12), 2)
    alpha = agreement.krippendorff_alpha(agreement.vote_counts(item, label))
    assert alpha == pytest.approx(0.692, abs=5e-4)


def test_kappa_equals_the_example_of_fleiss():
    assert agreement.percent_agreement(fleiss()) == pytest.approx(0.5556, abs=5e-5)
    assert agreement.fleiss_kappa(fleiss()) == pytest.approx(0.430, abs=5e-4)


def test_ac1_equals_the_example_of_a_rare_class():
    """Gwet (2008), table 2: 118 of 125 items agree; kappa is far below AC1."""
    counts = np.array([[2, 0]] * 118 + [[1, 1]] * 7)
    assert agreement.gwet_ac1(counts.astype(float)) == pytest.approx(0.9408, abs=5e-4)
    assert agreement.fleiss_kappa(counts.astype(float)) < 0


def test_cohens_kappa_equals_a_worked_example():
    """50 proposals, two readers: 20 yes-yes, 15 no-no, 5 and 10 apart; 0.4."""
    pairs = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    label = np.array(pairs).T.ravel()
    item, annotator = np.tile(np.arange(50), 2), np.repeat([0, 1], 50)
    assert agreement.cohen_kappa(item, annotator, label) == (pytest.approx(0.4), 1)


@pytest.mark.parametrize("case", CASES)
def test_cohens_kappa_equals_scikit_learn_on_every_pair(case):
    from sklearn.metrics import cohen_kappa_score

    item, annotator, label = votes(*case)
    kappas, weights = [], []
    for a, b in combinations(range(case[2]), 2):
        masks = annotator == a, annotator == b
        labels = [dict(zip(item[mask], label[mask], strict=True)) for mask in masks]
        common = sorted(labels[0].keys() & labels[1].keys())
        left, right = ([s[i] for i in common] for s in labels)
        if common and len({*left, *right}) > 1:
            kappas.append(cohen_kappa_score(left, right))
            weights.append(len(common))
    kappa, pairs = agreement.cohen_kappa(item, annotator, label)
    assert pairs == len(kappas)
    assert kappa == pytest.approx(np.average(kappas, weights=weights))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_alpha_equals_crowd_kit(case):
    import pandas as pd
    from crowdkit.metrics.data import alpha_krippendorff

    item, annotator, label = votes(*case)
    answers = pd.DataFrame({"task": item, "worker": annotator, "label": label})
    alpha = agreement.krippendorff_alpha(agreement.vote_counts(item, label))
    assert alpha == pytest.approx(alpha_krippendorff(answers))


@pytest.mark.parametrize("case", CASES)
def test_measures_do_not_depend_on_order_and_numbering(case, rng):
    item, annotator, label = votes(*case)
    order = rng.permutation(len(item))
    others = [
        rng.permutation(int(part.max()) + 1)[part][order]
        for part in (item, annotator, label)
    ]
    for measure in (
        agreement.percent_agreement,
        agreement.fleiss_kappa,
        agreement.gwet_ac1,
        agreement.krippendorff_alpha,
    ):
        here = measure(agreement.vote_counts(item, label))
        there = measure(agreement.vote_counts(others[0], others[2]))
        assert here == pytest.approx(there)
    here = agreement.cohen_kappa(item, annotator, label)
    assert here == (
        pytest.approx(agreement.cohen_kappa(*others)[0]),
        agreement.cohen_kappa(*others)[1],
    )


@pytest.mark.parametrize(
    ("item", "label"),
    [([], []), ([0, 1, 2], [0, 1, 0]), ([0, 0, 1, 1], [1, 1, 1, 1])],
    ids=["no votes", "no overlap", "one class"],
)
def test_undetermined_measures_are_none(item, label):
    item, label = np.array(item, int), np.array(label, int)
    counts = agreement.vote_counts(item, label)
    assert agreement.fleiss_kappa(counts) is None
    assert agreement.gwet_ac1(counts) is None
    assert agreement.krippendorff_alpha(counts) is None
    assert agreement.cohen_kappa(item, np.arange(len(item)) % 2, label) == (None, 0)
    assert agreement.percent_agreement(counts) == (1 if len(item) == 4 else None)


def slowly(item, annotator, label, gold):
    """Return items, agreement, chance of each annotator, by plain loops."""
    found = []
    for who in range(annotator.max() + 1):
        own, others = [], []
        for i, own_label in zip(
            item[annotator == who], label[annotator == who], strict=True
        ):
            rest = label[(item == i) & (annotator != who)]
            rest = [gold[i]] if gold[i] >= 0 else rest
            if len(rest):
                own.append(own_label)
                others.append(np.bincount(rest, minlength=9) / len(rest))
        own, others = np.array(own, int), np.array(others).reshape(-1, 9)
        chance = np.bincount(own, minlength=9) / len(own) @ others.mean(axis=0)
        found.append((len(own), others[np.arange(len(own)), own].mean(), chance))
    return np.array(found).T


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("share", [0, 0.3])
def test_peer_agreement_equals_plain_loops(case, share, rng):
    item, annotator, label = votes(*case)
    known = rng.random(case[1]) < share
    gold = np.where(known, rng.integers(0, case[0], case[1]), -1)
    found = agreement.peer_agreement(item, annotator, label, case[2], gold)
    items, same, chance = slowly(item, annotator, label, gold)
    assert (found.items == items).all()
    assert found.agreement == pytest.approx(same)
    assert found.chance == pytest.approx(chance)
    assert found.kappa == pytest.approx((same - chance) / (1 - chance))
    assert (found.kappa_upper_bound() > found.kappa).all()


def test_the_upper_bound_equals_a_published_interval():
    """81 of 263 (Newcombe, 1998, table I): 0.2553 to 0.3662 at 95 % on both sides."""
    found = agreement.PeerAgreement(
        np.array([263]), np.array([81 / 263]), np.array([0.0])
    )
    assert found.kappa_upper_bound(z=1.959964) == pytest.approx(0.3662, abs=5e-5)


def test_annotators_without_shared_items_have_no_kappa():
    item, annotator, label = (
        np.array([0, 0, 1]),
        np.array([0, 1, 2]),
        np.array([0, 0, 1]),
    )
    found = agreement.peer_agreement(item, annotator, label, 4)
    assert found.items.tolist() == [1, 1, 0, 0]
    assert np.isnan(found.kappa[2:]).all()
    assert np.isnan(
        found.kappa_upper_bound()
    ).all()  # one class: the expected agreement is 1
