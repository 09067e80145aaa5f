"""What holds for every aggregator in the folder."""

import numpy as np
import pytest

from alcli.aggregators import Votes, aggregators

every = pytest.mark.parametrize("name", aggregators.names())
ITEMS, ANNOTATORS, CLASSES = 60, 7, 3


def votes(rng, *, honest=0.8):
    """Make votes of annotators who are right more often than not, with gaps."""
    truth = rng.integers(0, CLASSES, ITEMS)
    item, annotator = np.nonzero(rng.random((ITEMS, ANNOTATORS)) < 0.6)
    wrong = rng.random(len(item)) > honest
    label = (truth[item] + wrong * rng.integers(1, CLASSES, len(item))) % CLASSES
    return Votes(
        item.astype(np.int32),
        annotator.astype(np.int32),
        label.astype(np.int32),
        ITEMS,
        ANNOTATORS,
        CLASSES,
    )


def with_votes(given, rows=slice(None), annotator=None):
    who = given.annotator if annotator is None else annotator
    return Votes(
        given.item[rows],
        who[rows],
        given.label[rows],
        *(given.items, given.annotators, given.classes),
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
    other = Votes(
        given.item, given.annotator, names[given.label], ITEMS, ANNOTATORS, CLASSES
    )
    beliefs, again = (aggregators.get(name)(v)[0] for v in (given, other))
    assert np.allclose(beliefs, again[:, names])


@every
@pytest.mark.parametrize("sizes", [(0, 0, 0), (5, 0, 0), (5, 2, 3)])
def test_no_votes_at_all(name, sizes):
    none = np.empty(0, np.int32)
    beliefs, _ = aggregators.get(name)(Votes(none, none, none, *sizes))
    assert beliefs.shape == (sizes[0], sizes[2])
    assert (beliefs == 0).all()


@every
def test_the_folder_says_what_each_is(name):
    assert len(aggregators.summary(name)) > 10
    assert aggregators.get(name).__name__ == name.replace("-", "_")
