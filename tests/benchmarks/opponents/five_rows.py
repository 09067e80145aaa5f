"""Selections of small-text on five rows; run by a Python with it and torch.

Reads a JSON object of cases, as `rows/answers.py` has them, and prints for each the
rows that are chosen.
"""

import json
import sys
import warnings

import numpy as np


def core_set(x, probs, labelled, free, n):  # type: ignore[no-untyped-def]
    """Choose by its function, with rows as they stand."""
    from small_text.query_strategies.coresets import greedy_coreset

    rows = greedy_coreset(x, free, labelled, n, distance_metric="euclidean")
    return rows


def cal(x, probs, labelled, free, n):  # type: ignore[no-untyped-def]
    """Choose by its contrastive active learning, two neighbours; unlabelled first."""
    from small_text.query_strategies.strategies import ContrastiveActiveLearning

    order = np.concatenate([free, labelled])
    strategy = ContrastiveActiveLearning(k=2, normalize=False)
    places = np.arange(len(free)), np.arange(len(free), len(x))
    some = x[order], probs[order]
    found = strategy.sample(
        None, x, *places, None, n, some[0], embeddings_proba=some[1]
    )
    return order[found]


def badge(x, probs, labelled, free, n):  # type: ignore[no-untyped-def]
    """Return the rows with the longest of the gradients that it computes."""
    from small_text.integrations.pytorch.query_strategies.strategies import BADGE

    made = BADGE(probs.shape[1]).get_badge_embeddings(x[free], probs[free].copy())
    return free[np.argsort(-np.linalg.norm(made, axis=1), kind="stable")[:n]]


def main() -> None:
    """Answer each case."""
    warnings.simplefilter("ignore")
    found = {}
    for name, case in json.load(sys.stdin).items():
        x, probs = np.array(case["vectors"]), np.array(case["probs"])
        labelled = np.array(case["labelled"], int)
        free = np.setdiff1d(np.arange(len(x)), labelled)
        choose = {"core-set": core_set, "cal": cal, "badge": badge}[name]
        rows = choose(x, probs, labelled, free, case["n"])
        found[name] = np.asarray(rows).tolist()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
