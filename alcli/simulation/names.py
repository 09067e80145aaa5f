"""Plug-ins by a name that brings its parameters with it: `cnn,filters=64`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from alcli import models
from alcli.aggregators import Informed, aggregators
from alcli.core.errors import UsageError
from alcli.core.params import defaults, named, parse
from alcli.learners import family
from alcli.simulation.plan import Run, Settings
from alcli.strategies import Strategy, lookup


def check(runs: Iterable[Run], settings: Settings) -> None:
    """Refuse names and parameters that there are not, before a record is read.

    Raises:
        UsageError: and so do all others here.
    """
    runs = list(runs)
    aggregator(settings.aggregate)
    for name in {name for run in runs for name in (run.strategy, run.start) if name}:
        strategy(name)
    for name in {run.arch for run in runs}:
        architecture(name)


def strategy(text: str) -> tuple[str, Strategy, dict[str, Any]]:
    """Return a strategy's own name, the strategy, and its parameters."""
    name, pairs = named(text)
    found = lookup(name)
    return name, found, parse(pairs, defaults(found))


def architecture(text: str) -> tuple[str, str, dict[str, Any]]:
    """Return an architecture's own name, its family, and the parameters."""
    name, pairs = named(text)
    kind = models.family_of(name)
    return name, kind, parse(pairs, family(kind).defaults(name))


def aggregator(text: str) -> partial[Any]:
    """Return an aggregator with its parameters."""
    name, pairs = named(text)
    found = aggregators.get(name)
    if isinstance(found, Informed):
        raise UsageError(f"--aggregate {name} needs `probs`, which no round keeps")
    return partial(found, **parse(pairs, defaults(found)))
