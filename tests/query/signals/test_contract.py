"""Contract of every signal in the folder, new ones included."""

import inspect
from dataclasses import fields, replace

import numpy as np
import pytest

from alcli.models.families import Prediction
from alcli.query.signals import SignalRequest, signals
from tests.query.signals.opinions import arrays, found, opinions, value

every = pytest.mark.parametrize("name", signals.names())
OF_CLASSES = {"probs", "member_probs"}  # the last axis of which is the classes


def changed(prediction, change):
    arrays = {f.name: getattr(prediction, f.name) for f in fields(Prediction)}
    return Prediction(
        **{k: v if v is None else change(k, v) for k, v in arrays.items()}
    )


@every
@pytest.mark.parametrize("classes", [2, 3, 50])
@pytest.mark.parametrize("n", [0, 1, 60])
def test_signal_is_a_finite_number_for_each_record(name, rng, classes, n):
    values = value(name, opinions(rng, n=n, classes=classes))

    assert values.shape == (n,)
    assert np.isfinite(values).all()
    assert (values >= 0).all()


@every
def test_signal_does_not_depend_on_other_records(name, rng):
    prediction = opinions(rng)
    whole = value(name, prediction)
    for rows in (rng.permutation(60), np.arange(20, 40), [5]):
        part = changed(
            prediction,
            lambda k, v, rows=rows: v[:, rows] if k == "member_probs" else v[rows],
        )
        assert value(name, part).tolist() == whole[rows].tolist()


@every
def test_signal_does_not_depend_on_the_order_of_classes(name, rng):
    prediction = opinions(rng, classes=7)
    order = rng.permutation(7)
    other = changed(prediction, lambda k, v: v[..., order] if k in OF_CLASSES else v)

    assert value(name, other).tolist() == value(name, prediction).tolist()


@every
def test_signal_does_not_depend_on_the_order_of_members(name, rng):
    prediction = opinions(rng)
    other = replace(prediction, member_probs=prediction.member_probs[::-1])

    np.testing.assert_allclose(
        value(name, other), value(name, prediction), rtol=1e-6, atol=1e-12
    )


@pytest.mark.parametrize("name", ["bald", "kl", "vote-entropy", "variation-ratio"])
def test_disagreement_of_equal_members_is_zero(name, rng):
    values = value(name, opinions(rng))

    np.testing.assert_allclose(values[:9], 0, atol=1e-12)
    assert (values[9:] > 0).all()


@every
def test_inputs_are_not_modified(name, rng):
    before = arrays(name, opinions(rng))
    after = [array.copy() for array in before]
    found(name)(*after)

    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@every
def test_plugin_is_documented(name):
    assert len(signals.summary(name)) > 10
    assert inspect.getdoc(found(name)).startswith("Return ")
    assert set(found(name).needs) <= {field.name for field in fields(Prediction)}


@every
def test_a_signal_has_the_name_of_its_file_or_is_another_name_of_one(name):
    assert signals.get(found(name).__name__) is found(name)


def test_kl_is_another_name_of_bald(rng):
    prediction = opinions(rng)
    names = [name for name in signals.names() if found(name).__name__ != name]

    assert found("kl") is found("bald")
    assert {name for name in names if "-" not in name} == {"kl"}
    assert value("kl", prediction).tolist() == value("bald", prediction).tolist()


def test_several_signals_are_computed_from_one_prediction(rng):
    prediction = opinions(rng)
    asked = SignalRequest(signals.names())
    answers = asked(prediction)

    assert list(answers) == [name.replace("-", "_") for name in signals.names()]
    for name in signals.names():
        values = answers[name.replace("-", "_")]
        np.testing.assert_array_equal(values, value(name, prediction).astype("f4"))
