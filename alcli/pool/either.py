"""The choice that goes with a strategy: one that streams, or one that gathers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from alcli.core.errors import UsageError
from alcli.core.ids import IdSet
from alcli.pool.choice import Choice
from alcli.strategies import Batch, Strategy

if TYPE_CHECKING:
    from alcli.core.arrow import Vectors
    from alcli.pool.batch_choice import BatchChoice
    from alcli.pool.labelled import Labelled


def choice_of(
    n: int,
    strategy: Strategy,
    *,
    params: Mapping[str, Any],
    stratify: str | None = None,
    vectors: Vectors | None = None,
    labelled: Labelled | None = None,
    excluded: IdSet | None = None,
    mix_random: float = 0.0,
    subsample: int | None = None,
    seed: int = 0,
    check_text: bool = False,
) -> Choice | BatchChoice:
    """Return what takes blocks with `add` and gives the `batch`.

    labelled: records that are never chosen, all of them added already.

    Raises:
        UsageError: the strategy lacks something, or cannot use it.
    """
    if isinstance(strategy, Batch):
        if stratify:
            raise UsageError("--stratify goes with strategies that need no --vectors")
        from alcli.pool.batch_choice import BatchChoice

        return BatchChoice(
            n,
            strategy,
            params=params,
            vectors=vectors,
            labelled=labelled,
            excluded=excluded,
            mix_random=mix_random,
            subsample=subsample,
            seed=seed,
        )
    if vectors is not None or subsample is not None:
        option = "--vectors" if vectors is not None else "--subsample"
        raise UsageError(f"{option} goes with strategies that compare records")
    excluded = excluded or IdSet()
    excluded.add(labelled.ids if labelled else [])
    return Choice(
        n,
        strategy,
        params=params,
        stratify=stratify,
        excluded=excluded,
        mix_random=mix_random,
        seed=seed,
        check_text=check_text,
    )
