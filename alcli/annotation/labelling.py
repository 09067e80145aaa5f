"""Votes of a labeler on records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from itertools import batched
from typing import Any

import msgspec

from alcli.annotation.labelers import Labeler, Save, Vote, find
from alcli.annotation.queue import QueueSettings
from alcli.annotation.queue.records import Tasks, count_open, vote_line
from alcli.annotation.settings import CHECK, LabellingSettings
from alcli.core.errors import UsageError
from alcli.core.files import appending
from alcli.core.inputs import read_text
from alcli.core.jsonl import Record, blocks, to_blocks
from alcli.core.log import log
from alcli.core.params import defaults, parse
from alcli.core.run import collect, collect_files
from alcli.core.run_options import RunOptions
from alcli.core.settings import split_settings

AT_ONCE = 1000  # votes per write: one by one, simulated votes take 80 times as long
_FOR_PEOPLE = {"classes", "annotator", "redundancy", "guidelines", "check", "suggest"}
_FOR_ALL = {"gold", "seed"}


def label(
    records: Iterable[Record],
    votes: Iterable[Record] = (),
    *,
    labeler: str | Callable[..., None] = "gold",
    on_vote: Callable[[Record], object] | None = None,
    **settings: Any,
) -> list[Record]:
    """Return the new votes of a labeler on records.

    votes: earlier votes; who has voted on a record is not asked again.
    labeler: name of a labeler, or a function.
    on_vote: function called with each new vote, before the next question.
    settings: fields of `alcli.annotation.settings.LabellingSettings`, such as
        `gold="gold.jsonl"` or `classes=("no", "yes")`, and parameters of the labeler.

    Raises:
        InputError: an invalid record, or an id for which the labeler has no answer.
        UsageError: a setting that the labeler does not take.
    """
    own, params = split_settings(LabellingSettings, settings)
    run = _LabelerRun(find(labeler), LabellingSettings(**own), params)
    tasks = Tasks(to_blocks(votes), needs_text=run.labeler.people)
    collect(tasks, to_blocks(records))
    found: list[Record] = []

    def save(some: Iterable[Vote]) -> None:
        for vote in some:
            found.append(msgspec.json.decode(vote_line(*vote)))
            if on_vote:
                on_vote(found[-1])

    run.start(tasks, save)
    return found


def label_files(
    files: Sequence[str],
    ledger: str,
    labeler: str,
    settings: LabellingSettings,
    params: Iterable[str],
    options: RunOptions,
) -> int:
    """Label records of files; append each vote to a ledger before the next question.

    labeler: name. params: KEY=VALUE pairs of its other parameters.

    Returns:
        Number of records that people left open.

    Raises:
        InputError, UsageError: as in `label`.
        SurroundingsError: the ledger cannot be written, or a server fails.
    """
    chosen, report = find(labeler), options.report
    known = defaults(chosen.function)
    run = _LabelerRun(chosen, settings, parse(params, known))
    saved: set[tuple[str, str]] = set()
    # locked first, then read: two runs never ask the same question
    with appending(ledger) as append:
        report.input(ledger)  # as it is now: another run may have held the lock
        tasks = Tasks(blocks([ledger], ledger=True), needs_text=chosen.people)
        collect_files(tasks, files, options)

        def save(votes: Iterable[Vote]) -> None:
            for some in batched(votes, AT_ONCE):
                append(vote_line(*vote) for vote in some)
                report.count({"written": len(some)})
                saved.update((task.id, answer.annotator) for task, answer in some)

        run.start(tasks, save)
    people = run.people
    still_open = count_open(tasks.all(), saved, people.redundancy) if people else 0
    log.info(
        "%d votes on %d records%s",
        report.counts["written"],
        report.counts["read"],
        f"; {still_open} open" if still_open else "",
    )
    return still_open


class _LabelerRun:
    """Run of a labeler; its settings are checked before a ledger is touched.

    people: settings for people; None if the labeler asks none.

    Raises:
        UsageError: a setting that the labeler does not take, or not alone.
        InputError: the guidelines cannot be read.
    """

    def __init__(
        self, labeler: Labeler, settings: LabellingSettings, params: Mapping[str, Any]
    ) -> None:
        changed = {
            field.name: (value, field.metadata["setting"].flags)
            for field in fields(settings)
            if (value := getattr(settings, field.name)) != field.default
        }
        taken = {*labeler.options, *(_FOR_PEOPLE if labeler.people else ())}
        for name, (_, flags) in changed.items():
            if name not in taken | _FOR_ALL:
                flag = flags[0] if flags else f"--{name}"
                raise UsageError(f"{flag} does not go with --with {labeler.name}")
        self.labeler, self._gold = labeler, settings.gold
        own = {name: changed[name][0] for name in labeler.options if name in changed}
        self._arguments = {**own, **params}
        self.people = _queue_settings(settings) if labeler.people else None

    def start(self, tasks: Tasks, save: Save) -> None:
        """Label tasks, until the labeler returns."""
        if self.people:
            gold = blocks([self._gold]) if self._gold else ()
            self._arguments["settings"] = replace(
                self.people,
                gold=tasks.gold_tasks(gold, self.people.classes),
                past_annotators=tasks.annotators(),
            )
        votes: object = self.labeler.function(tasks.all(), save, **self._arguments)  # type: ignore[func-returns-value]
        if votes is not None:  # a generator, of which nothing has run
            raise UsageError(
                f"--with {self.labeler.name} yields or returns votes; call save(votes)"
            )


def _queue_settings(settings: LabellingSettings) -> QueueSettings:
    if settings.gold is None and settings.check is not None:
        raise UsageError("--check goes with --gold FILE: questions with known answers")
    check = CHECK if settings.check is None else settings.check
    return QueueSettings(
        classes=settings.classes,
        annotator=settings.annotator,
        redundancy=1 if settings.redundancy is None else settings.redundancy,
        guidelines=read_text(settings.guidelines) if settings.guidelines else "",
        check=check if settings.gold else 0.0,
        suggest=settings.suggest,
        seed=settings.seed,
    )
