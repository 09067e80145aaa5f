"""Ask someone for labels, and append each answer to a ledger of votes.

Memory: the ids of the ledger, and the batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from alcli import options
from alcli.labelers import Task, labelers

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.labelers import Answer


def label(
    records: Iterable[Record],
    votes: Iterable[Record] = (),
    *,
    labeler: str = "gold",
    **params: Any,
) -> Iterator[Record]:
    """Yield new votes on the records; what `votes` has already is passed over.

    labeler, params: who is asked, and with which parameters (`file=` for `gold`).

    Raises:
        InputError: the labeler has no answer for an id.
    """
    import msgspec

    from alcli.core.step import identity

    asked: defaultdict[str, set[str]] = defaultdict(set)
    for vote in votes:
        asked[identity(vote["id"])].add(vote.get("annotator", ""))
    tasks: dict[str, Task] = {}  # a repeated record is asked once
    for record in records:
        id = identity(record["id"])
        line = msgspec.json.encode(record)
        tasks.setdefault(id, Task(id, line, frozenset(asked[id])))
    for task, answer in labelers.get(labeler)(tasks.values(), **params):
        yield msgspec.json.decode(vote_line(task, answer))


class Shares(click.ParamType[float | tuple[float, ...]]):
    """One share in [0, 1], or several with commas between them."""

    name = "SHARE"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | tuple[float, ...]:
        """Return the number, or the numbers."""
        one: click.ParamType[Any] = click.FloatRange(0, 1)
        shares = tuple(one.convert(text, param, ctx) for text in value.split(","))
        return shares if len(shares) > 1 else shares[0]


@options.command("label", epilog=labelers.summaries())
@options.inputs
@click.option(
    "--with",
    "labeler",
    type=options.PluginName(labelers),
    required=True,
    help="Who is asked: a name from below.",
)
@click.option(
    "--append", "ledger", required=True, metavar="FILE", help="The ledger of votes."
)
@click.option("--gold", type=options.INPUT, help="Labelled records: what gold answers.")
@click.option(
    "--noise",
    type=Shares(),
    default="0",
    metavar="SHARE[,SHARE...]",
    help="With gold: the share of wrong answers, of all or of each annotator.",
)
@click.option(
    "--annotators",
    type=click.IntRange(min=1),
    metavar="K",
    help="With gold: how many answer each record.  [default: 1 per SHARE]",
)
@options.params
@options.seed
@options.invalid
def command(
    files: tuple[str, ...],
    labeler: str,
    ledger: str,
    gold: str | None,
    noise: float | tuple[float, ...],
    annotators: int | None,
    params: tuple[str, ...],
    seed: int,
    **running: Any,
) -> None:
    """Ask someone for the labels of records, and append the answers to a ledger.

    What the ledger has already is passed over, so the command may be started again at
    any time. Each vote is the whole record with `label`, `annotator` and `time`.
    Memory: the ids of the ledger, and the batch.
    """
    from alcli.core.files import appending
    from alcli.core.params import defaults, parse
    from alcli.core.report import log
    from alcli.core.run import Local, through

    asker = labelers.get(labeler)
    known = defaults(asker)
    given = {"file": gold, "noise_share": noise, "annotators": annotators, "seed": seed}
    settings = {name: value for name, value in given.items() if name in known}
    settings |= parse(params, {k: v for k, v in known.items() if k not in given})
    report = options.report()
    with appending(ledger) as append:  # locked first, then read: two never ask the same
        report.input(ledger)  # as it is now: another run may have held the lock
        tasks = _Tasks(ledger)
        through(Local(tasks.add), files, None, report=report, **running)
        for task, answer in asker(tasks.open, **settings):
            append([vote_line(task, answer)])
            report.count({"written": 1})
    log.info("%d votes on %d records", report.counts["written"], report.counts["read"])


class _Tasks:
    """The records of a batch, each with those who have answered it."""

    def __init__(self, ledger: str) -> None:
        import msgspec

        from alcli.core.jsonl import blocks
        from alcli.core.step import identity

        who = ("annotator", str, "")
        vote = msgspec.defstruct("Vote", [("id", str | int), who], gc=False)
        task = msgspec.defstruct("Task", [("id", str | int)], gc=False)
        self.decoder = msgspec.json.Decoder(task)
        self.asked: defaultdict[str, set[str]] = defaultdict(set)
        self.open: list[Task] = []
        self.met: set[str] = set()
        for block in blocks([ledger], ledger=True):
            row: Any
            for row in block.decode(msgspec.json.Decoder(vote)):
                self.asked[identity(row.id)].add(row.annotator)

    def add(self, block: Any) -> Any:
        from alcli.core.step import Result, identity

        rows = block.decode(self.decoder)
        for row, line in zip(rows, block.lines, strict=True):
            id = identity(row.id)
            if id not in self.met:  # or it would be asked twice
                self.met.add(id)
                self.open.append(Task(id, line, frozenset(self.asked.get(id, ()))))
        return Result([], {"read": len(rows)})


def vote_line(task: Task, answer: Answer) -> bytes:
    """Return a vote: the record with the answer in place of an earlier one."""
    from datetime import UTC, datetime

    from alcli.core.jsonl import members, splice, without

    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    fields = {"label": answer.label, "annotator": answer.annotator, "time": now}
    if answer.seconds is not None:
        fields["seconds"] = answer.seconds  # type: ignore[assignment]
    line = without(task.line, "label", "annotator", "time", "seconds")
    return splice(line, members(fields))
