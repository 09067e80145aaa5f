"""The plain way to score records with a Keras model: encode, pad to 128, `predict`.

`padded_predict.py CHECKPOINT RECORDS OUT` writes the records with `probs` and `pred`,
and prints, as JSON, what that cost from the first record read to the last written:
importing Keras and loading the model are left out.
"""

import json
import os
import sys
import tempfile
import time
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

WIDTH = 128


def load(path: str) -> tuple[keras.Model, dict[str, int], list[str]]:
    """Return network, numbers of the words, and class names of a checkpoint."""
    with zipfile.ZipFile(path) as file, tempfile.TemporaryDirectory() as folder:
        model = keras.saving.load_model(file.extract("model.keras", folder))
        words = file.read("vocabulary.txt").decode().split("\n")[:-1]
        labels = json.loads(file.read("checkpoint.json"))["labels"]
    return model, {word: number for number, word in enumerate(words, 1)}, labels


def main(checkpoint: str, source: str, target: str) -> None:
    """Score a whole file in memory."""
    model, numbers, labels = load(checkpoint)
    wall, cpu = time.perf_counter(), time.process_time()
    with open(source, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    rows = [
        [numbers[word] for word in record["tokens"].split(" ") if word in numbers]
        for record in records
    ]
    x = keras.utils.pad_sequences(rows, WIDTH, padding="post", truncating="post")
    probs = model.predict(x, batch_size=512, verbose=0)
    with open(target, "w", encoding="utf-8") as out:
        for record, row in zip(records, probs.tolist(), strict=True):
            record["probs"] = dict(zip(labels, row, strict=True))
            record["pred"] = max(record["probs"], key=record["probs"].get)
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    costs = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps(costs))


if __name__ == "__main__":
    main(*sys.argv[1:])
