"""Choose the records that should be labelled next.

Memory: O(n x strata), whatever the size of the pool, and 24 bytes for each excluded id
and text; for strategies that compare records 4 d bytes a record and what each says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from alcli.cli import options
from alcli.cli.options.selecting import selection_options
from alcli.core.errors import NothingLeft, UsageError
from alcli.query.strategies import lookup, summaries

if TYPE_CHECKING:
    from alcli.annotation.votes.ledger import Ledger
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions
    from alcli.features.vectors import Vectors
    from alcli.query.selection.labelled import Labelled


def select(
    records: Iterable[Record],
    n: int,
    *,
    strategy: str | Callable[..., object] = "margin",
    stratify: str | None = None,
    shares: str | None = None,
    diversify: bool = False,
    vectors: Vectors | None = None,
    labelled: Iterable[Record] | None = None,
    votes: Iterable[Record] | None = None,
    subsample: int | None = None,
    exclude: Iterable[str] = (),
    mix_random: float = 0.0,
    min_utility: float | None = None,
    seed: int = 0,
    **params: Any,
) -> list[Record]:
    """Return the `n` records to label next, best first, each with a `query`.

    strategy: a name, or a function `(scored, **params) -> utility (n,)`. stratify: a
    field whose values share the batch, in proportion to their numbers or as `shares`
    says: proportional, equal, or sqrt. min_utility: what a record needs. diversify: of
    5 n records of largest utility choose those far from each other. vectors:
    `Vectors.of(ids, array)` or `Vectors.read(files)` of alcli.features.vectors, and
    labelled: records that are never chosen, for strategies that compare records; these
    choose from a sample of `subsample` records. votes: so far, for strategies that ask
    again. exclude: ids that are not to be chosen. mix_random: a share chosen at random.

    >>> pool = [{"id": "a", "probs": {"no": 0.9, "yes": 0.1}},
    ...         {"id": "b", "probs": {"no": 0.6, "yes": 0.4}}]
    >>> [record["id"] for record in select(pool, 1, strategy="margin")]
    ['b']

    Raises:
        InputError: a record lacks what the strategy needs.
    """
    import msgspec

    from alcli.annotation.votes.ledger import Ledger
    from alcli.core.ids import IdSet
    from alcli.core.jsonl import to_blocks
    from alcli.query.selection.labelled import Labelled
    from alcli.query.selection.selector import choice_of

    shown = None if labelled is None else Labelled()
    for block in to_blocks(labelled or ()):
        assert shown is not None
        shown.add(block)
    ledger = None if votes is None else Ledger()
    for block in to_blocks(votes or ()):
        assert ledger is not None
        ledger.add(block)
    choice = choice_of(
        n,
        lookup(strategy),
        params=params,
        stratify=stratify,
        shares=shares,
        diversify=diversify,
        vectors=vectors,
        labelled=shown,
        votes=ledger,
        subsample=subsample,
        excluded=IdSet(exclude),
        mix_random=mix_random,
        min_utility=min_utility,
        seed=seed,
    )
    for block in to_blocks(records):
        choice.add(block)
    name = strategy if isinstance(strategy, str) else strategy.__name__
    return [msgspec.json.decode(line) for line in choice.batch(name)]


@options.command("select", epilog=summaries())
@options.inputs
@options.output
@selection_options
@options.params
@options.seed
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    n: int,
    strategy: str,
    stratify: str | None,
    shares: str | None,
    per_class: bool,
    diversify: bool,
    min_utility: float | None,
    vectors: tuple[str, ...],
    labelled: tuple[str, ...],
    votes: tuple[str, ...],
    subsample: int | None,
    exclude: tuple[str, ...],
    mix_random: float,
    params: tuple[str, ...],
    seed: int,
    run: RunOptions,
) -> None:
    """Choose the -n records that should be labelled next, best first.

    Of records with equal `tokens` (equal `text`, where there are none) one is asked,
    and none if a record of --labelled or --exclude has them; strategies that ask again
    pass over that. Status 6: nothing is left to ask (an empty output is written).
    Memory: O(n x strata) + 24 bytes for each excluded id, and for each text; a strategy
    that compares vectors of d numbers: 4 d + 80 bytes a record, its id, and little
    more, which is checked before.
    """
    if not vectors:
        # what looks at each record for itself multiplies no matrices: to start threads
        # for it would cost more than the rest of NumPy's start
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from alcli.core.files import output as opened
    from alcli.core.jsonl import blocks, write_lines
    from alcli.core.params import defaults, parse
    from alcli.core.report import log
    from alcli.core.run import collect_files
    from alcli.query.selection.same_texts import SAME, Asked
    from alcli.query.selection.selector import choice_of

    if per_class:
        if stratify or shares:
            raise UsageError("--per-class stands for --stratify pred --shares equal")
        stratify, shares = "pred", "equal"
    report, found = run.report, lookup(strategy)
    asked = Asked(blocks(exclude, ledger=True) if exclude else ())
    choice = choice_of(
        n,
        found,
        params=parse(params, defaults(found)),
        stratify=stratify,
        shares=shares,
        diversify=diversify,
        vectors=_mapped(vectors),
        labelled=_shown(labelled),
        votes=_ledger(votes),
        subsample=subsample,
        excluded=asked.ids,
        texts=asked.texts,
        mix_random=mix_random,
        min_utility=min_utility,
        seed=seed,
        check_text=run.skip_invalid,
    )
    with opened(output) as out:
        collect_files(choice, files, run)
        batch = choice.batch(strategy)
        write_lines(out, batch)
        report.count({"written": len(batch)})
    if same := report.counts[SAME]:
        log.info("left out: %s %s", f"{same:,}", SAME)
    if not batch:
        raise NothingLeft("nothing is left to ask")
    if len(batch) < n:
        log.warning("only %d of the %d asked for are left", len(batch), n)


def _mapped(files: Sequence[str]) -> Vectors | None:
    from alcli.features.vectors import Vectors

    return Vectors.read(files) if files else None


def _shown(files: Sequence[str]) -> Labelled | None:
    from alcli.core.jsonl import blocks
    from alcli.query.selection.labelled import Labelled

    if not files:
        return None
    shown = Labelled()
    for block in blocks(files):
        shown.add(block)
    return shown


def _ledger(files: Sequence[str]) -> Ledger | None:
    from alcli.annotation.votes.ledger import Ledger
    from alcli.core.jsonl import blocks

    if not files:
        return None
    ledger = Ledger()
    for block in blocks(files, ledger=True):
        ledger.add(block)
    return ledger
