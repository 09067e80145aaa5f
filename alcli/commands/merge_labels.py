"""Make one labelled record of all the votes on it.

Memory: 80 bytes per vote, 130 per id, and the records that were voted on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import click

from alcli.annotation.aggregators import aggregators
from alcli.cli import options

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions


def merge_labels(
    votes: Iterable[Record],
    records: Iterable[Record] | None = None,
    *,
    gold: Iterable[Record] = (),
    aggregate: str = "majority",
    min_votes: int = 0,
    min_confidence: float = 0.0,
    newest: Literal["first", "last"] = "last",
    **params: Any,
) -> list[Record]:
    """Return a record per id with `label`, `label_confidence` and `votes`.

    votes: the whole ledger. records: where the other fields come from; else the last
    vote on each id. gold: records whose label is known; it stands, whatever the votes.
    min_votes, min_confidence: of what is labelled. newest: whether the ids voted on
    last come first or last. Ids whose votes are tied, or that nobody answered, are left
    out, as are known questions: ids all of whose votes have `check`: true.

    >>> votes = [{"id": 1, "label": "yes", "annotator": "a"},
    ...          {"id": 1, "label": "yes", "annotator": "b"}]
    >>> merge_labels(votes)
    [{'id': 1, 'label': 'yes', 'label_confidence': 1.0, 'votes': {'yes': 2}}]

    Raises:
        InputError: a vote lacks `id` or `label`, one id has two texts or two known
            labels, `records` lack a record that was voted on, or `probs` are needed.
    """
    import msgspec

    from alcli.annotation.votes.gold_answers import GoldAnswers
    from alcli.annotation.votes.ledger import Ledger
    from alcli.annotation.votes.merging import Merge, MergeOptions, VotedRecords
    from alcli.core.jsonl import to_blocks

    ledger = Ledger(keep_lines=records is None)
    for block in to_blocks(votes):
        ledger.add(block)
    kept = None if records is None else VotedRecords(ledger)
    if kept:
        for block in to_blocks(records or ()):
            kept.add(block)
        kept.require_all("<records>")
    answers = GoldAnswers(ledger.ids)
    for block in to_blocks(gold):
        answers.add(block)
    aggregator = aggregators.get(aggregate)
    merge_options = MergeOptions(aggregator, params, min_votes, min_confidence, newest)
    merge = Merge(merge_options, ledger, kept, answers)
    return [msgspec.json.decode(line) for line, has_label in merge if has_label]


@options.command("merge-labels", epilog=aggregators.summaries())
@options.inputs
@options.output
@click.option(
    "--records",
    multiple=True,
    type=options.INPUT,
    help="Take the other fields from here, not from the votes; repeatable.",
)
@click.option(
    "--aggregate",
    type=options.PluginName(aggregators),
    default="majority",
    show_default=True,
    help="How votes become a label: a name from below.",
)
@click.option(
    "--gold",
    type=options.INPUT,
    help="Records whose label is known: it stands, and annotators are judged by it. "
    "Ids that nobody answered are passed over.",
)
@click.option(
    "--min-votes",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Leave out ids with fewer votes.",
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="P",
    help="Leave out ids whose label_confidence is below.",
)
@click.option(
    "--newest",
    type=click.Choice(["first", "last"]),
    default="last",
    show_default=True,
    help="Where the ids that were voted on last stand in the output.",
)
@click.option("--disputed", type=options.OUTPUT, help="Write ids without a label here.")
@click.option(
    "--relabel",
    type=options.OUTPUT,
    help="Write what to ask again here, least sure first.",
)
@click.option(
    "--annotators",
    type=options.OUTPUT,
    help="Write a record for each annotator here; accuracy: agreement with the known "
    "answer, else with the label that the other votes on the id give (ties shared, ids "
    "with three votes or more), null without any; quality is null of fewer than 5 "
    "items to judge by; probably_spammer: kappa with the others is surely, by 95 %, at "
    "most 0.2.",
)
@click.option(
    "--agreement", type=options.OUTPUT, help="Write how far annotators agree here."
)
@options.params
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    records: tuple[str, ...],
    aggregate: str,
    gold: str | None,
    min_votes: int,
    min_confidence: float,
    newest: Literal["first", "last"],
    params: tuple[str, ...],
    run: RunOptions,
    **asides: str | None,
) -> None:
    """Make one labelled record of all the votes on each id.

    \b
      alcli merge-labels votes.jsonl --records pool.jsonl \\
        --disputed disputed.jsonl -o labelled.jsonl

    An annotator's later vote replaces the earlier one. Ids whose votes are tied, or
    that nobody answered, are left out and counted. The input is the whole ledger.

    Known answers (--gold) stay in the output, if somebody voted on them. Known
    questions of `label` (all votes on the id have `check`: true) do not, and --records
    may lack them; annotators are judged by them all the same. A model's `probs`, which
    crowdlab needs, come from the records, as all other fields.

    Take majority where records have few votes, or where there are fewer than three
    annotators; dawid-skene where records have several votes, and each annotator many.

    Memory: 80 bytes per vote, 130 per id, and the records that were voted on; beside
    majority 100 per vote more, and dawid-skene 24 C^2 bytes per annotator (C classes).
    """
    from alcli.annotation.votes.files import merge_files
    from alcli.annotation.votes.merging import MergeOptions
    from alcli.core.params import defaults, parse
    from alcli.core.report import log

    report, aggregator = run.report, aggregators.get(aggregate)
    settings = parse(params, defaults(aggregator))
    merged = merge_files(
        files,
        output,
        MergeOptions(aggregator, settings, min_votes, min_confidence, newest),
        records=records,
        gold=gold,
        asides={name: path for name, path in asides.items() if path},
        run=run,
    )
    out_of = ", ".join(f"{n:,} {why}" for why, n in merged.excluded.items())
    report.count(merged.excluded)
    log.info(
        "%s votes on %s ids, %s labelled%s",
        f"{report.counts['read']:,}",
        f"{merged.ids:,}",
        f"{report.counts['written']:,}",
        f"; left out: {out_of}" if out_of else "",
    )
