"""Selection of the records to label next, from records in memory or in files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from alcli.annotation.votes.ledger import Ledger
from alcli.core.errors import NothingLeft
from alcli.core.files import output as open_output
from alcli.core.jsonl import Record, blocks, to_blocks, write_lines
from alcli.core.log import log
from alcli.core.params import defaults, parse
from alcli.core.run import collect, collect_files
from alcli.core.run_options import RunOptions
from alcli.core.settings import split_settings
from alcli.features.vectors import Vectors
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import SAME_TEXT, ExcludedRecords
from alcli.query.selection.labelled import LabelledPool
from alcli.query.selection.selector import LineSelector
from alcli.query.settings import SelectionFiles, SelectionSettings
from alcli.query.strategies import lookup


def select(
    records: Iterable[Record],
    n: int,
    *,
    vectors: Vectors | None = None,
    labelled: Iterable[Record] | None = None,
    votes: Iterable[Record] | None = None,
    exclude: Iterable[str] = (),
    **settings: Any,
) -> list[Record]:
    """Return the `n` records to label next, best first, each with a `query`.

    vectors: `Vectors.of(ids, array)` or `Vectors.read(files)`, by id.
    labelled: records that are never selected; batch strategies compare with them.
    votes: for strategies that relabel. exclude: ids that are not selected.
    settings: fields of `SelectionSettings`: strategy (a name, or a function
    `(scored, **params) -> utility (n,)`), stratify, shares, per_class, diversify,
    min_utility, subsample, mix_random, seed; others are parameters of the strategy.

    >>> pool = [{"id": "a", "probs": {"no": 0.9, "yes": 0.1}},
    ...         {"id": "b", "probs": {"no": 0.6, "yes": 0.4}}]
    >>> [record["id"] for record in select(pool, 1, strategy="margin")]
    ['b']

    Raises:
        InputError: a record lacks a field that the strategy needs.
        UsageError: settings contradict each other or the strategy.
    """
    own, params = split_settings(SelectionSettings, settings)
    context = SelectionContext(
        vectors,
        None if labelled is None else collect(LabelledPool(), to_blocks(labelled)),
        None if votes is None else collect(Ledger(), to_blocks(votes)),
        ExcludedRecords(exclude),
    )
    selector = LineSelector(SelectionSettings(n, params=params, **own), context)
    collect(selector, to_blocks(records))
    return [msgspec.json.decode(line) for line in selector.batch()]


def select_files(
    files: tuple[str, ...],
    output: str,
    settings: SelectionSettings,
    inputs: SelectionFiles,
    params: Sequence[str],
    run: RunOptions,
) -> None:
    """Select records of files, write and count them.

    params: parameters of the strategy, each `KEY=VALUE`.

    Raises:
        NothingLeft: no record is left; an empty output is written.
        InputError, UsageError: as `select`.
    """
    parsed = parse(params, defaults(lookup(settings.strategy)))
    settings = replace(settings, params=parsed)
    selector = LineSelector(settings, _read(inputs), check_text=run.skip_invalid)
    with open_output(output) as out:
        collect_files(selector, files, run)
        batch = selector.batch()
        write_lines(out, batch)
        run.report.count({"written": len(batch)})
    if same_text := run.report.counts[SAME_TEXT]:
        log.info("left out: %s %s", f"{same_text:,}", SAME_TEXT)
    if not batch:
        raise NothingLeft("no record is left to select")
    if len(batch) < settings.n:
        log.warning("only %d of %d records are left", len(batch), settings.n)


def _read(inputs: SelectionFiles) -> SelectionContext:
    excluded = blocks(inputs.exclude, ledger=True) if inputs.exclude else ()
    labelled, votes = inputs.labelled, inputs.votes
    return SelectionContext(
        Vectors.read(inputs.vectors) if inputs.vectors else None,
        collect(LabelledPool(), blocks(labelled)) if labelled else None,
        collect(Ledger(), blocks(votes, ledger=True)) if votes else None,
        ExcludedRecords(blocks=excluded),
    )
