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
from alcli.core.run import CollectStep, run_files


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
    report: Report,
    skip_invalid: bool = False,
    rejects: str | None = None,
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
        run_files(
            CollectStep(ledger.add),
            files,
            None,
            report=report,
            ledger=True,
            skip_invalid=skip_invalid,
            rejects=rejects,
        )
        source = display_name(files[0] if files else STDIO)
        kept = _records(ledger, records, report)
        if kept and not skip_invalid:
            kept.require_all(source)
        answers = GoldAnswers(ledger.ids)
        if gold:
            run_files(CollectStep(answers.add), [gold], None, report=report)
        named = records[0] if records else source
        merge = Merge(options, ledger, kept, answers, source=named)
        _write(merge, out, aside.pop("disputed", None), report)
        for name, file in aside.items():
            _write_all(file, report_lines(name, ledger, merge))
    return MergeResult(len(ledger.ids), merge.counts)


def _records(
    ledger: Ledger, files: Sequence[str], report: Report
) -> VotedRecords | None:
    if not files:
        return None
    kept = VotedRecords(ledger)
    run_files(CollectStep(kept.add), files, None, report=report)
    return kept


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
