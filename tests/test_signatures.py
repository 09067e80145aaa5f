"""Signatures of public functions: keywords for editors, as in the settings."""

import inspect
from dataclasses import fields

import pytest

import alcli
from alcli.data.settings import SplitSettings
from alcli.features.settings import TopicSettings
from alcli.text.settings import CleaningSettings, NormalisationSettings


@pytest.mark.parametrize(
    ("name", "settings", "missing"),
    [
        ("normalize", NormalisationSettings, set()),
        ("clean", CleaningSettings, set()),
        ("split", SplitSettings, set()),
        ("topics", TopicSettings, {"load", "words"}),  # of files
    ],
)
def test_the_keywords_of_a_function_are_its_settings(name, settings, missing):
    parameters = inspect.signature(getattr(alcli, name)).parameters
    defaults = {
        p.name: p.default
        for p in parameters.values()
        if p.kind is p.KEYWORD_ONLY and p.name != "vectors"
    }
    expected = {
        field.name: field.default
        for field in fields(settings)
        if field.name not in missing | {"vectors"}
    }
    assert {k: v or None for k, v in defaults.items()} == {
        k: v or None for k, v in expected.items()
    }
    assert len(parameters) <= 8
    assert all(p.annotation is not p.empty for p in parameters.values())


def test_an_unknown_keyword_is_refused_at_the_call():
    for function in (alcli.normalize, alcli.clean):
        with pytest.raises(TypeError, match="langauge"):
            function([], langauge="any")
    with pytest.raises(TypeError, match="strata"):
        alcli.split([], {}, strata="label")
