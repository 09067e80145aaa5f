"""Ask someone for labels, and append each answer to a ledger of votes.

Memory: the ids of the ledger, and the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from alcli.annotation.labelers import (
    LabellingSettings,
    asks_people,
    labelers,
    write_batches,
)
from alcli.cli import options
from alcli.cli.options.labelling import CHECK, labelling_options
from alcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions

OF_PEOPLE = ("classes", "annotator", "redundancy", "guidelines", "check", "suggest")
OF_GOLD = ("file", "noise_share", "annotators", "seed")
OF_OPTIONS = (*OF_GOLD, "settings", "host", "port")  # what --set need not give


def label(
    records: Iterable[Record],
    votes: Iterable[Record] = (),
    *,
    labeler: str = "gold",
    **params: Any,
) -> Iterator[Record]:
    """Yield new votes on the records; what `votes` has already is passed over.

    labeler, params: name of the labeler, and its parameters (`file=` for `gold`; for
    people `settings=alcli.annotation.queue.LabellingSettings(classes=...)`).

    Raises:
        InputError: the labeler has no answer for an id.
    """
    from dataclasses import replace

    import msgspec

    from alcli.annotation.queue.records import Tasks, vote_line
    from alcli.core.jsonl import to_blocks

    asker = labelers.get(labeler)
    tasks = Tasks(to_blocks(votes), needs_text=asks_people(asker))
    for block in to_blocks(records):
        tasks.add(block)
    if settings := params.get("settings"):
        params["settings"] = replace(settings, past_annotators=tasks.annotators())
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
@options.run_options()
def command(
    files: tuple[str, ...],
    labeler: str,
    ledger: str,
    gold: str | None,
    noise: float | tuple[float, ...],
    annotators: int | None,
    params: tuple[str, ...],
    seed: int,
    run: RunOptions,
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

    from alcli.annotation.queue.records import Tasks, count_open, vote_line
    from alcli.core.files import appending
    from alcli.core.jsonl import blocks
    from alcli.core.params import defaults, parse
    from alcli.core.report import log
    from alcli.core.run import collect_files

    asker = labelers.get(labeler)
    known = defaults(asker)
    people |= {"noise_share": noise or None, "annotators": annotators}
    settings, arguments = _labelling_settings(
        asker, labeler, people | {"gold": gold, "seed": seed}
    )
    if "file" in known:
        arguments["file"] = gold
    arguments |= parse(params, {k: v for k, v in known.items() if k not in OF_GOLD})
    report = run.report
    with ExitStack() as stack:
        # locked first, then read: two never ask the same
        append = stack.enter_context(appending(ledger))
        report.input(ledger)  # as it is now: another run may have held the lock
        tasks = Tasks(blocks([ledger], ledger=True), needs_text=settings is not None)
        collect_files(tasks, files, run)
        if settings:
            questions = (
                tasks.gold_tasks(blocks([gold]), settings.classes) if gold else ()
            )
            arguments["settings"] = replace(
                settings, gold=questions, past_annotators=tasks.annotators()
            )
        votes = set()
        answers = asker(tasks.all(), **arguments)
        stack.callback(getattr(answers, "close", lambda: None))
        for some in write_batches(asker, answers):
            append(vote_line(task, answer) for task, answer in some)
            report.count({"written": len(some)})
            votes |= {(task.id, answer.annotator) for task, answer in some}
    still_open = count_open(tasks.all(), votes, settings.redundancy) if settings else 0
    log.info(
        "%d votes on %d records%s",
        report.counts["written"],
        report.counts["read"],
        f"; {still_open} open" if still_open else "",
    )
    return int(still_open > 0)


def _labelling_settings(
    asker: Callable[..., object], labeler: str, values: dict[str, Any]
) -> tuple[LabellingSettings | None, dict[str, Any]]:
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
    return LabellingSettings(
        **{k: v for k, v in given.items() if k in (*OF_PEOPLE, "seed")}
    ), more
