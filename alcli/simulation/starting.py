"""The start set: records that are labelled before there is a trained model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from alcli.core.errors import UsageError
from alcli.core.ids import seeded_uniform
from alcli.core.report import log
from alcli.simulation.data import joined
from alcli.simulation.names import per_class
from alcli.simulation.query import UNPREDICTED, Questions, choose
from alcli.simulation.setup import Bench


def first(bench: Bench, name: str, size: int) -> Questions:
    """Return the start set, the same for all runs of a bench.

    name: a strategy, which chooses `size` records; or `per-class=K`.
    """
    if (name, size) not in bench.starts:
        if k := per_class(name):
            found = of_each_class(bench, k)
        else:
            nobody = np.empty(0, np.intp)
            found = choose(bench, name, size, nobody, joined(()), bench.init)[0]
        bench.starts[name, size] = found
    batch: Questions = bench.starts[name, size]
    return batch


def of_each_class(bench: Bench, k: int) -> Questions:
    """Return k records of each true class at random, no two with the same text.

    They are the first k of the class in the order in which `random` asks. A class with
    fewer gives all that it has, with a warning.
    """
    data, pool = bench.data, bench.split.pool
    order = np.argsort(
        -seeded_uniform(bench.seed, [data.ids[r] for r in pool]), kind="stable"
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
        shown = ", ".join(f"{label} ({count})" for label, count in few.items())
        log.warning(
            "the pool has fewer than %d different records of some classes; the start "
            "set has all of them: %s",
            k,
            shown,
        )
    return Questions(np.array(rows, np.intp), np.full(len(rows), UNPREDICTED, np.intp))


def size_of(name: str, size: int | None, n: int, counts: Mapping[str, int]) -> int:
    """Return how many records a start set has.

    size: of --start-size, if any; n: of a batch; counts: those of each class in the
    pool.

    Raises:
        UsageError: `size` contradicts `per-class=K`.
    """
    k = per_class(name)
    if not k:
        return size or n
    if size not in (None, k * len(counts)):
        raise UsageError(
            f"--start {name} of {len(counts)} classes is {k * len(counts)} records, "
            f"not the {size} of --start-size: leave that out"
        )
    return sum(min(k, count) for count in counts.values())
