"""Labelled reviews, for tests of models."""

import json

import numpy as np

GOOD, BAD = ["عالی", "خوب", "راضی"], ["بد", "افتضاح", "خراب"]


def make_records(n=80, seed=0, classes=("negative", "positive")):
    rng = np.random.default_rng(seed)
    records = []
    for i in range(n):
        label = classes[i % len(classes)]
        words = rng.choice(GOOD if label == "positive" else BAD, 3).tolist()
        words += rng.choice(["غذا", "کیفیت", "ارسال", "قیمت"], 3).tolist()
        records.append(
            {"id": f"r{seed}-{i}", "tokens": " ".join(words), "label": label}
        )
    return records


def write(path, records):
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
    path.write_text(text, "utf-8")
    return path
