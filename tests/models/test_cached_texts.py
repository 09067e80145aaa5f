"""Cached texts of linear models: predictions are those of other texts."""

import numpy as np
import pytest

from alcli.models.families import LabelledTexts, load_family
from alcli.models.settings import TrainingSettings

TEXTS = ["خوب بود", "بد بود", "a b", "b خوب", "بد", "a", "خوب a", ""]
TARGETS = np.array([0, 1, 1, 0, 1, 1, 0, 0])


@pytest.fixture
def linear():
    """Return two models, fitted alike; the second has cached its texts."""
    family = load_family("linear")
    params = family.defaults("logreg") | {"min_count": 1, "components": 3}
    fitted = []
    for cached in (False, True):
        start = family.new("logreg", ["x", "y"], TEXTS, params, seed=0)
        if cached:
            start.cache_texts(TEXTS)
        data = LabelledTexts(TEXTS, TARGETS, np.ones(len(TEXTS)))
        fitted.append(family.fit(start, data, None, TrainingSettings()).learner)
    return fitted


@pytest.mark.parametrize("want", [(), ("vectors", "last_layer_norm")])
@pytest.mark.parametrize("texts", [TEXTS[::-1], TEXTS[2:5], ["new", "a b"], []])
def test_predictions_of_cached_texts_are_the_same(linear, texts, want):
    plain, cached = (model.predict(texts, want) for model in linear)

    assert plain.probs.tolist() == cached.probs.tolist()
    for name in want:
        np.testing.assert_array_equal(getattr(plain, name), getattr(cached, name))
