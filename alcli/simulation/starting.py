"""Start set: the records labelled before the first model is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from alcli.core.errors import UsageError
from alcli.core.ids import seeded_uniform
from alcli.core.log import log
from alcli.simulation.batches import QueryBatch
from alcli.simulation.labelling import Labels
from alcli.simulation.plugin_specs import parse_per_class
from alcli.simulation.query import select_batch
from alcli.simulation.setup import Setup


def start_set(setup: Setup, name: str, size: int) -> QueryBatch:
    """Return the start set, the same for all runs of a setup.

    name: strategy, which selects `size` records; or `per-class=K`.
    """
    if (name, size) not in setup.start_sets:
        if k := parse_per_class(name):
            found = sample_per_class(setup, k)
        else:
            queried = np.empty(0, np.intp)
            labels = Labels(queried, [])
            found, _ = select_batch(setup, name, size, queried, labels, setup.init)
        setup.start_sets[name, size] = found
    return setup.start_sets[name, size]


def sample_per_class(setup: Setup, k: int) -> QueryBatch:
    """Return k random records of each true class, with distinct texts.

    They are the first k of the class in the order of the strategy `random`. Of a class
    with fewer, all are taken, with a warning.
    """
    data, pool = setup.data, setup.split.pool
    order = np.argsort(
        -seeded_uniform(setup.seed, [data.ids[r] for r in pool]), kind="stable"
    )
    counts: Counter[str] = Counter()
    texts, rows = set[str](), []
    for row in pool[order].tolist():
        label, text = data.labels[row], data.texts[row]
        if counts[label] < k and text not in texts:
            counts[label] += 1
            texts.add(text)
            rows.append(row)
    few = {label: counts[label] for label in data.classes if counts[label] < k}
    if few:
        counted = ", ".join(f"{label} ({count})" for label, count in few.items())
        log.warning(
            "the pool has fewer than %d distinct texts of some classes; all are in the "
            "start set: %s",
            k,
            counted,
        )
    return QueryBatch.unpredicted(np.array(rows, np.intp))


def start_set_size(
    name: str, size: int | None, n: int, counts: Mapping[str, int]
) -> int:
    """Return the number of records of a start set.

    size: value of --start-size, if any. n: batch size. counts: class -> number of
    records in the pool.

    Raises:
        UsageError: `size` contradicts `per-class=K`.
    """
    k = parse_per_class(name)
    if not k:
        return size or n
    if size not in (None, k * len(counts)):
        raise UsageError(
            f"--start {name} with {len(counts)} classes is {k * len(counts)} records, "
            f"not {size}: omit --start-size"
        )
    return sum(min(k, count) for count in counts.values())
