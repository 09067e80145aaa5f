"""Labelled records made from votes, in memory and of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import batched
from typing import Any, BinaryIO

import msgspec

from alcli.annotation.aggregators import find
from alcli.annotation.settings import MergeSettings
from alcli.annotation.votes.annotator_report import report_lines
from alcli.annotation.votes.gold_answers import GoldAnswers
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import Merge, VotedRecords
from alcli.core.files import output as output_file
from alcli.core.inputs import STDIO, display_name
from alcli.core.jsonl import Record, to_blocks, write_lines
from alcli.core.log import log
from alcli.core.params import defaults, parse
from alcli.core.report import Report
from alcli.core.run import collect, collect_files
from alcli.core.run_options import RunOptions
from alcli.core.settings import split_settings


def merge_labels(
    votes: Iterable[Record],
    records: Iterable[Record] | None = None,
    *,
    gold: Iterable[Record] = (),
    **settings: Any,
) -> list[Record]:
    """Return a record per id with `label`, `label_confidence` and `votes`.

    Ids without an answer or with tied votes are left out, and gold questions, all of
    whose votes have `check`: true.

    votes: all votes of the ledger.
    records: the records with the other fields; by default the last vote on each id.
    gold: records with known labels, which are kept, whatever the votes.
    settings: fields of `alcli.annotation.settings.MergeSettings`: aggregate, min_votes,
        min_confidence, newest; and parameters of the aggregator.

    >>> votes = [{"id": 1, "label": "yes", "annotator": "a"},
    ...          {"id": 1, "label": "yes", "annotator": "b"}]
    >>> merge_labels(votes)
    [{'id': 1, 'label': 'yes', 'label_confidence': 1.0, 'votes': {'yes': 2}}]

    Raises:
        InputError: a vote lacks `id` or `label`, one id has two texts or two known
            labels, `records` lack a record with votes, or `probs` are needed.
    """
    own, params = split_settings(MergeSettings, settings)
    ledger = collect(Ledger(keep_lines=records is None), to_blocks(votes))
    kept = None
    if records is not None:
        kept = collect(VotedRecords(ledger), to_blocks(records))
        kept.require_all("<records>")
    answers = collect(GoldAnswers(ledger.ids), to_blocks(gold))
    merge = Merge(MergeSettings(**own, params=params), ledger, kept, answers)
    return [msgspec.json.decode(line) for line, has_label in merge if has_label]


def merge_files(
    files: Sequence[str],
    output: str,
    settings: MergeSettings,
    params: Iterable[str],
    *,
    records: Sequence[str],
    gold: str | None,
    asides: Mapping[str, str],
    run: RunOptions,
) -> None:
    """Merge the votes of files; write all outputs, or none if there is an error.

    params: KEY=VALUE pairs of the aggregator. records, gold: paths. asides: path by
        name: "disputed", "relabel", "annotators", "agreement".

    Raises:
        InputError: a vote or record is invalid; see `merge_labels`.
    """
    known = defaults(find(settings.aggregate))
    settings = replace(settings, params=parse(params, known))
    ledger = Ledger(keep_lines=not records, timed="annotators" in asides)
    with ExitStack() as stack:
        out = stack.enter_context(output_file(output))
        aside = {
            name: stack.enter_context(output_file(path))
            for name, path in asides.items()
        }
        collect_files(ledger, files, run, ledger=True)
        others = RunOptions(run.report)
        source = display_name(files[0] if files else STDIO)
        kept = collect_files(VotedRecords(ledger), records, others) if records else None
        if kept and not run.skip_invalid:
            kept.require_all(source)
        answers = GoldAnswers(ledger.ids)
        if gold:
            collect_files(answers, [gold], others)
        named = records[0] if records else source
        merge = Merge(settings, ledger, kept, answers, source=named)
        _write_records(merge, out, aside.pop("disputed", None), run.report)
        for name, file in aside.items():
            for lines in batched(report_lines(name, ledger, merge), 1000):
                write_lines(file, lines)
    run.report.count(merge.counts)
    _log_summary(len(ledger.ids), merge.counts, run.report)


def _write_records(
    merge: Merge, out: BinaryIO, disputed: BinaryIO | None, report: Report
) -> None:
    for some in batched(merge, 1000):
        lines = [line for line, has_label in some if has_label]
        write_lines(out, lines)
        report.count({"written": len(lines)})
        if disputed:
            write_lines(disputed, [line for line, has_label in some if not has_label])


def _log_summary(ids: int, excluded: Mapping[str, int], report: Report) -> None:
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in excluded.items())
    log.info(
        "%s votes on %s ids, %s labelled%s",
        f"{report.counts['read']:,}",
        f"{ids:,}",
        f"{report.counts['written']:,}",
        f"; left out: {reasons}" if reasons else "",
    )
