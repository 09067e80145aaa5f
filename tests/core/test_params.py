"""`--set key=value`, by the signature of the plug-in."""

from dataclasses import dataclass

import pytest

from alcli.core.errors import BadParameter
from alcli.core.params import defaults, parse, shared_params


def plugin(
    scored, plain=1, *, n=3, share=0.5, fast=False, name="x", widths=(3, 4), must
): ...


KNOWN = defaults(plugin)


def test_parameters_are_those_with_a_default():
    assert list(KNOWN) == ["plain", "n", "share", "fast", "name", "widths"]


@dataclass(frozen=True)
class OvenParams:
    heat: int = 180
    fan: bool = True


def test_shared_parameters_reach_the_plugin_as_one_value():
    @shared_params(OvenParams)
    def bake(dough, *, hours=1, params):
        return dough, hours, params

    assert defaults(bake) == {"hours": 1, "heat": 180, "fan": True}
    assert bake("rye", hours=2, heat=90) == ("rye", 2, OvenParams(heat=90))
    with pytest.raises(TypeError, match="salt"):
        bake("rye", salt=1)


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("n=-5", -5),
        ("share=1", 1.0),
        ("share=1e-3", 0.001),
        ("fast=true", True),
        ("fast=False", False),
        ("name=5", "5"),
        ("name=a=b", "a=b"),
        ("name=", ""),
        ("widths=2", (2,)),
        ("widths=2,3,4", (2, 3, 4)),
        ("widths=(2, 3)", (2, 3)),
    ],
)
def test_values_have_the_type_of_the_default(pair, value):
    found = parse([pair], KNOWN)[pair.partition("=")[0]]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("n", "--set n: expected KEY=VALUE"),
        ("m=1", "no parameter 'm'; choose from: plain, n, share, fast"),
        ("n=1.5", "n=1.5: expected int, e.g. n=3"),
        ("n=x", "n=x: expected int"),
        ("n=True", "n=True: expected int"),
        ("n=", "n=: expected int"),
        ("fast=1", "fast=1: expected bool"),
        ("share=half", "share=half: expected float, e.g. share=0.5"),
        ("widths=x", "widths=x: expected tuple, e.g. widths=3,4"),
        ("n=__import__('os')", "expected int"),
    ],
)
def test_other_values_are_refused_with_an_example(pair, says):
    with pytest.raises(BadParameter) as caught:
        parse([pair], KNOWN)
    assert says in str(caught.value)


def test_the_summary_of_a_plugin_without_parameters():
    with pytest.raises(BadParameter, match="no parameter 'k'; choose from: none"):
        parse(["k=1"], defaults(lambda scored: scored))


def test_the_last_value_of_a_key_holds():
    assert parse(["n=1", "share=0.1", "n=2"], KNOWN) == {"n": 2, "share": 0.1}


@pytest.mark.parametrize("text", ["1e400", "-1e999"])
def test_numbers_that_are_not_finite_are_refused(text):
    with pytest.raises(BadParameter, match=r"x=.*: expected a finite number"):
        parse([f"x={text}"], {"x": 1.0})
