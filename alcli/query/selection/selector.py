"""The choice that goes with a strategy: one that streams, or one that gathers."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from alcli.core.errors import UsageError
from alcli.core.ids import IdSet
from alcli.query.selection.diversify import Diverse
from alcli.query.selection.pointwise_selector import Choice
from alcli.query.strategies import Batch, Strategy

if TYPE_CHECKING:
    from alcli.annotation.votes.ledger import Ledger
    from alcli.features.vectors import Vectors
    from alcli.query.selection.batch_selector import BatchChoice
    from alcli.query.selection.labelled import Labelled


def choice_of(
    n: int,
    strategy: Strategy,
    *,
    params: Mapping[str, Any],
    stratify: str | None = None,
    shares: str | None = None,
    diversify: bool = False,
    vectors: Vectors | None = None,
    labelled: Labelled | None = None,
    votes: Ledger | None = None,
    excluded: IdSet | None = None,
    texts: IdSet | None = None,
    mix_random: float = 0.0,
    min_utility: float | None = None,
    subsample: int | None = None,
    seed: int = 0,
    check_text: bool = False,
) -> Choice | BatchChoice:
    """Build a selector; feed blocks with `add`, read the result with `batch`.

    labelled: records that are never chosen, all of them added already. votes: likewise.
    texts: keys of those that were asked before (`texts.key_of`). No record with such a
    text is chosen, or with that of a labelled one, but by strategies that ask again.

    Raises:
        UsageError: the strategy lacks something, or cannot use it.
    """
    asked = [texts, labelled.texts if labelled is not None else None]
    before = [] if "votes" in strategy.needs else [keys for keys in asked if keys]
    if isinstance(strategy, Batch):
        refused = {
            "--stratify": stratify,
            "--min-utility": min_utility,
            "--diversify": diversify or None,
        }
        for option, value in refused.items():
            if value is not None:
                problem = "goes with strategies that look at each record for itself"
                raise UsageError(f"{option} {problem}")
        from alcli.query.selection.batch_selector import BatchChoice

        return BatchChoice(
            n,
            strategy,
            params=params,
            vectors=vectors,
            labelled=labelled,
            votes=votes,
            excluded=excluded,
            texts=before,
            mix_random=mix_random,
            subsample=subsample,
            seed=seed,
        )
    if diversify and (vectors is None or stratify or strategy.stratify):
        raise UsageError("--diversify needs --vectors FILE, and no --stratify")
    if (vectors is not None and not diversify) or subsample is not None:
        option = "--vectors" if subsample is None else "--subsample"
        more = " or --diversify" if subsample is None else ""
        raise UsageError(f"{option} goes with strategies that compare records{more}")
    if votes is not None:
        raise UsageError("--votes goes with strategies that ask again")
    if min_utility is not None and isnan(min_utility):
        raise UsageError("--min-utility nan: expected a number")
    if shares and not (stratify or strategy.stratify):
        raise UsageError("--shares goes with --stratify")
    excluded = excluded or IdSet()
    excluded.add(labelled.ids if labelled else [])
    return Choice(
        n,
        strategy,
        params=params,
        stratify=stratify,
        shares=shares,
        excluded=excluded,
        texts=before,
        mix_random=mix_random,
        min_utility=float("-inf") if min_utility is None else min_utility,
        diverse=Diverse(vectors, labelled.ids if labelled else ()) if vectors else None,
        seed=seed,
        check_text=check_text,
    )
