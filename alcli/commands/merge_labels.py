"""Make one labelled record of all the votes on it.

Memory: 80 bytes per vote, 130 per id, and the records that were voted on.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from itertools import batched
from typing import TYPE_CHECKING, Any, Literal

import click

from alcli import options
from alcli.aggregators import aggregators

if TYPE_CHECKING:
    from alcli.core.jsonl import Record


def merge_labels(
    votes: Iterable[Record],
    records: Iterable[Record] | None = None,
    *,
    aggregate: str = "majority",
    newest: Literal["first", "last"] = "last",
    **params: Any,
) -> list[Record]:
    """Return one record per id with `label`, `label_confidence` and `votes`.

    votes: the whole ledger. records: where the other fields come from; else the last
    vote on each id. newest: whether the ids voted on last come first or last. Ids
    whose votes are tied, or that nobody answered, are left out.

    >>> votes = [{"id": 1, "label": "yes", "annotator": "a"},
    ...          {"id": 1, "label": "yes", "annotator": "b"}]
    >>> merge_labels(votes)
    [{'id': 1, 'label': 'yes', 'label_confidence': 1.0, 'votes': {'yes': 2}}]

    Raises:
        InputError: a vote lacks `id` or `label`, one id has two texts, or `records`
            lack a record that was voted on.
    """
    import msgspec

    from alcli.core.jsonl import encoded
    from alcli.votes.ledger import Ledger
    from alcli.votes.merging import Merge, Records

    ledger = Ledger(keep_lines=records is None)
    for block in encoded(votes):
        ledger.add(block)
    kept = None if records is None else Records(ledger)
    if kept:
        for block in encoded(records or ()):
            kept.add(block)
        kept.require_all("<records>")
    merge = Merge(ledger, kept, aggregators.get(aggregate), newest, **params)
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
    "--newest",
    type=click.Choice(["first", "last"]),
    default="last",
    show_default=True,
    help="Where the ids that were voted on last stand in the output.",
)
@click.option(
    "--disputed", metavar="FILE", help="Write ids without a label (ties, skips) here."
)
@options.params
@options.invalid
def command(
    files: tuple[str, ...],
    output: str,
    records: tuple[str, ...],
    aggregate: str,
    newest: Literal["first", "last"],
    disputed: str | None,
    params: tuple[str, ...],
    skip_invalid: bool,
    rejects: str | None,
) -> None:
    """Make one labelled record of all the votes on each id.

    An annotator's later vote replaces the earlier one. Ids whose votes are tied, or
    that nobody answered, are left out and counted. The input is the whole ledger.
    Memory: 80 bytes per vote, 130 per id, and the records that were voted on.
    """
    from alcli.core import files as paths
    from alcli.core.inputs import shown
    from alcli.core.jsonl import write_lines
    from alcli.core.params import defaults, parse
    from alcli.core.report import log
    from alcli.core.run import Local, through
    from alcli.votes.ledger import Ledger
    from alcli.votes.merging import Merge, Records

    report, aggregator = options.report(), aggregators.get(aggregate)
    ledger = Ledger(keep_lines=not records)
    with (
        paths.output(output) as out,
        paths.output(disputed) if disputed else nullcontext() as aside,
    ):
        through(
            Local(ledger.add),
            files,
            None,
            report=report,
            ledger=True,
            skip_invalid=skip_invalid,
            rejects=rejects,
        )
        kept = Records(ledger) if records else None
        if kept:
            through(Local(kept.add), records, None, report=report)
            if not skip_invalid:
                kept.require_all(shown(files[0] if files else "-"))
        merge = Merge(
            ledger, kept, aggregator, newest, **parse(params, defaults(aggregator))
        )
        for group in batched(merge, 1000):
            lines = [line for line, has_label in group if has_label]
            write_lines(out, lines)
            report.count({"written": len(lines)})
            if aside:
                write_lines(aside, [line for line, has_label in group if not has_label])
    counts = report.counts
    out_of = ", ".join(f"{n:,} {why}" for why, n in merge.counts.items())
    report.count(merge.counts)
    log.info(
        "%s votes on %s ids, %s labelled%s",
        f"{counts['read']:,}",
        f"{len(ledger.ids):,}",
        f"{counts['written']:,}",
        f"; left out: {out_of}" if out_of else "",
    )
