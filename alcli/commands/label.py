"""Ask someone for labels, and append each answer to a ledger of votes.

Memory: the ids of the ledger, and the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from alcli.annotation.labelers import Asking, asks_people, labelers, strokes
from alcli.cli import options
from alcli.cli.options.labelling import CHECK, labelling_options
from alcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alcli.core.jsonl import Record

OF_PEOPLE = ("classes", "annotator", "redundancy", "guidelines", "check", "suggest")
OF_GOLD = ("file", "noise_share", "annotators", "seed")
OF_OPTIONS = (*OF_GOLD, "asking", "host", "port")  # what --set need not give


def label(
    records: Iterable[Record],
    votes: Iterable[Record] = (),
    *,
    labeler: str = "gold",
    **params: Any,
) -> Iterator[Record]:
    """Yield new votes on the records; what `votes` has already is passed over.

    labeler, params: name of the labeler, and its parameters (`file=` for `gold`; for
    people `asking=alcli.annotation.queue.Asking(classes=...)`).

    Raises:
        InputError: the labeler has no answer for an id.
    """
    from dataclasses import replace

    import msgspec

    from alcli.annotation.queue.records import Tasks, vote_line
    from alcli.core.jsonl import to_blocks

    asker = labelers.get(labeler)
    tasks = Tasks(to_blocks(votes), people=asks_people(asker))
    for block in to_blocks(records):
        tasks.add(block)
    if asking := params.get("asking"):
        params["asking"] = replace(asking, people=tasks.people())
    for task, answer in asker(tasks.all(), **params):
        yield msgspec.json.decode(vote_line(task, answer))


@options.command("label", epilog=labelers.summaries(hidden=OF_OPTIONS))
@options.inputs
@click.option(
    "--with",
    "labeler",
    type=options.PluginName(labelers),
    required=True,
    help="Who is asked: a name from below.",
)
@click.option(
    "--append",
    "ledger",
    required=True,
    type=options.OUTPUT,
    help="The ledger of votes.",
)
@labelling_options
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
    skip_invalid: bool,
    rejects: str | None,
    **people: Any,
) -> int:
    """Ask someone for the labels of records, and append the answers to a ledger.

    \b
      alcli label batch.jsonl --with web --class no --class yes --redundancy 2 \\
        --guidelines guide.md --gold gold.jsonl --append votes.jsonl

    What the ledger has already is passed over, so the command may be started again at
    any time. Each vote is the whole record with `label`, `annotator` and `time`. The
    status is 1 if people end it while records are open.

    A person has one vote on a record; with --redundancy K it ends when K different
    people have answered each. Skipped and unsure count as answers.

    A vote on a known question of --check has `check`: true: `merge-labels` judges
    annotators by it, and leaves the question out of its output.

    The link to the page of `--with web` has a fresh secret, or that of
    ALCLI_WEB_SECRET: from cron, set it and --port, so that the link stays the same.
    `--with telegram` takes the bot's token from ALCLI_TELEGRAM_TOKEN,
    makes the names of annotators by ALCLI_TELEGRAM_KEY, and its link has a fresh
    secret, or that of ALCLI_TELEGRAM_SECRET.

    Memory: the ids of the ledger, and the batch.
    """
    from dataclasses import replace

    from alcli.annotation.queue.records import Tasks, open_after, vote_line
    from alcli.core.files import appending
    from alcli.core.jsonl import blocks
    from alcli.core.params import defaults, parse
    from alcli.core.report import log
    from alcli.core.run import CollectStep, run_files

    asker = labelers.get(labeler)
    known = defaults(asker)
    people |= {"noise_share": noise or None, "annotators": annotators}
    asking, settings = _asking(asker, labeler, people | {"gold": gold, "seed": seed})
    if "file" in known:
        settings["file"] = gold
    settings |= parse(params, {k: v for k, v in known.items() if k not in OF_GOLD})
    report = options.report()
    with ExitStack() as stack:
        # locked first, then read: two never ask the same
        append = stack.enter_context(appending(ledger))
        report.input(ledger)  # as it is now: another run may have held the lock
        tasks = Tasks(blocks([ledger], ledger=True), people=asking is not None)
        run_files(
            CollectStep(tasks.add),
            files,
            None,
            report=report,
            skip_invalid=skip_invalid,
            rejects=rejects,
        )
        if asking:
            questions = tasks.known(blocks([gold]), asking.classes) if gold else ()
            settings["asking"] = replace(asking, gold=questions, people=tasks.people())
        votes = set()
        answers = asker(tasks.all(), **settings)
        stack.callback(getattr(answers, "close", lambda: None))
        for some in strokes(asker, answers):
            append(vote_line(task, answer) for task, answer in some)
            report.count({"written": len(some)})
            votes |= {(task.id, answer.annotator) for task, answer in some}
    still_open = open_after(tasks.all(), votes, asking.redundancy) if asking else 0
    log.info(
        "%d votes on %d records%s",
        report.counts["written"],
        report.counts["read"],
        f"; {still_open} open" if still_open else "",
    )
    return int(still_open > 0)


def _asking(
    asker: Callable[..., object], labeler: str, values: dict[str, Any]
) -> tuple[Asking | None, dict[str, Any]]:
    """Return the settings of asking, and the other options of the labeler.

    Raises:
        UsageError: an option that does not go with the labeler, or not alone.
        InputError: the guidelines cannot be read.
    """
    from alcli.core.inputs import read_text
    from alcli.core.params import defaults

    given = {k: v for k, v in values.items() if v not in (None, ()) and v is not False}
    people, known = asks_people(asker), defaults(asker)
    for name in given:
        takes = people if name in OF_PEOPLE else name in known
        if not (takes or name in ("gold", "seed")):
            option = {"classes": "class", "noise_share": "noise"}.get(name, name)
            raise UsageError(f"--{option} does not go with --with {labeler}")
    more = {name: value for name, value in given.items() if name in known}
    if not people:
        return None, more
    if "gold" in given:
        given.setdefault("check", CHECK)
    elif "check" in given:
        raise UsageError("--check goes with --gold FILE: questions with known answers")
    if "guidelines" in given:
        given["guidelines"] = read_text(given["guidelines"])
    return Asking(**{k: v for k, v in given.items() if k in (*OF_PEOPLE, "seed")}), more
