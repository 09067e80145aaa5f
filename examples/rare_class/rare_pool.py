"""Stopping criteria on a pool with 2 % of a rare class.

Usage, with `python -m examples.rare_class.rare_pool`:

    pool SNAPPFOOD_FOLDER FOLDER        write pool and test set
    judge CURVE >> results.jsonl        replay all criteria
    tables results.jsonl README.md      write the table
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import alcli
from examples.common.commit import commit
from examples.common.curves import BUDGETS, read_curves, stopping_round
from examples.common.machine import machine
from examples.common.records import read_records
from examples.common.tables import table, write_tables

METRIC = "macro_f1"
SIZES = {"train": 3000, "test": 2000}
SHARE = 0.02  # of the records, in the rare class


def pool(source: Path, folder: Path) -> None:
    """Write the first comments of each class; SHARE of them is negative."""
    for name, target in (("train", "pool"), ("test", "test")):
        rare = round(SIZES[name] * SHARE)
        left = {"positive": SIZES[name] - rare, "negative": rare}
        with (
            gzip.open(source / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines,
            (folder / f"{target}.raw.jsonl").open("w", encoding="utf-8") as out,
        ):
            for line in lines:
                label = json.loads(line)["label"]
                left[label] -= 1
                if left[label] >= 0:
                    out.write(line)


def one_class(record: Mapping[str, Any]) -> bool:
    """Check whether the model of a round predicts one class for all test records."""
    columns = zip(*record["confusion"]["matrix"], strict=True)
    return sum(any(column) for column in columns) < 2


def judge(ledger: Path) -> None:
    """Print [labels, score, loss, one class] of each run at each criterion's stop."""
    criteria = [name for name in alcli.info()["criteria"] if name not in BUDGETS]
    stops: dict[str, Any] = {name: defaultdict(list) for name in criteria}
    for curve in read_curves(ledger):
        scores = [record["metrics"][METRIC] for record in curve]
        strategy = curve[0]["tags"]["strategy"]
        for name in criteria:
            place, found = stopping_round(curve, name), None
            if place is not None:
                lost = max(scores) - scores[place]
                labels = curve[place]["labels"]
                found = [labels, scores[place], lost, one_class(curve[place])]
            stops[name][strategy].append(found)
    weight = json.loads(curve[0]["tags"]["settings"])["class_weight"]
    head = {"commit": commit(), "machine": machine(), "class_weight": weight}
    print(json.dumps(head | {"stops": stops}))


def comparison(runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a Markdown table of criteria: the last record of each class weighting."""
    last = {run["class_weight"]: run for run in runs}
    names = {"none": "before", "capped": "now", "balanced": "now, balanced"}
    sides = {names[weight]: last[weight]["stops"] for weight in names}
    heads = ["stops", "with one class", "at labels", "macro F1", "lost"]
    columns = [f"{side}: {head}" for side in sides for head in heads]
    rows = [
        [name, strategy]
        + [cell for side in sides.values() for cell in _cells(side[name][strategy])]
        for name in sides["now"]
        for strategy in sides["now"][name]
    ]
    yield from table(["criterion", "strategy", *columns], rows)
    yield ""
    yield "; ".join(f"{run['commit']}, {run['machine']}" for run in last.values())


def _cells(runs: Sequence[Sequence[Any] | None]) -> list[str]:
    stops = [run for run in runs if run]
    if not stops:
        return [f"0 of {len(runs)}", "-", "-", "-", "-"]
    labels, scores, lost, blind = zip(*stops, strict=True)
    means = [
        f"{mean(labels):,.0f}",
        f"{100 * mean(scores):.1f}",
        f"{100 * mean(lost):.1f}",
    ]
    return [f"{len(stops)} of {len(runs)}", str(sum(blind)), *means]


def tables(results: Path, readme: Path) -> None:
    """Write the table of README.md."""
    write_tables(readme, "\n".join(comparison(read_records(results))))


if __name__ == "__main__":
    actions = {"pool": pool, "judge": judge, "tables": tables}
    actions[sys.argv[1]](*map(Path, sys.argv[2:]))
