"""Inputs: real comments, repeated under distinct ids, with synthetic scores.

The same seed makes the same bytes. Inputs are made once and kept in the folder
`ALCLI_BENCH` (default: `alcli-bench` in the system's temporary folder; 3 GB). What
is real comes from `ALCLI_DATA` (default: `../shared/data` from the root).
"""

import gzip
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import batched, count, islice
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import ROOT, module

VERSION = 1  # part of the names: a change below makes new files
SEED = 0
CLASSES = ("negative", "neutral", "positive")
DATA = Path(os.environ.get("ALCLI_DATA", ROOT / ".." / "shared" / "data"))

type Record = dict[str, Any]


def folder() -> Path:
    """Return the folder of inputs; create it if needed."""
    named = os.environ.get("ALCLI_BENCH")
    found = Path(named or Path(tempfile.gettempdir()) / "alcli-bench").resolve()
    found.mkdir(parents=True, exist_ok=True)
    return found


def path(name: str) -> Path:
    """Return the path of an input; make a missing one in another process."""
    found = folder() / f"{name}.v{VERSION}.jsonl"
    if not found.exists():
        print(f"making {name} ...", file=sys.stderr)
        subprocess.run(module("data", name), cwd=ROOT, check=True)
    return found


def texts(corpus: str) -> Iterator[Record]:
    """Yield the records of a real corpus, such as `snappfood/train`."""
    import msgspec

    decode = msgspec.json.Decoder(Record).decode
    with gzip.open(DATA / f"{corpus}.jsonl.gz") as lines:
        yield from map(decode, lines)


def raw(n: int) -> Iterator[Record]:
    """Yield n records with `id`, `text` and `label`."""
    corpus = list(texts("snappfood/train"))
    repeats = ({**r, "id": f"{r['id']}-{i}"} for i in count() for r in corpus)
    return islice(repeats, n)


def tokenised(n: int) -> Iterator[Record]:
    """Yield n records with `tokens`, all of them distinct.

    Split at white space, so that the inputs do not change with our normaliser.
    """
    for number, record in enumerate(raw(n)):
        tokens = " ".join([*record["text"].split(), f"#{number}"])
        yield {**record, "tokens": tokens}


def comments(corpus: str, n: int | None = None) -> Iterator[Record]:
    """Yield n records of a corpus, or all, with `tokens`, in random order."""
    from random import Random

    records = list(texts(corpus))
    Random(SEED).shuffle(records)
    for record in islice(records, n):
        yield {**record, "tokens": " ".join(record["text"].split())}


def scored(n: int) -> Iterator[Record]:
    """Yield n records with `topic`, `probs` of 8 decimals that sum to 1, and `pred`."""
    from math import exp
    from random import Random

    chance = Random(SEED)
    for record in tokenised(n):
        weights = [exp(chance.gauss(0, 2)) for _ in CLASSES]
        parts = [round(1e8 * weight / sum(weights)) for weight in weights[1:]]
        parts.insert(0, 10**8 - sum(parts))
        probs = {name: part / 1e8 for name, part in zip(CLASSES, parts, strict=True)}
        topic = chance.randrange(10)
        pred = max(probs, key=probs.__getitem__)
        yield {**record, "topic": topic, "probs": probs, "pred": pred}


def excluded(n: int, of: int) -> Iterator[Record]:
    """Yield n random ids of the first `of` records."""
    from random import Random

    chosen = set(Random(SEED).sample(range(of), n))
    for number, record in enumerate(raw(of)):
        if number in chosen:
            yield {"id": record["id"]}


def votes(items: int, each: int, annotators: int, batch: int) -> Iterator[Record]:
    """Yield votes on whole records, batch after batch; four in five are right.

    Each item of a batch is voted on once, then each of them again, and so on.
    """
    from random import Random

    chance = Random(SEED)
    shuffled = chance.sample(list(raw(items)), items)
    for records in batched(shuffled, batch):
        asked = [chance.sample(range(annotators), each) for _ in records]
        for turn in range(each):
            for item in chance.sample(range(len(records)), len(records)):
                label = records[item]["label"]
                yield {
                    **records[item],
                    "label": label if chance.random() < 0.8 else chance.choice(CLASSES),
                    "annotator": f"w{asked[item][turn]:04}",
                    "time": f"2025-01-01T00:{item % 60:02}:{turn:02}Z",
                }


def crowd(items: int, each: int, annotators: int) -> Iterator[Record]:
    """Yield votes on whole records of four classes; annotators differ in skill.

    A right answer has the probability 0.4 to 0.95, by annotator; the rest are random.
    """
    from random import Random

    chance = Random(SEED)
    skill = [chance.uniform(0.4, 0.95) for _ in range(annotators)]
    for number, record in enumerate(raw(items)):
        truth = chance.randrange(4)
        for who in chance.sample(range(annotators), each):
            right = chance.random() < skill[who]
            label = truth if right else chance.randrange(4)
            yield {
                **record,
                "label": f"class{label}",
                "annotator": f"w{who:04}",
                "time": f"2025-01-01T00:{number % 60:02}:00Z",
            }


INPUTS: dict[str, Callable[[], Iterator[Record]]] = {
    "scored": partial(scored, 1_000_000),
    "excluded": partial(excluded, 100_000, 1_000_000),
    "raw": partial(raw, 500_000),
    "votes": partial(votes, 200_000, 5, 1_000, batch=1_000),
    "votes-shuffled": partial(votes, 200_000, 5, 1_000, batch=200_000),
    "votes-crowd": partial(crowd, 200_000, 5, 1_000),
    "labelled": partial(tokenised, 10_000),
    "comments": partial(comments, "snappfood/train"),
    "comments-labelled": partial(comments, "snappfood/train", 5_000),
    "comments-test": partial(comments, "snappfood/test"),
    "few-labelled": partial(comments, "snappfood/train", 10),
    "few-test": partial(comments, "snappfood/test", 10),
    "pool-small": partial(tokenised, 100_000),
    "pool-large": partial(tokenised, 1_000_000),
}


def make(name: str) -> None:
    """Write an input, all or nothing."""
    import msgspec

    target = folder() / f"{name}.v{VERSION}.jsonl"
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        for record in INPUTS[name]():
            file.write(msgspec.json.encode(record) + b"\n")
    part.replace(target)


if __name__ == "__main__":
    make(sys.argv[1])
