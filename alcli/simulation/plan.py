"""Plan of a simulation: its runs, and the settings that they share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any, Literal

from alcli.core.params import split_spec
from alcli.evaluation.comparison.runs import VERSION
from alcli.models.settings import CLASS_WEIGHTS

PAPER, STRONG = "paper", "strong"
STRONG_ARCH = "logreg"  # always among the strong baselines
EARLY_STOPPING = {"epochs": 30, "patience": 3}
HELD_OUT = 0.1  # for early stopping, where the loop holds nothing out


@dataclass(frozen=True)
class RunSpec:
    """Specification of a run: one loop, or one training on the whole pool (baseline).

    Names may have parameters: `cnn,filters=64`. All runs of one seed share test set,
    start set and initial weights, whatever their strategies.
    """

    arch: str
    seed: int
    strategy: str = ""
    n: int = 0  # batch size
    start: str = ""  # strategy of the start set, or per-class=K
    baseline: str = ""  # PAPER: as the loop trains; STRONG: with early stopping
    class_weight: str = ""  # of a strong baseline; "": that of the settings
    code: str = ""  # hash of the user's plug-in files

    @property
    def setup_key(self) -> tuple[str, int]:
        """Key of the `Setup`, shared by runs of one architecture and seed."""
        return self.arch, self.seed

    def __str__(self) -> str:
        what = f"{self.baseline} baseline" if self.baseline else self.strategy
        what += f", class weight {self.class_weight}" if self.class_weight else ""
        size = f", n {self.n}" if self.n else ""
        return f"{what}, {self.arch}, seed {self.seed}{size}"


@dataclass(frozen=True)
class Settings:
    """Settings shared by all runs.

    Attributes:
        input: field that models read.
        test: size of the held-out test set, a number or a share; None: a separate one.
        stop: size of the stop set, a part of the pool.
        start: size of the start set; None: the batch size.
        noise: share of wrong answers of each annotator.
        aggregate: aggregator of votes, with parameters.
        newest: position of the newest labels in the training set.
        validation: held-out share of the labelled records, or `tail=SHARE`.
        class_weight, calibrate: options of `alcli train`.
        fitting: fields of `FitOptions`.
        until: stopping criteria; the first met one ends a run.
    """

    input: str = "tokens"
    test: float | None = None
    stop: int = 0
    start: int | None = None
    noise: Sequence[float] = (0.0,)
    aggregate: str = "majority"
    newest: Literal["first", "last"] = "first"
    validation: str | float | None = None
    class_weight: str = "capped"
    calibrate: str = "none"
    fitting: dict[str, Any] = field(default_factory=dict)
    until: Sequence[str] = ()

    def identity(self) -> str:
        """Return the settings that change a record, as JSON: all but `until`."""
        values = asdict(self)
        del values["until"]
        return json.dumps(values, sort_keys=True)


def grid(
    strategies: Sequence[str],
    archs: Sequence[str],
    seeds: Sequence[int],
    sizes: Sequence[int],
    starts: Sequence[str],
    *,
    baselines: bool = False,
) -> list[RunSpec]:
    """Return all combinations as runs, grouped by architecture and seed.

    sizes: batch sizes. starts: strategies of the start set, or per-class=K. baselines:
    also train on the whole pool.
    """
    runs = []
    for arch, seed in product(archs, seeds):
        if baselines:
            runs.append(RunSpec(arch, seed, baseline=PAPER))
            runs += _strong(arch, seed)
        for n, start, strategy in product(sizes, starts, strategies):
            runs.append(RunSpec(arch, seed, strategy, n, start))
    if baselines and STRONG_ARCH not in {split_spec(arch)[0] for arch in archs}:
        runs += [run for seed in seeds for run in _strong(STRONG_ARCH, seed)]
    return list(dict.fromkeys(runs))


def _strong(arch: str, seed: int) -> list[RunSpec]:
    """Return the strong baselines of an architecture, one for each class weighting."""
    return [
        RunSpec(arch, seed, baseline=STRONG, class_weight=weight)
        for weight in CLASS_WEIGHTS
    ]


def run_tags(run: RunSpec, settings: Settings, data: str) -> dict[str, str]:
    """Return the tags of a curve record; `run` is a hash of the others.

    data: fingerprint of the records.
    """
    values = {name: str(value) for name, value in asdict(run).items() if value != ""}
    if not run.n:
        del values["n"]
    values = {
        "simulate": VERSION,
        "data": data,
        **values,
        "settings": settings.identity(),
    }
    text = json.dumps(values, sort_keys=True)
    return {**values, "run": hashlib.sha256(text.encode()).hexdigest()[:16]}
