"""What is simulated: runs, and the settings that all of them share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any, Literal

from alcli.core.params import split_spec
from alcli.evaluation.comparison.runs import VERSION
from alcli.models.training.holdout import CLASS_WEIGHTS

PAPER, STRONG = "paper", "strong"
STRONG_ARCH = "logreg"  # always among the strong baselines
EARLY_STOPPING = {"epochs": 30, "patience": 3}
HELD_OUT = 0.1  # for early stopping, where the loop holds nothing out


@dataclass(frozen=True)
class Run:
    """One loop, or one training on the whole pool (a baseline).

    Names may bring parameters with them: `cnn,filters=64`. All runs of one seed share
    test set, start set and initial weights, whatever their strategies.
    """

    arch: str
    seed: int
    strategy: str = ""
    n: int = 0  # asked in a round
    start: str = ""  # the strategy that chooses the first records, or per-class=K
    baseline: str = ""  # PAPER: as the loop trains; STRONG: with early stopping
    class_weight: str = ""  # of a strong baseline; else that of the settings
    code: str = ""  # of files of the user's own that names bring in: see names.coded

    @property
    def bench(self) -> tuple[str, int]:
        """What its bench is of: runs of one architecture and seed share it."""
        return self.arch, self.seed

    def __str__(self) -> str:
        what = f"{self.baseline} baseline" if self.baseline else self.strategy
        what += f", class weight {self.class_weight}" if self.class_weight else ""
        size = f", n {self.n}" if self.n else ""
        return f"{what}, {self.arch}, seed {self.seed}{size}"


@dataclass(frozen=True)
class Settings:
    """What all runs share.

    input: the field that models read. test: how many records, or which part, are held
    out to measure on; None: they are given. stop: how many of the pool are the stop
    set. start: size of the start set, None: n. noise: the share of wrong answers of
    each annotator. fitting: fields of `learners.Options`. until: criteria, any ends it.
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
        """Return what changes an outcome, as JSON; when to stop changes none."""
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
) -> list[Run]:
    """Return every run: those of one architecture and seed stand together."""
    runs = []
    for arch, seed in product(archs, seeds):
        if baselines:
            runs.append(Run(arch, seed, baseline=PAPER))
            runs += _strong(arch, seed)
        for n, start, strategy in product(sizes, starts, strategies):
            runs.append(Run(arch, seed, strategy, n, start))
    if baselines and STRONG_ARCH not in {split_spec(arch)[0] for arch in archs}:
        runs += [run for seed in seeds for run in _strong(STRONG_ARCH, seed)]
    return list(dict.fromkeys(runs))


def _strong(arch: str, seed: int) -> list[Run]:
    """Return the strong baselines of an architecture: one for each class weighting."""
    return [
        Run(arch, seed, baseline=STRONG, class_weight=weight)
        for weight in CLASS_WEIGHTS
    ]


def tags(run: Run, settings: Settings, data: str) -> dict[str, str]:
    """Return what a curve record says of its run; `run` is a name for all of it."""
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
