"""Selection by a strategy of another library; prints its cost; run by its Python.

`python peer_choose.py LIBRARY STRATEGY --records N --width D -n K`: the same made-up
vectors and probabilities as in `choose.py`, as float32, labelled rows last (small-text
takes row numbers of the unlabelled ones for rows of all). Each library is called with
what its own query would hand on; a fitted classifier is a table of the probabilities.
"""

import argparse
import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes

Pools = tuple[np.ndarray, np.ndarray, int, int]  # x, probs, unlabelled rows, n


def main() -> None:
    """Select once, after a small selection that completes lazy imports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("strategy")
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--classes", type=int, default=3)
    parser.add_argument("--labelled", type=int, default=100)
    parser.add_argument("-n", type=int, required=True)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    np.random.seed(0)
    choose = LIBRARIES[args.library][args.strategy]
    choose(made_up(300, args.width, args.classes, 10, 10))
    pool = made_up(args.records, args.width, args.classes, args.labelled, args.n)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    rows = choose(pool)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    extra = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    costs = {"wall": wall, "cpu": cpu, "extra": extra * UNIT / 1e6}
    print(json.dumps(costs | {"rows": np.asarray(rows).tolist()}))


def made_up(records: int, d: int, classes: int, labelled: int, n: int) -> Pools:
    """Return the inputs of `choose.py`, labelled rows last."""
    rng = np.random.default_rng(0)
    old, pool = (part(rng, size, d, classes) for size in (labelled, records))
    x, probs = (np.concatenate(pair) for pair in zip(pool, old, strict=True))
    return x, probs, records, n


def part(
    rng: np.random.Generator, n: int, d: int, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors in 50 clouds, and probabilities."""
    middles = np.random.default_rng(7).normal(size=(50, d)).astype(np.float32)
    vectors = rng.standard_normal((n, d), np.float32)
    vectors += middles[rng.integers(50, size=n)]
    logits = np.exp(rng.normal(0, 2, (n, classes)))
    rng.integers(classes, size=n)
    return vectors, logits / logits.sum(axis=1, keepdims=True)


def small_core_set(pool: Pools) -> Any:
    """Choose by its greedy core-set."""
    from small_text.query_strategies.coresets import greedy_coreset

    x, _, free, n = pool
    rows = np.arange(free), np.arange(free, len(x))
    return greedy_coreset(x, *rows, n, distance_metric="euclidean")


def small_k_means(pool: Pools) -> Any:
    """Choose by its k-means."""
    from small_text.query_strategies.strategies import EmbeddingKMeans

    x, _, free, n = pool
    rows = np.arange(free), np.arange(free, len(x))
    return EmbeddingKMeans(normalize=False).sample(None, x, *rows, None, n, x)


def small_cal(pool: Pools) -> Any:
    """Choose by its contrastive active learning."""
    from small_text.query_strategies.strategies import ContrastiveActiveLearning

    x, probs, free, n = pool
    rows = np.arange(free), np.arange(free, len(x))
    strategy = ContrastiveActiveLearning(normalize=False)
    return strategy.sample(None, x, *rows, None, n, x, embeddings_proba=probs)


def small_discriminative(pool: Pools) -> Any:
    """Choose by its discriminative active learning, logistic regression inside."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression
    from small_text import (
        DiscriminativeActiveLearning,
        SklearnClassifierFactory,
        SklearnDataset,
    )

    x, _, free, n = pool
    rows = np.arange(free), np.arange(free, len(x))
    data = SklearnDataset(
        csr_matrix(x), np.zeros(len(x), int), target_labels=np.arange(2)
    )
    model = SklearnClassifierFactory(LogisticRegression(max_iter=1000), 2)
    strategy = DiscriminativeActiveLearning(model, min(10, n), pbar=None)
    return strategy.query(None, data, *rows, None, n=n)


def labels(pool: Pools) -> np.ndarray:
    """Return labels, NaN where there is none."""
    x, _, free, _ = pool
    found = np.full(len(x), np.nan)
    found[free:] = np.arange(len(x) - free) % 3
    return found


def fixed_classifier(pool: Pools) -> Any:
    """Return a classifier of scikit-activeml with fixed probabilities."""
    from skactiveml.base import SkactivemlClassifier

    x, probs, free, _ = pool

    class Table(SkactivemlClassifier):
        def fit(self, x, y, sample_weight=None):  # type: ignore[no-untyped-def]
            return self

        def predict_proba(self, asked):  # type: ignore[no-untyped-def]
            both = len(asked) == len(x)
            return (
                probs if both else probs[free:] if len(asked) < free else probs[:free]
            ).copy()

    return Table(classes=list(range(probs.shape[1])))


def active_core_set(pool: Pools) -> Any:
    """Choose by its core-set."""
    from skactiveml.pool import CoreSet

    return CoreSet(random_state=0).query(pool[0], labels(pool), batch_size=pool[3])


def active_badge(pool: Pools) -> Any:
    """Choose by its BADGE."""
    from skactiveml.pool import Badge

    how = {"clf": fixed_classifier(pool), "fit_clf": False, "batch_size": pool[3]}
    return Badge(random_state=0).query(pool[0], labels(pool), **how)


def active_cal(pool: Pools) -> Any:
    """Choose by its contrastive active learning."""
    from skactiveml.pool import ContrastiveAL

    how = {"clf": fixed_classifier(pool), "fit_clf": False, "batch_size": pool[3]}
    near = {"n_neighbors": 10}
    strategy = ContrastiveAL(nearest_neighbors_dict=near, random_state=0)
    return strategy.query(pool[0], labels(pool), **how)


def active_discriminative(pool: Pools) -> Any:
    """Choose by its discriminative active learning, logistic regression inside."""
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import DiscriminativeAL
    from sklearn.linear_model import LogisticRegression

    model = SklearnClassifier(LogisticRegression(max_iter=1000), classes=[0, 1])
    strategy = DiscriminativeAL(random_state=0)
    how = {"discriminator": model, "batch_size": pool[3]}
    return strategy.query(pool[0], labels(pool), **how)


def active_typiclust(pool: Pools) -> Any:
    """Choose by its TypiClust."""
    from skactiveml.pool import TypiClust

    return TypiClust(random_state=0).query(pool[0], labels(pool), batch_size=pool[3])


def active_prob_cover(pool: Pools) -> Any:
    """Choose by its ProbCover."""
    from skactiveml.pool import ProbCover

    strategy = ProbCover(n_classes=3, random_state=0)
    return strategy.query(pool[0], labels(pool), batch_size=pool[3])


LIBRARIES: dict[str, dict[str, Callable[[Pools], Any]]] = {
    "small-text": {
        "core-set": small_core_set,
        "k-means": small_k_means,
        "cal": small_cal,
        "discriminative": small_discriminative,
    },
    "scikit-activeml": {
        "core-set": active_core_set,
        "badge": active_badge,
        "cal": active_cal,
        "discriminative": active_discriminative,
        "typiclust": active_typiclust,
        "prob-cover": active_prob_cover,
    },
}

if __name__ == "__main__":
    main()
