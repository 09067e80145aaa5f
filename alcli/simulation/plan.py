"""Plan of a simulation: its runs, and the tags of their curve records."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from alcli.core.params import split_spec
from alcli.evaluation.comparison.runs import VERSION
from alcli.models.settings import CLASS_WEIGHTS, LOOP_SETTINGS
from alcli.simulation.settings import SimulationSettings

PAPER, STRONG = "paper", "strong"
STRONG_ARCH = "logreg"  # always among the strong baselines


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


def plan_runs(settings: SimulationSettings) -> list[RunSpec]:
    """Return all combinations as runs, grouped by architecture and seed."""
    seeds = range(settings.seed, settings.seed + settings.seeds)
    runs = []
    for arch, seed in product(settings.archs, seeds):
        if settings.baselines:
            runs.append(RunSpec(arch, seed, baseline=PAPER))
            runs += _strong_baselines(arch, seed)
        loops = product(settings.sizes, settings.starts, settings.strategies)
        for n, start, strategy in loops:
            runs.append(RunSpec(arch, seed, strategy, n, start))
    named = {split_spec(arch)[0] for arch in settings.archs}
    if settings.baselines and STRONG_ARCH not in named:
        runs += [run for seed in seeds for run in _strong_baselines(STRONG_ARCH, seed)]
    return list(dict.fromkeys(runs))


def _strong_baselines(arch: str, seed: int) -> list[RunSpec]:
    """Return the strong baselines of an architecture, one for each class weighting."""
    return [
        RunSpec(arch, seed, baseline=STRONG, class_weight=weight)
        for weight in CLASS_WEIGHTS
    ]


def run_tags(run: RunSpec, settings: SimulationSettings, data: str) -> dict[str, str]:
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
        "settings": json.dumps(_shared_settings(settings), sort_keys=True),
    }
    text = json.dumps(values, sort_keys=True)
    return {**values, "run": hashlib.sha256(text.encode()).hexdigest()[:16]}


def _shared_settings(settings: SimulationSettings) -> dict[str, Any]:
    """Return the settings that change the records of every run.

    Their names are part of the run ids in ledgers. `until` is left out, so that a
    longer run resumes a shorter one.
    """
    training = settings.training
    return {
        "input": settings.input,
        "test": settings.test_size,
        "stop": settings.stop,
        "start": settings.start,
        "noise": settings.error_rates(),
        "aggregate": settings.aggregate,
        "newest": settings.newest,
        "validation": training.validation,
        "class_weight": training.class_weight,
        "calibrate": training.calibrate,
        "fitting": {name: getattr(training, name) for name in LOOP_SETTINGS},
    }
