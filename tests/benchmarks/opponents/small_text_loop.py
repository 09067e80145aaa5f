"""A whole loop by small-text, as its guides write it; run by a Python that has it.

`python small_text_loop.py POOL TEST START --arch logreg|cnn -o FILE`. START: records of
the start set. FILE: as JSON, accuracies after each round and the seconds of each step.

What is set apart from small-text's defaults, so that the work is ours: all labels are
trained on (a single record is validated on, no early stopping), Adam instead of
Adadelta, and each round starts from the same word vectors, which small-text would go on
from, as they are trained in place.
"""

import argparse
import json
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import sklearn  # noqa: F401  # before small-text: its price is not small-text's
from threadpoolctl import threadpool_limits

SECONDS: defaultdict[str, list[float]] = defaultdict(list)
LENGTH, DIM, FILTERS, WIDTH, DROPOUT = 128, 100, 128, 10, 0.3
THREADS = 2

type Texts = tuple[list[str], np.ndarray]  # texts, class numbers


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Note the seconds of a step."""
    begin = time.perf_counter()
    yield
    SECONDS[step].append(round(time.perf_counter() - begin, 3))


def main() -> None:
    """Label, train, measure, ask, and again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool")
    parser.add_argument("test")
    parser.add_argument("start")
    parser.add_argument("--arch", choices=["logreg", "cnn"], required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("-n", type=int, required=True, help="asked in a round")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--blas-threads", type=int, help="[all cores]")
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    np.random.seed(args.seed)
    if args.blas_threads:
        threadpool_limits(args.blas_threads, user_api="blas")
    with timed("import"):
        if args.arch == "logreg":
            sys.meta_path.insert(0, WithoutTorch())
        from small_text import BreakingTies, PoolBasedActiveLearner

    with timed("read"):
        records, start = read(args.pool), read(args.start)
        place = {record["id"]: row for row, record in enumerate(records)}
        batch = np.array([place[record["id"]] for record in start])
        texts, asked = columns(records), columns(read(args.test))
        y = texts[1]
        del records, start, place
    with timed("features"):
        prepare = {"logreg": logreg, "cnn": cnn}[args.arch]
        factory, pool, test, how = prepare(texts, asked, args)
        del texts

    learner = PoolBasedActiveLearner(factory, BreakingTies(), pool, fit_kwargs=how)
    right = []
    for number in range(args.rounds):
        if number:
            with timed("query"):
                batch = learner.query(num_samples=args.n)
        with timed("train"):
            if number:
                learner.update(y[batch])
            else:
                learner.initialize_data(batch, y[batch])
        with timed("evaluate"):
            right.append(float(np.mean(learner.classifier.predict(test) == asked[1])))
    labels = len(learner.indices_labeled)
    with open(args.output, "w", encoding="utf-8") as file:
        json.dump({"labels": labels, "accuracy": right, "seconds": SECONDS}, file)


class WithoutTorch:
    """Hides PyTorch, which small-text loads wherever it is: without a need, here."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse it."""
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def logreg(pool: Texts, test: Texts, args: argparse.Namespace) -> tuple:
    """Return factory, data sets and options of a regression on TF-IDF, as ours is."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from small_text import SklearnClassifierFactory, SklearnDataset

    tfidf = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, lowercase=False, token_pattern=r"\S+"
    )
    classes = np.arange(2)
    return (
        SklearnClassifierFactory(LogisticRegression(C=2.0, max_iter=1000), 2),
        SklearnDataset(tfidf.fit_transform(pool[0]), pool[1], target_labels=classes),
        SklearnDataset(tfidf.transform(test[0]), test[1], target_labels=classes),
        {},
    )


def cnn(pool: Texts, test: Texts, args: argparse.Namespace) -> tuple:
    """Return factory, data sets and options of a KimCNN of our sizes."""
    import torch
    from small_text import (
        KimCNNClassifier,
        KimCNNFactory,
        PytorchTextClassificationDataset,
    )

    class ByAdam(KimCNNClassifier):
        def _default_optimizer(self, base_lr: float) -> tuple:
            params = [p for p in self.model.parameters() if p.requires_grad]
            return params, torch.optim.Adam(params, lr=base_lr)

    class Anew(KimCNNFactory):
        def new(self) -> ByAdam:
            own = self.kwargs["embedding_matrix"].clone()
            return ByAdam(self.num_classes, **self.kwargs | {"embedding_matrix": own})

    torch.set_num_threads(THREADS)
    torch.manual_seed(args.seed)
    words = ["<pad>", *vocabulary([text.split(" ") for text in pool[0]])]
    get: Callable[[str], int | None] = {w: n for n, w in enumerate(words) if n}.get
    vectors = torch.empty(len(words), DIM).uniform_(-0.05, 0.05)
    vectors[0] = 0

    def encoded(texts: Texts) -> PytorchTextClassificationDataset:
        numbers = ([n for n in map(get, text.split(" ")) if n] for text in texts[0])
        rows = (torch.tensor(row[:LENGTH], dtype=torch.long) for row in numbers)
        data = list(zip(rows, texts[1].tolist(), strict=True))
        classes = np.arange(2)
        return PytorchTextClassificationDataset(data, words, target_labels=classes)

    settings = {
        "embedding_matrix": vectors,
        "device": "cpu",
        "num_epochs": args.epochs,
        "mini_batch_size": args.batch_size,
        "lr": 0.001,
        "max_seq_len": LENGTH,
        "out_channels": FILTERS,
        "kernel_heights": [WIDTH],
        "dropout": DROPOUT,
    }
    asked = encoded(test)
    single = asked[np.arange(1)]  # it cannot do without a validation set
    how = {"validation_set": single, "early_stopping": "none"}
    return (
        Anew("kimcnn", 2, kwargs=settings),
        encoded(pool),
        asked,
        {**how, "model_selection": "none"},
    )


def vocabulary(texts: list[list[str]]) -> list[str]:
    """Return the words that occur 5 times, and in at most 40 % of the texts."""
    counts = Counter(word for text in texts for word in text)
    spread = Counter(word for text in texts for word in set(text))
    return [w for w, n in counts.items() if n >= 5 and spread[w] <= 0.4 * len(texts)]


def columns(records: list[dict[str, str]]) -> Texts:
    """Return the texts and the classes of records."""
    classes = sorted({record["label"] for record in records})
    y = np.array([classes.index(record["label"]) for record in records])
    return [record["tokens"] for record in records], y


def read(path: str) -> list[dict[str, str]]:
    """Return all records of a file."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
