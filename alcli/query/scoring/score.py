"""Scoring of records in memory, and of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from alcli.core.inputs import readable_twice
from alcli.core.jsonl import Record
from alcli.core.params import parse
from alcli.core.run import run_files, run_records
from alcli.core.run_options import RunOptions
from alcli.core.step import Result
from alcli.features.vector_files import vector_writer
from alcli.models.checkpoint import Checkpoint, join
from alcli.query.scoring.committee_warnings import CommitteeWarnings
from alcli.query.scoring.settings import PASSES, ScoringSettings
from alcli.query.scoring.step import Score, ScoreResult


def score(
    records: Iterable[Record], *checkpoints: Checkpoint, **settings: Any
) -> Iterator[Record]:
    """Yield every record with `probs` and `pred`; several checkpoints are a committee.

    settings: fields of `ScoringSettings`: signals (names, each with its parameters,
    such as "egl-entropy,share=0.8"), and passes and seed of the dropout of one network.

    Raises:
        InputError: a record lacks the field that the model reads.
        UsageError: an unknown signal or parameter, or one that the model cannot give.
        CheckpointError: members of a committee have different classes or fields.
    """
    settings["signals"] = tuple(settings.get("signals", ()))
    step = Score(join(checkpoints), ScoringSettings(**settings))
    warnings = CommitteeWarnings([f"member {i}" for i, _ in enumerate(checkpoints, 1)])

    def scored() -> Iterator[Record]:
        yield from run_records(step, records, on_result=warnings.add)
        warnings.warn()

    return scored()


def score_files(
    files: tuple[str, ...],
    output: str,
    models: tuple[str, ...],
    settings: ScoringSettings,
    run: RunOptions,
    *,
    params: Sequence[str] = (),
    vectors: str | None = None,
) -> None:
    """Score the records of files.

    models: paths of checkpoints. params: `passes=N`, or none. vectors: path of an Arrow
    file for the vectors of the records; it is complete before stdout closes.

    Raises:
        InputError, UsageError, CheckpointError: as in `score`; or a file is unreadable.
        SurroundingsError: an output cannot be written.
    """
    settings = replace(settings, **parse(params, {"passes": PASSES}))
    with ExitStack() as stack:
        if settings.exclude:  # a pipe is read once, but each worker reads the ids
            paths = stack.enter_context(readable_twice(settings.exclude))
            settings = replace(settings, exclude=tuple(map(str, paths)))
        step = Score(models, settings, vectors=bool(vectors))
        warnings = CommitteeWarnings(models)
        write = None
        if vectors:
            writer = vector_writer(vectors, dtype=settings.vectors_type)
            write = stack.enter_context(writer)

        def on_result(result: Result) -> None:
            warnings.add(result)
            if write and isinstance(result, ScoreResult) and result.vectors is not None:
                write(result.ids, result.vectors, result.model)

        run = run._replace(block=settings.block)
        run_files(step, files, output, run, on_result=on_result)
        warnings.warn()
