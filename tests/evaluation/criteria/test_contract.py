"""Contract of every criterion in the folder; new ones are tested without a change."""

import base64
import copy
import json
import math
from itertools import islice

import pytest

from alcli.core.errors import BadParameter, InputError
from alcli.core.params import defaults
from alcli.evaluation.criteria import criteria
from alcli.evaluation.criterion import Verdict, load_criterion, parse_criterion
from tests.evaluation.criteria.made import made

BUDGETS = {"labels", "rounds", "seconds"}  # which say nothing of a model
EAGER = {  # where the defaults stop no random curve
    "labels": "labels=10",
    "rounds": "rounds=1",
    "seconds": "seconds=1",
    "no-new-find": "no-new-find=2",
    "stabilising-predictions": "stabilising-predictions=0.9",
    "overall-uncertainty": "overall-uncertainty=0.5",
    "max-uncertainty": "max-uncertainty=0.99",
    "expected-error": "expected-error=0.5",
    "delta-f": "delta-f=0.9",
    "score-variance": "score-variance=1",
}
every = pytest.mark.parametrize("name", criteria.names())
NEEDS = {
    "classification-change": {"stop_set", "confusion"},
    "confidence-drop": {"stop_set"},
    "confidence-variance": {"stop_set"},
    "delta-f": {"stop_set", "confusion"},
    "expected-error": {"stop_set"},
    "labels": set(),
    "max-uncertainty": {"stop_set", "confusion"},
    "no-new-find": {"batch"},
    "overall-uncertainty": {"stop_set", "confusion"},
    "performance-drop": {"metrics"},
    "plateau": {"metrics"},
    "rounds": set(),
    "score-variance": {"metrics"},
    "seconds": {"seconds"},
    "selected-accuracy": {"batch"},
    "stabilising-predictions": {"stop_set", "confusion"},
}
REMEDIES = {
    "metrics": "alcli evaluate",
    "confusion": "alcli evaluate",
    "batch": "evaluate --batch",
    "stop_set": "evaluate --stop-set",
    "seconds": "alcli evaluate",
}


@every
def test_the_verdict_is_plain_and_ready_for_json(name):
    for seed in range(10):
        whole = made(seed).curve
        for rounds in range(len(whole) + 1):
            verdict = load_criterion(name)(whole[:rounds])
            assert isinstance(verdict, Verdict)
            assert type(verdict.stop) is bool
            assert type(verdict.value) in (int, float, type(None))
            assert type(verdict.threshold) in (int, float)
            assert verdict.value is None or math.isfinite(verdict.value)
            assert json.loads(json.dumps(verdict)) == list(verdict)


@every
def test_a_verdict_without_a_value_does_not_stop(name):
    for seed in range(10):
        whole = made(seed).curve
        for rounds in range(len(whole) + 1):
            verdict = load_criterion(name)(whole[:rounds])
            assert verdict.value is not None or not verdict.stop


@every
def test_an_empty_curve_never_stops(name):
    assert not load_criterion(name)([]).stop


@every
def test_equal_curves_have_equal_verdicts_and_are_not_modified(name):
    whole = made(1).curve
    before = copy.deepcopy(whole)
    verdict = load_criterion(name)(whole)

    assert whole == before
    assert load_criterion(name)(tuple(before)) == verdict
    assert load_criterion(name)(json.loads(json.dumps(before))) == verdict


@every
@pytest.mark.parametrize("rows", [(0,), (13,), range(14)], ids=["first", "last", "all"])
def test_a_missing_field_is_an_error_that_names_round_and_remedy(name, rows):
    for part, remedy in REMEDIES.items():
        whole = made(2).curve
        verdict = load_criterion(name)(whole)
        for row in rows:
            del whole[row][part]
        if part in NEEDS[name]:
            said = rf"^round {rows[0] + 1} \(\d+ labels\) has no \"{part}\"; .*{remedy}"
            with pytest.raises(InputError, match=said):
                load_criterion(name)(whole)
        else:
            assert load_criterion(name)(whole) == verdict


