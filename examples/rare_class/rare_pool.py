"""Stopping criteria on a pool with 2 % of a rare class.

Usage: python rare_pool.py pool SNAPPFOOD_FOLDER FOLDER   writes pool and test set
       python rare_pool.py judge CURVE >> results.jsonl   replays all criteria
       python rare_pool.py tables results.jsonl README.md
"""

from __future__ import annotations

import gzip
import json
import platform
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

METRIC = "macro_f1"
BUDGETS = {"labels", "rounds", "seconds"}
SIZES = {"train": 3000, "test": 2000}
SHARE = 0.02  # of the records, in the rare class
BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"

type Curve = Sequence[Mapping[str, Any]]


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


def curves(path: Path) -> Iterator[Curve]:
    """Yield the rounds of each run of a ledger of `alcli simulate`."""
    runs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in path.read_text("utf-8").split("\n")[:-1]:
        record = json.loads(line)
        runs[record["tags"]["run"]].append(record)
    for run in runs.values():
        yield sorted(run, key=lambda record: int(record["tags"]["round"]))


def one_class(record: Mapping[str, Any]) -> bool:
    """Tell whether the model of a round predicts one class for all test records."""
    columns = zip(*record["confusion"]["matrix"], strict=True)
    return sum(any(column) for column in columns) < 2


def judge(ledger: Path) -> None:
    """Print [labels, score, loss, one class] of each run at each criterion's stop."""
    import alcli

    criteria = [name for name in alcli.info()["criteria"] if name not in BUDGETS]
    stops: dict[str, Any] = {name: defaultdict(list) for name in criteria}
    for curve in curves(ledger):
        scores = [record["metrics"][METRIC] for record in curve]
        strategy = curve[0]["tags"]["strategy"]
        for name in criteria:
            found = None
            for place in range(len(curve)):
                (verdict,) = alcli.proceed(curve[: place + 1], [name]).values()
                if verdict.stop:
                    lost = max(scores) - scores[place]
                    labels = curve[place]["labels"]
                    found = [labels, scores[place], lost, one_class(curve[place])]
                    break
            stops[name][strategy].append(found)
    call = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(call, capture_output=True, text=True).stdout.strip()
    machine = (
        f"{platform.processor() or platform.machine()}, {platform.python_version()}"
    )
    weight = json.loads(curve[0]["tags"]["settings"])["class_weight"]
    head = {"commit": commit, "machine": machine, "class_weight": weight}
    print(json.dumps(head | {"stops": stops}))


def table(runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a Markdown table of criteria: the last record of each class weighting."""
    last = {run["class_weight"]: run for run in runs}
    names = {"none": "before", "capped": "now", "balanced": "now, balanced"}
    sides = {names[weight]: last[weight]["stops"] for weight in names}
    heads = ["stops", "with one class", "at labels", "macro F1", "lost"]
    columns = [f"{side}: {head}" for side in sides for head in heads]
    yield "| criterion | strategy | " + " | ".join(columns) + " |"
    yield "|---" * (2 + len(columns)) + "|"
    for name in sides["now"]:
        for strategy in sides["now"][name]:
            cells = [name, strategy]
            for side in sides.values():
                cells += _cells(side[name][strategy])
            yield "| " + " | ".join(cells) + " |"
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
    """Put the table between the marks of the README."""
    runs = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    head, _, rest = readme.read_text("utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    text = "\n".join(table(runs))
    readme.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", "utf-8")


if __name__ == "__main__":
    actions = {"pool": pool, "judge": judge, "tables": tables}
    actions[sys.argv[1]](*map(Path, sys.argv[2:]))
