"""Signals, against their definitions computed term by term."""

from dataclasses import replace
from math import log, sqrt

import numpy as np
import pytest

from alcli.core.errors import BadParameter, UnknownName, UsageError
from alcli.query.scoring.signals_writer import splice_signals
from alcli.query.signals import SignalRequest
from tests.query.signals.opinions import opinions, value


def plain_entropy(p):
    return -sum(x * log(x) for x in p if x > 0)


def by_bald(stack):  # the mutual information of label and member, from their joint
    m = len(stack)
    total = 0.0
    for c in range(len(stack[0])):
        p_c = sum(p[c] for p in stack) / m
        total += sum(p[c] / m * log(p[c] / m / (p_c / m)) for p in stack if p[c] > 0)
    return total


def by_kl(stack):
    m, classes = len(stack), range(len(stack[0]))
    mean = [sum(p[c] for p in stack) / m for c in classes]
    return sum(
        sum(p[c] * log(p[c] / mean[c]) for c in classes if p[c] > 0) / m for p in stack
    )


def by_consensus_entropy(stack):
    m = len(stack)
    return plain_entropy([sum(p[c] for p in stack) / m for c in range(len(stack[0]))])


def ballots(stack):
    found = [0] * len(stack[0])
    mean = np.mean(stack, axis=0)
    for p in stack:
        best = [c for c in range(len(p)) if p[c] == max(p)]
        found[max(best, key=lambda c: mean[c])] += 1
    return found


def by_vote_entropy(stack):
    return plain_entropy([votes / len(stack) for votes in ballots(stack)])


def by_variation_ratio(stack):
    return 1 - max(ballots(stack)) / len(stack)


OF_STACKS = {
    "bald": by_bald,
    "kl": by_kl,
    "consensus-entropy": by_consensus_entropy,
    "vote-entropy": by_vote_entropy,
    "variation-ratio": by_variation_ratio,
}


@pytest.mark.parametrize("name", OF_STACKS)
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("members", [2, 7])
def test_signals_of_members_equal_their_definitions(name, rng, classes, members):
    prediction = opinions(rng, members=members, classes=classes)
    slowly = [
        OF_STACKS[name](prediction.member_probs[:, row].astype(float).tolist())
        for row in range(60)
    ]

    np.testing.assert_allclose(value(name, prediction), slowly, atol=1e-7)


@pytest.mark.parametrize("name", ["bald", "kl"])
def test_members_that_agree_have_no_information(name, rng):
    prediction = opinions(rng, members=3)
    equal = np.stack([prediction.member_probs[0]] * 3)

    assert not value(name, replace(prediction, member_probs=equal)).any()


def test_tied_member_votes_with_the_others():
    stack = np.array([[[0.5, 0.5, 0]], [[0, 0.5, 0.5]], [[0.1, 0.8, 0.1]]])
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert OF_STACKS["vote-entropy"](stack[:, 0][:, order].tolist()) == 0
        from alcli.numerics.votes import count_votes

        assert count_votes(stack[..., order]).max() == 3


def test_numbers_have_their_shortest_form():
    lines = [b'{"id":1}', b'{"id":2, "x":"%s"}']
    found = {
        "bald": np.array([0.1, 1e-9], np.float32),
        'odd "%d': np.array([0, 123456.7], np.float32),
    }

    assert splice_signals(lines, found) == [
        b'{"id":1,"signals":{"bald":0.1,"odd \\"%d":0.0}}',
        b'{"id":2, "x":"%s","signals":{"bald":1e-09,"odd \\"%d":123456.7}}',
    ]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (["bold"], UnknownName, "bald, .*vote-entropy"),
        (["bald,passes=3"], BadParameter, "no parameter 'passes'; choose from: none"),
        (["kl", "kl"], UsageError, "--signal kl: repeated"),
    ],
)
def test_invalid_requests_are_an_error(asked, error, said):
    with pytest.raises(error, match=said):
        SignalRequest(asked)


MINE = """
def doubt(probs, *, power=1):
    return (1 - probs.max(axis=1)) ** power

def short(probs):
    return probs[:1, 0]

def endless(probs):
    return probs[:, 0] + 1e300
"""


def test_function_of_a_file_is_a_signal_of_the_probs(rng, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    prediction = opinions(rng)
    asked = SignalRequest([f"{tmp_path}/mine.py:doubt,power=2"])

    assert asked.needs == {"probs"}
    np.testing.assert_allclose(
        asked(prediction)["doubt"], (1 - prediction.probs.max(axis=1)) ** 2, rtol=1e-6
    )
    for wrong in ("short", "endless"):
        with pytest.raises(BadParameter, match=f"{wrong} must return finite numbers"):
            SignalRequest([f"{tmp_path}/mine.py:{wrong}"])(prediction)


def by_egl(p, h):
    fed = sqrt(sum(x * x for x in h) + 1)
    found = 0.0
    for c in range(len(p)):
        away = [p[k] - (k == c) for k in range(len(p))]
        found += p[c] * sqrt(sum(x * x for x in away)) * fed
    return found


@pytest.mark.parametrize("classes", [2, 5])
def test_signals_of_the_last_layer_equal_their_definitions(rng, classes):
    prediction = opinions(rng, classes=classes)
    rows = list(
        zip(
            prediction.probs.astype(float).tolist(),
            prediction.vectors.astype(float).tolist(),
            strict=True,
        )
    )
    lengths = np.array([by_egl(p, h) for p, h in rows])
    doubts = np.array([plain_entropy(p) for p, _ in rows])

    np.testing.assert_allclose(value("egl", prediction), lengths, atol=1e-6)
    for share in (0.0, 0.5, 0.9, 1.0):
        np.testing.assert_allclose(
            value("egl-entropy", prediction, share=share),
            doubts**share * lengths ** (1 - share),
            atol=1e-6,
        )
    with pytest.raises(BadParameter, match=r"share=2\.0: expected 0 to 1"):
        value("egl-entropy", prediction, share=2.0)


def test_egl_word_is_the_largest_norm_of_a_word():
    from alcli.query.signals.egl_word import egl_word

    slopes = np.array([[0.1, 0.5, 0.2], [0.3, 0, 0], [0, 0, 0]])

    assert egl_word(slopes).tolist() == [0.5, 0.3, 0]
