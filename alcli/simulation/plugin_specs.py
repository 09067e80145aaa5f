"""Plug-in specifications: a name with its parameters, such as `cnn,filters=64`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from alcli.annotation.aggregators import ModelAware, aggregators
from alcli.core.errors import UsageError
from alcli.core.log import log
from alcli.core.params import defaults, parse, split_spec
from alcli.core.report import sha256_of
from alcli.evaluation.criterion import parse_criterion
from alcli.models import architectures
from alcli.models.families import load_family
from alcli.query.strategies import POOL_LEVEL_NEEDS, Strategy, lookup
from alcli.simulation.plan import RunSpec
from alcli.simulation.settings import SimulationSettings

# a start set that no strategy could select: it uses gold labels
PER_CLASS = "per-class"


def check_plugin_specs(settings: SimulationSettings) -> None:
    """Validate all names and parameters, before any record is read.

    Raises:
        UsageError: a name or a parameter is unknown, here and in every function below.
    """
    parse_aggregator(settings.aggregate)
    for criterion in settings.until:
        parse_criterion(criterion)([])
    for strategy in settings.strategies:
        parse_strategy(strategy)
    for start in settings.starts:
        _check_start(start)
    for arch in settings.archs:
        parse_architecture(arch)


def with_code_hash(
    runs: Iterable[RunSpec], settings: SimulationSettings
) -> list[RunSpec]:
    """Return the runs with `code` set: a hash of the user's plug-in files.

    Raises:
        UsageError: a file does not exist.
    """
    aggregate = settings.aggregate
    return [
        replace(run, code=_code_hash(run.strategy, run.start, run.arch, aggregate))
        for run in runs
    ]


def _code_hash(*names: str) -> str:
    files = [
        file for file, _, _ in (split_spec(name)[0].rpartition(":") for name in names)
    ]
    own = [_file_hash(file) for file in files if file.endswith(".py")]
    return hashlib.sha256("".join(own).encode()).hexdigest()[:16] if own else ""


def _file_hash(file: str) -> str:
    if (found := sha256_of(file)) is None:
        raise UsageError(f"{file}: no such Python file")
    return found


def parse_strategy(text: str) -> tuple[str, Strategy, dict[str, Any]]:
    """Return the name of a strategy, the strategy, and its parameters."""
    name, pairs = split_spec(text)
    found = lookup(name)
    if "votes" in found.needs:
        raise UsageError(
            f"{name} relabels records; a simulation labels each record once"
        )
    return name, found, parse(pairs, defaults(found))


def parse_per_class(text: str) -> int:
    """Return K of `per-class=K`, or 0 for the name of a strategy."""
    name, _, number = text.partition("=")
    if name != PER_CLASS:
        return 0
    if not (number.isascii() and number.isdigit() and int(number)):
        raise UsageError(f"--start {text}: expected {PER_CLASS}=K, such as 100")
    return int(number)


def _check_start(name: str) -> None:
    if parse_per_class(name):
        return
    _, found, _ = parse_strategy(name)
    if set(found.needs) - POOL_LEVEL_NEEDS:  # needs that only a model can meet
        log.warning(
            "--start %s uses an untrained model and is no better than random; use "
            "--start %s=K for K records of each class",
            name,
            PER_CLASS,
        )


def parse_architecture(text: str) -> tuple[str, str, dict[str, Any]]:
    """Return the name of an architecture, its family, and its parameters."""
    name, pairs = split_spec(text)
    kind = architectures.family_of(name)
    return name, kind, parse(pairs, load_family(kind).defaults(name))


def parse_aggregator(text: str) -> partial[Any]:
    """Return an aggregator with its parameters bound."""
    name, pairs = split_spec(text)
    found = aggregators.get(name)
    if isinstance(found, ModelAware):
        raise UsageError(f"--aggregate {name} needs `probs`, which no round keeps")
    return partial(found, **parse(pairs, defaults(found)))
