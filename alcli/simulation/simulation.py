"""A simulation: its runs over the data, what is done of them, what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alcli.core.errors import InputError, RunsFailed, UsageError
from alcli.core.jsonl import Record
from alcli.core.report import log
from alcli.evaluation.criteria import asked
from alcli.simulation.data import Labelled, deal
from alcli.simulation.ledger import done
from alcli.simulation.names import coded
from alcli.simulation.plan import Run, Settings, tags
from alcli.simulation.query import Questions
from alcli.simulation.round import finished
from alcli.simulation.scheduler import Player, rounds
from alcli.simulation.setup import mark
from alcli.simulation.starting import size_of

BUDGETS = ("labels", "rounds")  # criteria that the size of a curve alone decides


class Simulation:
    """Runs over labelled records.

    fixed: a test set of its own; without it, each seed holds out `settings.test`.
    names: the runs by the name in their `tags`. failed: run -> the error that ended it.
    pool: its size, the same for all seeds. memory: of the largest worker, in bytes.

    Raises:
        UsageError: there is no run, or --start-size contradicts a start.
        InputError: there are fewer than two classes or too few records, or the test set
            is empty.
    """

    def __init__(
        self,
        data: Labelled,
        fixed: Labelled | None,
        settings: Settings,
        runs: Sequence[Run],
    ) -> None:
        if len(data.classes) < 2:
            found = ", ".join(data.classes) or "no labelled record"
            raise InputError(f"two classes are needed to simulate, found: {found}")
        if fixed is not None:
            _compare(data, fixed)
        if not runs:
            raise UsageError("nothing to simulate: no seed, or no strategy")
        split = deal(
            data, fixed, test=settings.test, stop=settings.stop, seed=runs[0].seed
        )
        self.pool = len(split.pool)
        self._counts = dict.fromkeys(data.classes, 0)
        self._counts |= Counter(data.labels[row] for row in split.pool.tolist())
        self.data, self.settings = data, settings
        self.runs = runs = coded(runs, settings)
        self.mark = mark(data, fixed, settings)
        self.names = {tags(run, settings, self.mark)["run"]: run for run in runs}
        self.failed: dict[object, Exception] = {}
        self.memory = 0
        self._warned: set[str] = set()
        self._player = Player(data, fixed, settings)
        for run in runs:
            self._first(run)  # or what is wrong with it, before anything runs

    def done(self, path: str) -> dict[Run, list[Record]]:
        """Return what a ledger has of each run; see `ledger.done`."""
        return done(path, self.names, self.mark, self.settings.until)

    def play(
        self, curves: Mapping[Run, list[Record]], *, jobs: int = 1
    ) -> Iterator[tuple[Run, Record]]:
        """Yield the rounds that are left, as they are done; each is added to `curves`.

        A run that fails ends, and the others go on.
        """
        for run, outcome in rounds(self._player, self.runs, curves, jobs):
            self.memory = max(self.memory, outcome.memory)
            for kind, warning in outcome.heard:
                if kind not in self._warned:  # once, not in every round
                    self._warned.add(kind)
                    log.warning("%s: %s", run, warning)
            if isinstance(outcome.result, Exception):
                self.failed[run] = outcome.result
                log.error("%s: %s", run, outcome.result)
                continue
            self._tell_of_the_end(run, outcome.result)
            yield run, outcome.result

    def _tell_of_the_end(self, run: Run, record: Record) -> None:
        following, first = record["tags"].get("next"), self._first(run)
        if following and (left := len(Questions.unpacked(following))) < run.n:
            log.info("%s: the pool ends with a batch of %d", run, left)
        if record["tags"].get("round") == "0" and self.pool < first:
            log.info("%s: the pool has %d records, all asked at once", run, self.pool)

    def raise_failed(self, records: Sequence[Record] = ()) -> None:
        """Raise RunsFailed if some runs did; records: what there is all the same."""
        if self.failed:
            first = next(iter(self.failed.values()))
            raise RunsFailed(self.failed, len(self.runs), records) from first

    def left(self, curves: Mapping[Run, Sequence[Record]]) -> int:
        """Return how many rounds are still to be played, at most."""
        unfinished = [run for run in self.runs if not finished(run, curves[run])]
        return sum(self._expected(run) - len(curves[run]) for run in unfinished)

    def _expected(self, run: Run) -> int:
        """Return how many rounds a run may have, by the pool and the budgets."""
        if run.baseline:
            return 1
        budgets = [asked(t) for t in self.settings.until if t.startswith(BUDGETS)]
        labels = self._first(run)
        curve: list[dict[str, Any]] = [{"labels": labels}]
        while labels < self.pool and not any(budget(curve).stop for budget in budgets):
            labels += run.n
            curve.append({"labels": labels})
        return len(curve)

    def _first(self, run: Run) -> int:
        return size_of(run.start, self.settings.start, run.n, self._counts)


def _compare(data: Labelled, fixed: Labelled) -> None:
    if not len(fixed):
        raise InputError("the test set has no labelled record")
    counts = Counter(fixed.labels)
    for label in sorted(counts.keys() - set(data.classes)):
        log.warning(
            'the test set has the label "%s", which no other record has, records '
            "counted as wrong: %d; add some of it to the others",
            label,
            counts[label],
        )
    if lacking := sorted(set(data.classes) - set(fixed.labels)):
        log.warning("the test set has no record of the class %s", ", ".join(lacking))
    same = set(fixed.ids).intersection(data.ids)
    if same:
        log.info("%d records are of the test set, and so not of the pool", len(same))
    texts = set(fixed.texts)
    pairs = zip(data.ids, data.texts, strict=True)
    twins = sum(id not in same and text in texts for id, text in pairs)
    if twins:
        log.warning("%d records of the pool have the text of a test record", twins)
