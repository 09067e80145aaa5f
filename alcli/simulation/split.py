"""Split of labelled records by a seed: test set, stop set, pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alcli.core.errors import InputError
from alcli.core.types import Indices
from alcli.data.settings import SplitSettings
from alcli.data.splitting import Splitter
from alcli.simulation.data import Dataset
from alcli.simulation.settings import SimulationSettings


@dataclass(frozen=True)
class Split:
    """Test set, pool and stop set of one seed.

    Attributes:
        test: labelled records to evaluate on.
        pool: row indices of the data, (n,); includes the stop set.
        stop: row indices of the data, (s,).
    """

    test: Dataset
    pool: Indices
    stop: Indices


def split_dataset(
    data: Dataset, fixed: Dataset | None, settings: SimulationSettings, seed: int
) -> Split:
    """Split the records as `alcli split --seed` does.

    fixed: separate test set; its ids are excluded from the pool.

    Raises:
        InputError: the records are too few.
    """
    rows, test, stop = np.arange(len(data)), settings.test_size, settings.stop
    if fixed is not None:
        test_ids = set(fixed.ids)
        rows = rows[[id not in test_ids for id in data.ids]]
    shares: dict[str, float | None] = {"test": test} if test else {}
    shares |= {"stop": stop} if stop else {}
    splitter = Splitter(SplitSettings(seed=seed))
    splitter.add_ids([data.ids[row] for row in rows.tolist()])
    share_of = splitter.assign({**shares, "rest": None})
    part = {name: rows[share_of == place] for place, name in enumerate(shares)}
    pool = rows[share_of > 0] if test else rows
    if not len(pool):
        raise InputError("no labelled record is left for the pool")
    empty = np.empty(0, np.intp)
    test_set = data.take(part["test"]) if fixed is None else fixed
    return Split(test_set, pool, part.get("stop", empty))
