"""Plug-ins by a name that brings its parameters with it: `cnn,filters=64`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from alcli.annotation.aggregators import Informed, aggregators
from alcli.core.errors import UsageError
from alcli.core.params import defaults, parse, split_spec
from alcli.core.report import log, sha256_of
from alcli.models import architectures
from alcli.models.families import family
from alcli.query.selection.batch_context import BESIDE
from alcli.query.strategies import Strategy, lookup
from alcli.simulation.plan import Run, Settings

PER_CLASS = "per-class"  # a start that no strategy chooses: it looks at the labels


def check(runs: Iterable[Run], settings: Settings) -> None:
    """Refuse names and parameters that there are not, before a record is read.

    Raises:
        UsageError: and so do all others here.
    """
    runs = list(runs)
    aggregator(settings.aggregate)
    for name in {run.strategy for run in runs if run.strategy}:
        strategy(name)
    for name in {run.start for run in runs if run.start}:
        _check_start(name)
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
    files = [
        file for file, _, _ in (split_spec(name)[0].rpartition(":") for name in names)
    ]
    own = [_digest(file) for file in files if file.endswith(".py")]
    return hashlib.sha256("".join(own).encode()).hexdigest()[:16] if own else ""


def _digest(file: str) -> str:
    if (found := sha256_of(file)) is None:
        raise UsageError(f"{file}: no such Python file")
    return found


def strategy(text: str) -> tuple[str, Strategy, dict[str, Any]]:
    """Return a strategy's own name, the strategy, and its parameters."""
    name, pairs = split_spec(text)
    found = lookup(name)
    if "votes" in found.needs:
        raise UsageError(f"{name} asks again; a simulation asks for each record once")
    return name, found, parse(pairs, defaults(found))


def per_class(text: str) -> int:
    """Return K of the start `per-class=K`; of a strategy 0."""
    name, _, number = text.partition("=")
    if name != PER_CLASS:
        return 0
    if not (number.isascii() and number.isdigit() and int(number)):
        raise UsageError(f"--start {text}: expected {PER_CLASS}=K, such as 100")
    return int(number)


def _check_start(name: str) -> None:
    if per_class(name):
        return
    _, found, _ = strategy(name)
    if set(found.needs) - BESIDE:  # what only a model says
        log.warning(
            "--start %s goes by an untrained model, which is as good as random; "
            "--start %s=K takes K records of each class",
            name,
            PER_CLASS,
        )


def architecture(text: str) -> tuple[str, str, dict[str, Any]]:
    """Return an architecture's own name, its family, and the parameters."""
    name, pairs = split_spec(text)
    kind = architectures.family_of(name)
    return name, kind, parse(pairs, family(kind).defaults(name))


def aggregator(text: str) -> partial[Any]:
    """Return an aggregator with its parameters."""
    name, pairs = split_spec(text)
    found = aggregators.get(name)
    if isinstance(found, Informed):
        raise UsageError(f"--aggregate {name} needs `probs`, which no round keeps")
    return partial(found, **parse(pairs, defaults(found)))
