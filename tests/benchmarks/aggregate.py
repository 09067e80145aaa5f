"""Aggregate a file of votes with Dawid-Skene, and print the cost of that alone.

`python -m tests.benchmarks.aggregate FILE --labels FILE`: as
`opponents/crowdkit_fit.py`; reading is left out, sparse matrices are timed.
"""

import argparse
import json
import time


def main() -> None:
    """Fit once, and write the label of each id."""
    from alcli.annotation.aggregators.dawid_skene import dawid_skene
    from alcli.annotation.votes.ledger import Ledger
    from alcli.core.jsonl import blocks

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--labels")
    args = parser.parse_args()
    ledger = Ledger()
    for block in blocks([args.file]):
        ledger.add(block)
    votes, names, _ = ledger.votes()
    import scipy.sparse  # noqa: F401 - before the clock, as pandas is there

    wall, cpu = time.perf_counter(), time.process_time()
    beliefs, _ = dawid_skene(votes)
    costs = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if args.labels:
        best = beliefs.argmax(axis=1).tolist()
        with open(args.labels, "w", encoding="utf-8") as file:
            for id, place in zip(ledger.ids, best, strict=True):
                file.write(json.dumps({"id": id, "label": names[place]}) + "\n")
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
