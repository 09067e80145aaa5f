"""Files made from a ledger: labels, disputed records, annotators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import batched
from typing import BinaryIO, NamedTuple

from alcli.annotation.votes.annotator_report import report_lines
from alcli.annotation.votes.gold_answers import GoldAnswers
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import Merge, MergeOptions, VotedRecords
from alcli.core.files import output
from alcli.core.inputs import STDIO, display_name
from alcli.core.jsonl import write_lines
from alcli.core.report import Report
from alcli.core.run import RunOptions, collect_files


class MergeResult(NamedTuple):
    """Number of ids, and of those left out by each reason."""

    ids: int
    excluded: dict[str, int]


def merge_files(
    files: Sequence[str],
    target: str,
    options: MergeOptions,
    *,
    records: Sequence[str],
    gold: str | None,
    asides: Mapping[str, str],
    run: RunOptions,
) -> MergeResult:
    """Merge the votes of files, and write the labelled records to a target.

    records, gold: files, as of `merge-labels`. asides: the path of `disputed`,
    `relabel`, `annotators` or `agreement`. Until all went well, none is there.

    Raises:
        InputError: a vote or record is bad; see `alcli.merge_labels`.
    """
    ledger = Ledger(keep_lines=not records, timed="annotators" in asides)
    with ExitStack() as stack:
        out = stack.enter_context(output(target))
        aside = {
            name: stack.enter_context(output(path)) for name, path in asides.items()
        }
        collect_files(ledger, files, run, ledger=True)
        others = RunOptions(run.report)
        source = display_name(files[0] if files else STDIO)
        kept = _records(ledger, records, others)
        if kept and not run.skip_invalid:
            kept.require_all(source)
        answers = GoldAnswers(ledger.ids)
        if gold:
            collect_files(answers, [gold], others)
        named = records[0] if records else source
        merge = Merge(options, ledger, kept, answers, source=named)
        _write(merge, out, aside.pop("disputed", None), run.report)
        for name, file in aside.items():
            _write_all(file, report_lines(name, ledger, merge))
    return MergeResult(len(ledger.ids), merge.counts)


def _records(
    ledger: Ledger, files: Sequence[str], run: RunOptions
) -> VotedRecords | None:
    if not files:
        return None
    return collect_files(VotedRecords(ledger), files, run)


def _write(
    merge: Merge, out: BinaryIO, disputed: BinaryIO | None, report: Report
) -> None:
    for group in batched(merge, 1000):
        lines = [line for line, has_label in group if has_label]
        write_lines(out, lines)
        report.count({"written": len(lines)})
        if disputed:
            write_lines(disputed, [line for line, has_label in group if not has_label])


def _write_all(file: BinaryIO, lines: Iterable[bytes]) -> None:
    for batch in batched(lines, 1000):
        write_lines(file, batch)