@every
def test_an_invalid_field_is_an_error_that_names_the_round(name):
    for part in REMEDIES:
        for wrong in ("x", [1], {"n": "many"}, 5, True):
            whole = made(3).curve
            whole[-1][part] = wrong
            if part in NEEDS[name]:
                said = rf"^round 14 \(140 labels\): \"{part}\""
                with pytest.raises(InputError, match=said):
                    load_criterion(name)(whole)
            else:
                load_criterion(name)(whole)


@pytest.mark.parametrize("name", [n for n in NEEDS if "stop_set" in NEEDS[n]])
@pytest.mark.parametrize("place", [1, 6, 13])
def test_another_stop_set_in_the_middle_is_an_error_that_names_the_rounds(name, place):
    whole = made(4).curve
    for record in whole[place:]:
        record["stop_set"]["ids"] = "other"
    said = (
        rf"^round {place + 1} \({10 * place + 10} labels\) has another stop set than "
        rf"round {place} \({10 * place} labels\)"
    )

    with pytest.raises(InputError, match=said):
        load_criterion(name)(whole)


@every
def test_the_value_of_a_name_is_its_first_parameter(name):
    known = defaults(load_criterion(name))
    first, value = next(iter(known.items()))
    whole = made(5).curve

    assert parse_criterion(f"{name}={value}")(whole) == load_criterion(name)(whole)
    assert parse_criterion(f"{name},{first}={value}")(whole) == load_criterion(name)(
        whole
    )


@every
def test_numbers_below_zero_are_refused_before_there_is_a_curve(name):
    known = defaults(load_criterion(name))
    if name == "plateau":
        del known["epsilon"]  # to have lost so much
    for parameter, value in known.items():
        if not isinstance(value, str):
            with pytest.raises(BadParameter, match=f"{parameter}=-1"):
                parse_criterion(f"{name},{parameter}=-1")([])


def stops(name):
    """Yield a criterion and curves that it stops, with rounds that may be changed."""
    criterion = parse_criterion(EAGER.get(name, name))
    curves = (
        curve[:rounds]
        for curve in (made(seed).curve for seed in range(20))
        for rounds in range(1, len(curve) + 1)
        if criterion(curve[:rounds]).stop
    )
    found = list(islice(curves, 10))
    yield from ((criterion, copy.deepcopy(curve)) for curve in found)
    assert found, f"{name} stops no curve: name parameters in EAGER"


def untrained(record):
    record["epochs"] = 0


def one_class_on_test(record):
    labels = record["confusion"]["labels"]
    record["confusion"]["matrix"] = [[3] + [0] * (len(labels) - 1) for _ in labels]


def one_class_on_stop_set(record):
    packed = base64.b64encode(bytes(record["stop_set"]["n"])).decode()
    record["stop_set"]["pred"] = packed


def heeds(name, change):
    """Check whether a criterion waits after such a change of a round."""
    if name in BUDGETS:
        return False
    if name == "no-new-find":  # a rare class may not be predicted, and yet be found
        return change is untrained
    return change is not one_class_on_stop_set or "stop_set" in NEEDS[name]


changes = pytest.mark.parametrize(
    "change", [untrained, one_class_on_test, one_class_on_stop_set]
)


@every
@changes
def test_only_budgets_stop_while_the_model_has_learnt_nothing(name, change):
    for criterion, curve in stops(name):
        change(curve[-1])
        assert criterion(curve).stop is not heeds(name, change)


@every
@changes
def test_rounds_in_which_nothing_was_learnt_begin_no_window(name, change):
    for criterion, curve in stops(name):
        before = criterion(curve)
        for place in range(len(curve)):
            changed = copy.deepcopy(curve)
            change(changed[place])
            later = criterion(curve[place + 1 :])
            assert criterion(changed) == (later if heeds(name, change) else before)


@every
def test_a_model_that_was_trained_and_predicts_two_classes_is_judged(name):
    for criterion, curve in stops(name):
        for record in curve:
            labels = record["confusion"]["labels"]
            record["epochs"] = 1
            record["confusion"]["matrix"] = [[2, 1, 0]] * len(labels)
        assert criterion(curve).stop
