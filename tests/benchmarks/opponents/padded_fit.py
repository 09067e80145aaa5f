"""The plain way to train a network in Keras: every text padded to one width, `fit`.

Prints, as JSON, what `fit` costs: importing, reading, encoding and padding are left
out. With --test it also tells the accuracy on another file.
"""

import argparse
import json
import os
import time
from collections import Counter
from itertools import islice

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

LONGEST = 128


def network(arch: str, words: int, classes: int) -> keras.Model:
    """Return the same network as alcli's, by Keras' layers alone."""
    ids = keras.Input((None,), dtype="int32")
    if arch == "cnn":
        x = layers.Embedding(words + 1, 100)(ids)
        x = layers.Conv1D(128, 10, padding="same", activation="relu")(x)
        x = layers.GlobalMaxPooling1D()(x)
    elif arch == "lstm":
        x = layers.Embedding(words + 1, 100, mask_zero=True)(ids)
        x = layers.LSTM(128, recurrent_activation="hard_sigmoid")(x)
    else:
        raise SystemExit(f"no {arch} here")
    x = layers.Dropout(0.3)(x)
    return keras.Model(ids, layers.Dense(classes, activation="softmax")(x))


def vocabulary(texts: list[list[str]]) -> dict[str, int]:
    """Number the words that occur 5 times, and in at most 40 % of the texts."""
    counts = Counter(word for text in texts for word in text)
    spread = Counter(word for text in texts for word in set(text))
    known = [w for w, n in counts.items() if n >= 5 and spread[w] <= 0.4 * len(texts)]
    return {word: number for number, word in enumerate(known, 1)}


def main() -> None:
    """Train on the first texts of a file of records with `tokens` and `label`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--texts", type=int)
    parser.add_argument("--arch", default="cnn")
    parser.add_argument("--width", type=int, help="[the lengths' 99th percentile]")
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test")
    args = parser.parse_args()
    keras.utils.set_random_seed(args.seed)

    texts, labels = read(args.file, args.texts)
    numbers, classes = vocabulary(texts), sorted(set(labels))
    rows = encoded(texts, numbers)
    width = args.width or int(np.percentile([len(row) for row in rows], 99))
    x = padded(rows, width)
    y = np.array([classes.index(label) for label in labels])
    model = network(args.arch, len(numbers), len(classes))
    model.compile("adam", "sparse_categorical_crossentropy")

    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(x, y, batch_size=args.batch_size, epochs=args.epochs, verbose=0)
    costs = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "width": width,
    }
    if args.test:
        texts, labels = read(args.test, None)
        probs = model.predict(
            padded(encoded(texts, numbers), width), batch_size=512, verbose=0
        )
        found = [classes[best] for best in probs.argmax(axis=1)]
        costs["accuracy"] = float(np.mean(np.array(found) == np.array(labels)))
    print(json.dumps(costs))


def read(path: str, n: int | None) -> tuple[list[list[str]], list[str]]:
    """Return the words and the labels of the first n records."""
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, n)]
    return [r["tokens"].split(" ") for r in records], [r["label"] for r in records]


def encoded(texts: list[list[str]], numbers: dict[str, int]) -> list[list[int]]:
    """Return texts as the numbers of their known words."""
    return [[numbers[w] for w in text if w in numbers][:LONGEST] for text in texts]


def padded(rows: list[list[int]], width: int) -> np.ndarray:
    """Return rows as an array, (n, width)."""
    return keras.utils.pad_sequences(rows, width, padding="post", truncating="post")


if __name__ == "__main__":
    main()
