"""Write the sample `reviews.jsonl`: synthetic Persian product comments.

    python -m examples.reviews.generate [--seed 0] [--n 6000] [-o FILE]

The same seed gives the same bytes, whatever the version of Python or the machine.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from examples.reviews.compose import CLASSES, SHARES, compose
from examples.reviews.grammar import chance, draw, pick, shuffle
from examples.reviews.spelling import spell

LABELS = {"positive": 0.53, "neutral": 0.31, "negative": 0.16}  # as shipped
WRONG = 0.08  # share of labels that are not the true one, either other as likely
REPEATED = 0.025  # share of comments posted again, word for word, under another id
SAMPLE = Path(__file__).with_name("reviews.jsonl")


def reviews(n: int, seed: int) -> Iterator[tuple[dict[str, str], str]]:
    """Yield n records, each with its true label, which the record does not hold."""
    rng = Random(seed)
    truths = _quota(true_shares(LABELS, WRONG), n, rng)
    wrong = _quota({True: WRONG, False: 1 - WRONG}, n, rng)
    written: dict[str, list[tuple[str, str]]] = {label: [] for label in CLASSES}
    for i, truth in enumerate(truths):
        earlier = written[truth]
        if earlier and chance(REPEATED, rng):
            product, text = pick(earlier, rng)
        else:
            product = draw(SHARES, rng)
            text = spell(compose(product, truth, rng), truth, rng)
        earlier.append((product, text))
        others = [label for label in CLASSES if label != truth]
        label = pick(others, rng) if wrong[i] else truth
        record = {"id": f"r{i + 1:05}", "text": text, "label": label}
        yield record | {"product": product}, truth


def true_shares(labels: Mapping[str, float], wrong: float) -> dict[str, float]:
    """Return the class shares of true labels; wrong labels make them `labels`."""
    other = wrong / (len(labels) - 1)
    return {k: (share - other) / (1 - wrong - other) for k, share in labels.items()}


def main() -> None:
    """Write the sample to a file; without options, the one that is shipped."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n", type=int, default=6000)
    parser.add_argument("-o", "--output", type=Path, default=SAMPLE, metavar="FILE")
    args = parser.parse_args()
    with args.output.open("w", encoding="utf-8", newline="\n") as file:
        for record, _ in reviews(args.n, args.seed):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _quota[T](shares: Mapping[T, float], n: int, rng: Random) -> list[T]:
    """Return n keys in these shares, to the nearest whole number, in random order."""
    keys: list[T] = []
    reached = 0.0
    for key, share in shares.items():
        reached += share
        keys += [key] * (round(reached * n) - len(keys))
    shuffle(keys, rng)
    return keys


if __name__ == "__main__":
    main()
