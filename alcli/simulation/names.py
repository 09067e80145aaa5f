"""Plug-ins by a name that brings its parameters with it: `cnn,filters=64`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from alcli import models
from alcli.aggregators import Informed, aggregators
from alcli.core.errors import UsageError
from alcli.core.params import defaults, named, parse
from alcli.core.report import sha256_of
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


def coded(runs: Iterable[Run], settings: Settings) -> list[Run]:
    """Return runs that know the code of the user's own files which they use.

    Raises:
        UsageError: there is no such file.
    """
    return [
        replace(run, code=_code(run.strategy, run.start, run.arch, settings.aggregate))
        for run in runs
    ]


def _code(*names: str) -> str:
    files = [file for file, _, _ in (named(name)[0].rpartition(":") for name in names)]
    own = [_digest(file) for file in files if file.endswith(".py")]
    return hashlib.sha256("".join(own).encode()).hexdigest()[:16] if own else ""


def _digest(file: str) -> str:
    if (found := sha256_of(file)) is None:
        raise UsageError(f"{file}: no such Python file")
    return found


def strategy(text: str) -> tuple[str, Strategy, dict[str, Any]]:
    """Return a strategy's own name, the strategy, and its parameters."""
    name, pairs = named(text)
    found = lookup(name)
    if "votes" in found.needs:
        raise UsageError(f"{name} asks again; a simulation asks for each record once")
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
