"""Measure settings of `train` on one data set; print a record per setting and size.

Usage: python -m examples.defaults.measure linear|networks run NAME >> results.jsonl

Settings differ from the defaults in one thing each, but for "before": the defaults of
version 0.1. Vocabulary and IDF come from the whole pool, as in the loop; the labelled
records are drawn at random by the seed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import alcli
from alcli.features.tfidf import Tfidf
from alcli.models.architectures.linear.logreg import logreg, softmax
from alcli.models.training.holdout import class_weights
from alcli.numerics import calibration, classification
from examples.common.commit import commit
from examples.common.machine import machine
from examples.common.records import read_records

SIZES = {50: 10, 100: 10, 200: 10, 500: 5, 2000: 3, 0: 1}  # labels: seeds; 0: all
FEATURES = {"ngrams": 2, "characters": 3, "tf": "count"}
DEFAULTS: dict[str, Any] = {**FEATURES, "class weight": "capped", "c": 4.0}
BEFORE = DEFAULTS | {"characters": 0, "class weight": "none", "c": 2.0}
VALUES: dict[str, list[Any]] = {
    "class weight": ["none", "capped", "balanced"],
    "c": [1.0, 2.0, 4.0, 8.0, 16.0, "400 / n", "40 / sqrt(n)"],
    "ngrams": [1, 2, 3],
    "characters": [0, 3, 4, 5],
    "tf": ["count", "log", "binary"],
}
STEPS = {"10 epochs": 1, "40 steps": 40, "80 steps": 80, "160 steps": 160}
NETWORK_SIZES = {50: 3, 100: 3, 200: 3, 500: 3, 2000: 2}


def linear_settings() -> list[tuple[str, str, dict[str, Any]]]:
    """Return (parameter, its value, all parameters), the defaults among them."""
    found = [("before", "before", BEFORE)]
    for name, values in VALUES.items():
        found += [(name, str(value), DEFAULTS | {name: value}) for value in values]
    for weight in ("capped", "balanced"):
        setting = DEFAULTS | {"characters": 0, "class weight": weight}
        found.append(("words alone", weight, setting))
    return found


def penalty(c: Any, n: int) -> float:
    """Return C, the inverse of the penalty; `n`: number of labels."""
    return {"400 / n": 400 / n, "40 / sqrt(n)": 40 / n**0.5}.get(c) or float(c)


def read(path: Path, names: list[str]) -> tuple[list[str], np.ndarray]:
    """Return texts and class indices of a file; new labels are appended to `names`."""
    rows = read_records(path)
    for label in sorted({row["label"] for row in rows} - set(names)):
        names.append(label)
    return [r["tokens"] for r in rows], np.array(
        [names.index(r["label"]) for r in rows]
    )


def scores(targets: np.ndarray, probs: np.ndarray) -> dict[str, float]:
    """Return accuracy, macro F1 and expected calibration error."""
    classes = probs.shape[1]
    matrix = classification.confusion_matrix(targets, probs.argmax(axis=1), classes)
    found = classification.summary(matrix, [str(number) for number in range(classes)])
    ece = calibration.expected_calibration_error(targets, probs.astype(np.float64))
    return {"accuracy": found["accuracy"], "macro_f1": found["macro_f1"], "ece": ece}


def linear(folder: Path, data: str) -> Iterator[dict[str, Any]]:
    """Yield the mean scores of each setting and number of labels."""
    names: list[str] = []
    texts, targets = read(folder / f"{data}.pool.jsonl", names)
    test_texts, test_targets = read(folder / f"{data}.test.jsonl", names)
    features: dict[str, tuple[Any, Any]] = {}
    for what, value, setting in linear_settings():
        key = json.dumps({name: setting[name] for name in FEATURES})
        if key not in features:
            own = {name: setting[name] for name in FEATURES}
            tfidf = Tfidf.fit(texts, **own, min_count=2, max_share=1.0)
            features[key] = tfidf.transform(texts), tfidf.transform(test_texts)
        pool, test = features[key]
        for size, seeds in SIZES.items():
            n = size or len(texts)
            found, start = [], time.process_time()
            for seed in range(seeds if n <= len(texts) else 0):
                rows = np.random.default_rng(seed).permutation(len(texts))[:n]
                counts = np.bincount(targets[rows], minlength=len(names))
                arrays = logreg(
                    pool[rows],
                    targets[rows],
                    class_weights(counts, setting["class weight"])[targets[rows]],
                    classes=len(names),
                    c=penalty(setting["c"], n),
                )
                found.append(scores(test_targets, softmax(arrays, test)))
            if found:
                spent = (time.process_time() - start) / seeds
                yield row("logreg", what, value, size, found, spent)


def networks(folder: Path, data: str) -> Iterator[dict[str, Any]]:
    """Yield the mean scores of a CNN by minimum number of steps and by class weight."""
    names: list[str] = []
    pool = read_records(folder / f"{data}.pool.jsonl")
    texts, targets = read(folder / f"{data}.test.jsonl", names)
    init = alcli.train(corpus=pool, arch="cnn", classes=names, epochs=0)
    init.cache_texts([*texts, *(record["tokens"] for record in pool)])
    settings = [("steps", value, floor, "capped") for value, floor in STEPS.items()]
    settings += [("class weight", w, 80, w) for w in ("none", "balanced")]
    for what, value, floor, weight in settings:
        for size, seeds in NETWORK_SIZES.items():
            each = -(-size // 64)
            epochs = max(10, -(-floor // each))
            found, start = [], time.process_time()
            for seed in range(seeds):
                rows = np.random.default_rng(seed).permutation(len(pool))[:size]
                model = alcli.train(
                    [pool[row] for row in rows],
                    init=init,
                    epochs=epochs,
                    class_weight=weight,
                    seed=seed,
                )
                found.append(scores(targets, model.predict(texts).probs))
            yield row(
                "cnn", what, value, size, found, (time.process_time() - start) / seeds
            )


def row(
    arch: str, what: str, value: str, size: int, found: list[Any], spent: float
) -> dict[str, Any]:
    """Return the record of a setting and a number of labels (0: all)."""
    means = {
        name: round(float(np.mean([one[name] for one in found])), 4)
        for name in found[0]
    }
    named = {"arch": arch, "what": what, "value": value, "labels": size}
    return {**named, "seeds": len(found), **means, "seconds": round(spent, 3)}


def main(kind: str, folder: Path, data: str) -> None:
    """Print the records of one data set."""
    head = {"commit": commit(), "machine": machine(), "data": data}
    for found in {"linear": linear, "networks": networks}[kind](folder, data):
        print(json.dumps(head | found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
