"""Family of linear models on TF-IDF n-grams: quick to fit, strong on few labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from alcli.core.log import log
from alcli.core.params import check_range
from alcli.core.params import defaults as defaults_of
from alcli.features.svd import TruncatedSvd
from alcli.features.tfidf import Tfidf
from alcli.models import architectures
from alcli.models.architectures.linear import INPUT, NGRAMS, LinearArchitecture
from alcli.models.families import FitResult, LabelledTexts
from alcli.models.families.linear_learner import LinearLearner
from alcli.models.settings import TrainingSettings

EPOCHS = None  # not fitted by epochs
PACKAGES = ("numpy", "scipy", "scikit-learn")
load = LinearLearner.load


def defaults(arch: str) -> dict[str, Any]:
    """Return the parameters of the features and of the architecture, with defaults."""
    own = {
        k: v for k, v in defaults_of(architectures.get(arch)).items() if k != "classes"
    }
    return INPUT | own


def new(
    arch: str,
    labels: Sequence[str],
    corpus: Sequence[str],
    params: Mapping[str, Any],
    *,
    seed: int,
) -> LinearLearner:
    """Return an unfitted learner, under which all classes are equally probable.

    corpus: texts for the n-grams and their IDF. params: as in `defaults`. seed: unused.

    Raises:
        BadParameter: a parameter is out of range.
        InputError: the corpus has no frequent n-gram.
    """
    width = params["components"]
    check_range(width >= 0, "components", width, "0 or more")
    tfidf = Tfidf.fit(corpus, **{name: params[name] for name in NGRAMS})
    model: LinearArchitecture = architectures.get(arch)  # type: ignore[assignment]
    arrays = model.unfitted(len(tfidf), len(labels))
    svd = TruncatedSvd.of(tfidf, corpus, width)
    return LinearLearner(arch, [*labels], {**params}, tfidf, svd, model, arrays)


def add_classes(
    start: LinearLearner, labels: Sequence[str], *, seed: int
) -> LinearLearner:
    """Return a copy of a learner with more classes; the new ones are unfitted."""
    arrays = dict(start.model.unfitted(len(start.tfidf), len(labels)))
    for name, old in start.arrays.items():
        arrays[name][..., : old.shape[-1]] = old  # the last axis is that of classes
    return replace(start, labels=[*labels], arrays=arrays)


def fit(
    start: LinearLearner,
    data: LabelledTexts,
    held: LabelledTexts | None,
    settings: TrainingSettings,
) -> FitResult:
    """Fit a model on the start's features; the start's weights are not used.

    held: texts for the validation accuracy. settings: unused, the fit has no epochs and
    is deterministic.
    """
    own = {k: v for k, v in start.params.items() if k not in INPUT}
    arrays = start.model(
        start.tfidf.transform(data.texts),
        data.targets,
        data.weights,
        classes=len(start.labels),
        **own,
    )
    fitted = replace(start, arrays=arrays)
    history: dict[str, float] = {"epoch": 1}
    message = f"{start.arch}: {len(data.texts):,} records"
    if held:
        probs = fitted.predict(held.texts).probs
        hits = probs.argmax(axis=1) == held.targets
        history["validation_accuracy"] = round(float(hits.mean()), 6)
        message += f", validation accuracy {hits.mean():.4f}"
    log.info("%s", message)
    return FitResult(fitted, [history])
