"""Train by alcli's public function, without its start, and print what it cost.

`python -m tests.benchmarks.fit FILE`: as `opponents/padded_fit.py`, but encoding and
padding are in the price here: from records to the checkpoint.
"""

import argparse
import json
import time
from itertools import islice

from tests.benchmarks.data import Record


def main() -> None:
    """Train on the first texts of a file; with --test tell the accuracy on another."""
    import alcli.backend

    import alcli

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--texts", type=int)
    parser.add_argument("--arch", default="cnn")
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE")
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test")
    args = parser.parse_args()

    records = read(args.file, args.texts)
    start = alcli.train(
        corpus=records,
        classes=sorted({record["label"] for record in records}),
        arch=args.arch,
        params={
            key: json.loads(value)
            for key, _, value in (pair.partition("=") for pair in args.set)
        },
        epochs=0,
        seed=args.seed,
    )
    wall, cpu = time.perf_counter(), time.process_time()
    fitted = alcli.train(
        records,
        init=start,
        epochs=args.epochs,
        batch_size=args.batch_size,
        seed=args.seed,
    )
    told = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if args.test:
        records = read(args.test, None)
        probs = fitted.predict([record["tokens"] for record in records]).probs
        found = [fitted.labels[best] for best in probs.argmax(axis=1)]
        right = (a == r["label"] for a, r in zip(found, records, strict=True))
        told["accuracy"] = sum(right) / len(records)
    print(json.dumps(told))


def read(path: str, n: int | None) -> list[Record]:
    """Return the first n records."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, n)]


if __name__ == "__main__":
    main()
