"""Simulation: runs over labelled records, their completed and remaining rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alcli.core.errors import InputError, RunsFailed, UsageError
from alcli.core.jsonl import Record
from alcli.core.log import log
from alcli.evaluation.criterion import parse_criterion
from alcli.simulation.batches import QueryBatch
from alcli.simulation.data import Dataset
from alcli.simulation.ledger import completed_rounds
from alcli.simulation.plan import RunSpec, plan_runs, run_tags
from alcli.simulation.plugin_specs import with_code_hash
from alcli.simulation.round import is_finished
from alcli.simulation.scheduler import RoundPlayer, play_rounds
from alcli.simulation.settings import SimulationSettings
from alcli.simulation.setup import data_fingerprint
from alcli.simulation.split import split_dataset
from alcli.simulation.starting import start_set_size

BUDGETS = ("labels", "rounds")  # criteria that depend on the curve's size alone


class Simulation:
    """Runs over labelled records.

    fixed: separate test set; None: each seed holds out `settings.test_size`.

    Attributes:
        names: run id (in its `tags`) -> run.
        failed: run -> exception that ended it.
        pool: number of records in the pool, the same for all seeds.
        memory: peak of the largest worker, in bytes.

    Raises:
        UsageError: no run, or --start-size contradicts a start.
        InputError: fewer than two classes, too few records, or an empty test set.
    """

    def __init__(
        self,
        data: Dataset,
        fixed: Dataset | None,
        settings: SimulationSettings,
    ) -> None:
        if len(data.classes) < 2:
            found = ", ".join(data.classes) or "no labelled record"
            raise InputError(f"two classes are needed to simulate, found: {found}")
        if fixed is not None:
            _check_test_set(data, fixed)
        runs = plan_runs(settings)
        if not runs:
            raise UsageError("nothing to simulate: no seed, or no strategy")
        split = split_dataset(data, fixed, settings, runs[0].seed)
        self.pool = len(split.pool)
        self._counts = dict.fromkeys(data.classes, 0)
        self._counts |= Counter(data.labels[row] for row in split.pool.tolist())
        self.data, self.settings = data, settings
        self.runs = with_code_hash(runs, settings)
        self.fingerprint = data_fingerprint(data, fixed, settings)
        self.names = {
            run_tags(run, settings, self.fingerprint)["run"]: run for run in self.runs
        }
        self.failed: dict[object, Exception] = {}
        self.memory = 0
        self._warned: set[str] = set()
        self._player = RoundPlayer(data, fixed, settings)
        for run in self.runs:
            self._start_size(run)  # raises for a contradiction, before any round

    def completed_rounds(self, path: str) -> dict[RunSpec, list[Record]]:
        """Return the rounds of each run in a ledger; see `ledger.completed_rounds`."""
        return completed_rounds(path, self.names, self.fingerprint, self.settings.until)

    def play(
        self, curves: Mapping[RunSpec, list[Record]], *, jobs: int = 1
    ) -> Iterator[tuple[RunSpec, Record]]:
        """Yield the remaining rounds as they complete; each is appended to `curves`.

        A failed run ends, the others continue. jobs: number of processes.
        """
        for run, outcome in play_rounds(self._player, self.runs, curves, jobs):
            self.memory = max(self.memory, outcome.memory)
            for kind, warning in outcome.warnings:
                if kind not in self._warned:  # once, not in every round
                    self._warned.add(kind)
                    log.warning("%s: %s", run, warning)
            if isinstance(outcome.result, Exception):
                self.failed[run] = outcome.result
                log.error("%s: %s", run, outcome.result)
                continue
            self._log_small_batches(run, outcome.result)
            yield run, outcome.result

    def _log_small_batches(self, run: RunSpec, record: Record) -> None:
        following, first = record["tags"].get("next"), self._start_size(run)
        if following and (left := len(QueryBatch.from_base64(following))) < run.n:
            log.info("%s: last batch has %d records, the rest of the pool", run, left)
        if record["tags"].get("round") == "0" and self.pool < first:
            log.info(
                "%s: the pool has only %d records; all are in the first batch",
                run,
                self.pool,
            )

    def raise_failed(self, records: Sequence[Record] = ()) -> None:
        """Raise RunsFailed if any run failed.

        records: curve records of all runs, for the exception.
        """
        if self.failed:
            first = next(iter(self.failed.values()))
            raise RunsFailed(self.failed, len(self.runs), records) from first

    def remaining_rounds(self, curves: Mapping[RunSpec, Sequence[Record]]) -> int:
        """Return the maximum number of remaining rounds."""
        unfinished = [run for run in self.runs if not is_finished(run, curves[run])]
        return sum(self._expected_rounds(run) - len(curves[run]) for run in unfinished)

    def _expected_rounds(self, run: RunSpec) -> int:
        """Return the maximum number of rounds of a run, from pool and budgets."""
        if run.baseline:
            return 1
        budgets = [
            parse_criterion(t) for t in self.settings.until if t.startswith(BUDGETS)
        ]
        labels = self._start_size(run)
        curve: list[dict[str, Any]] = [{"labels": labels}]
        while labels < self.pool and not any(budget(curve).stop for budget in budgets):
            labels += run.n
            curve.append({"labels": labels})
        return len(curve)

    def _start_size(self, run: RunSpec) -> int:
        return start_set_size(run.start, self.settings.start, run.n, self._counts)


def _check_test_set(data: Dataset, fixed: Dataset) -> None:
    if not len(fixed):
        raise InputError("the test set has no labelled record")
    counts = Counter(fixed.labels)
    for label in sorted(counts.keys() - set(data.classes)):
        log.warning(
            'test set: label "%s" is in no other record, records counted as wrong: %d; '
            "add records with it to the input",
            label,
            counts[label],
        )
    if lacking := sorted(set(data.classes) - set(fixed.labels)):
        log.warning("test set: no record of class %s", ", ".join(lacking))
    same = set(fixed.ids).intersection(data.ids)
    if same:
        log.info("excluded %d records of the test set from the pool", len(same))
    texts = set(fixed.texts)
    pairs = zip(data.ids, data.texts, strict=True)
    twins = sum(id not in same and text in texts for id, text in pairs)
    if twins:
        log.warning("%d records of the pool have the text of a test record", twins)
