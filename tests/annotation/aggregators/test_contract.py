"""Contract of aggregators, for every one in the folder."""

from dataclasses import replace

import numpy as np
import pytest

from alcli.annotation.aggregators import Votes, aggregators
from alcli.core.params import defaults

every = pytest.mark.parametrize("name", aggregators.names())
ITEMS, ANNOTATORS, CLASSES = 60, 7, 3


def votes(rng, *, honest=0.8):
    """Make votes of annotators who are right more often than not, with gaps."""
    truth = rng.integers(0, CLASSES, ITEMS)
    item, annotator = np.nonzero(rng.random((ITEMS, ANNOTATORS)) < 0.6)
    wrong = rng.random(len(item)) > honest
    label = (truth[item] + wrong * rng.integers(1, CLASSES, len(item))) % CLASSES
    probs = rng.dirichlet(np.ones(CLASSES), ITEMS) + np.eye(CLASSES)[truth] / 2
    return Votes(
        item.astype(np.int32),
        annotator.astype(np.int32),
        label.astype(np.int32),
        *(ITEMS, ANNOTATORS, CLASSES),
        probs=probs / 1.5,
    )


def with_votes(given, rows=slice(None), annotator=None):
    who = given.annotator if annotator is None else annotator
    return replace(
        given, item=given.item[rows], annotator=who[rows], label=given.label[rows]
    )


@every
def test_beliefs_are_probabilities_where_there_are_votes(name, rng):
    given = votes(rng)
    few = with_votes(given, given.item > 4)  # nobody voted on the first five
    beliefs, quality = aggregators.get(name)(few)
    assert beliefs.shape == (ITEMS, CLASSES)
    assert (beliefs >= 0).all()
    asked = np.isin(np.arange(ITEMS), few.item)
    assert np.allclose(beliefs[asked].sum(axis=1), 1)
    assert (beliefs[~asked] == 0).all()
    assert quality is None or quality.shape == (ANNOTATORS,)


@every
def test_unanimous_votes_win(name, rng):
    beliefs, _ = aggregators.get(name)(votes(rng, honest=1))
    given = votes(np.random.default_rng(0), honest=1)
    assert (beliefs.argmax(axis=1)[given.item] == given.label).all()


@every
def test_the_order_of_votes_does_not_matter(name, rng):
    given = votes(rng)
    shuffled = with_votes(given, rng.permutation(len(given.item)))
    beliefs, again = (aggregators.get(name)(v)[0] for v in (given, shuffled))
    assert np.allclose(beliefs, again)


@every
def test_the_names_of_annotators_do_not_matter(name, rng):
    given, names = votes(rng), rng.permutation(ANNOTATORS).astype(np.int32)
    beliefs, quality = aggregators.get(name)(given)
    renamed = aggregators.get(name)(with_votes(given, annotator=names[given.annotator]))
    assert np.allclose(beliefs, renamed[0])
    assert quality is None or np.allclose(quality, renamed[1][names])


@every
def test_the_numbers_of_classes_do_not_matter(name, rng):
    given, names = votes(rng), rng.permutation(CLASSES).astype(np.int32)
    probs = np.empty_like(given.probs)
    probs[:, names] = given.probs
    other = replace(given, label=names[given.label], probs=probs)
    (beliefs, quality), again = (aggregators.get(name)(v) for v in (given, other))
    assert np.allclose(beliefs, again[0][:, names])
    assert quality is None or np.allclose(quality, again[1])


@every
def test_the_numbers_of_items_do_not_matter(name, rng):
    given, names = votes(rng), rng.permutation(ITEMS).astype(np.int32)
    probs = np.empty_like(given.probs)
    probs[names] = given.probs
    other = replace(given, item=names[given.item], probs=probs)
    (beliefs, quality), again = (aggregators.get(name)(v) for v in (given, other))
    assert np.allclose(beliefs, again[0][names])
    assert quality is None or np.allclose(quality, again[1])


@every
def test_equal_votes_for_two_classes_are_a_tie(name, rng):
    """Every vote stands beside its mirror: nothing tells the two classes apart."""
    item, label = np.repeat(np.arange(20), 4), np.tile([0, 0, 1, 1], 20)
    who = np.concatenate([rng.permutation(8)[:4] for _ in range(20)])
    arrays = [part.astype(np.int32) for part in (item, who, label)]
    arrays = [
        np.append(arrays[0], arrays[0] + 20),
        np.append(arrays[1], arrays[1]),
        np.append(arrays[2], 1 - arrays[2]),
    ]
    given = Votes(*arrays, 40, 8, 2, probs=np.full((40, 2), 0.5))
    beliefs, _ = aggregators.get(name)(given)
    assert np.allclose(beliefs[:20], beliefs[20:, ::-1])


@every
def test_gold_answers_are_kept(name, rng):
    given = votes(rng)
    gold = np.full(ITEMS, -1, np.int32)
    gold[:10] = rng.integers(0, CLASSES, 10)
    few = with_votes(replace(given, gold=gold), given.item > 0)  # no vote on item 0
    beliefs, quality = aggregators.get(name)(few)
    assert (beliefs[0] == 0).all()
    assert (beliefs[1:10] == np.eye(CLASSES)[gold[1:10]]).all()
    assert np.allclose(beliefs[10:].sum(axis=1), few.counts[10:].any(axis=1))
    assert quality is None or np.isfinite(quality).all()


@every
def test_equal_inputs_give_equal_results(name, rng):
    given = votes(rng)
    first, second = (aggregators.get(name)(given) for _ in range(2))
    assert (first[0] == second[0]).all()
    assert first[1] is None or (first[1] == second[1]).all()


@every
def test_an_annotator_without_votes_has_no_quality(name, rng):
    given = replace(votes(rng), annotators=ANNOTATORS + 1)
    beliefs, quality = aggregators.get(name)(given)
    assert np.allclose(
        beliefs, aggregators.get(name)(votes(np.random.default_rng(0)))[0]
    )
    assert quality is None or np.isnan(quality).tolist() == [False] * 7 + [True]


@every
def test_the_votes_of_a_single_annotator_win(name):
    item = np.arange(30, dtype=np.int32)
    label = (item % 3).astype(np.int32)
    probs = np.full((30, 3), 1 / 3)
    given = Votes(item, item * 0, label, 30, 1, 3, probs=probs)
    beliefs, _ = aggregators.get(name)(given)
    assert (beliefs.argmax(axis=1) == label).all()


@every
def test_one_class_is_certain(name):
    item = np.repeat(np.arange(5), 2).astype(np.int32)
    who = np.tile([0, 1], 5).astype(np.int32)
    given = Votes(item, who, item * 0, 5, 2, 1, probs=np.ones((5, 1)))
    assert np.allclose(aggregators.get(name)(given)[0], 1)


@every
def test_parameters_have_defaults_that_can_be_set(name):
    for key, value in defaults(aggregators.get(name)).items():
        assert type(value) in (int, float), key


@every
@pytest.mark.parametrize("sizes", [(0, 0, 0), (5, 0, 0), (5, 2, 3)])
def test_no_votes_give_no_beliefs(name, sizes):
    none = np.empty(0, np.int32)
    probs = np.full((sizes[0], sizes[2]), 1 / max(1, sizes[2]))
    beliefs, _ = aggregators.get(name)(Votes(none, none, none, *sizes, probs=probs))
    assert beliefs.shape == (sizes[0], sizes[2])
    assert (beliefs == 0).all()


@every
def test_each_aggregator_has_a_summary(name):
    assert len(aggregators.summary(name)) > 10
    assert aggregators.get(name).__name__ == name.replace("-", "_")
