"""Records as `alcli simulate` appends them, of curves whose truth is known."""

import hashlib
import json

import numpy as np


def curve(rng, speed, *, rounds=20, top=0.85, noise=0.01):
    """Return scores that rise to `top`; a larger speed rises sooner."""
    rise = top - 0.35 * np.exp(-speed * np.arange(rounds) / rounds)
    return (rise + rng.normal(0, noise, rounds)).tolist()


def run(strategy, seed, scores, *, n=100, labels=None, ended=True, **more):
    """Return the records of one run: a score each round."""
    labels = labels or [n * (i + 1) for i in range(len(scores))]
    tags = {"strategy": strategy, "n": str(n), "start": "random"}
    return [
        _record(
            seed,
            label,
            score,
            tags
            | {
                "round": str(i),
                "next": "" if ended and i == len(scores) - 1 else "AAE=",
            },
            **more,
        )
        for i, (label, score) in enumerate(zip(labels, scores, strict=True))
    ]


def baseline(kind, arch, seed, score, *, labels=5000, **more):
    """Return the record of one baseline."""
    return _record(seed, labels, score, {"baseline": kind}, arch=arch, **more)


def ledger(strategies, seeds=10, *, rounds=20, seed=0, **more):
    """Return runs of `{name: speed}`; the seeds' own luck is shared by all names."""
    records = []
    for one in range(seeds):
        luck = np.random.default_rng([seed, one]).normal(0, 0.01)
        for place, (name, speed) in enumerate(strategies.items()):
            rng = np.random.default_rng([seed, one, place])
            scores = [luck + s for s in curve(rng, speed, rounds=rounds)]
            records += run(name, one, scores, **more)
    return records


def _record(
    seed,
    labels,
    score,
    tags,
    *,
    arch="cnn",
    data="d" * 16,
    settings="{}",
    accuracy=None,
    metric="macro_f1",
    seconds=(("train", 2.0), ("select", 0.5)),
    class_weight=None,
    matrix=None,
):
    same = {"data": data, "arch": arch, "seed": str(seed), "settings": settings}
    of = {k: v for k, v in tags.items() if k not in ("round", "next")} | same
    name = hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:16]
    tags = {"simulate": "2", "run": name} | same | tags
    tags |= {"class_weight": class_weight} if class_weight else {}
    accurate = score if accuracy is None else accuracy
    return {
        "key": hashlib.sha256(json.dumps(tags, sort_keys=True).encode()).hexdigest(),
        "labels": labels,
        "n": 1000,
        "metrics": {"accuracy": accurate, metric: score},
        "tags": tags,
        "seconds": dict(seconds),
    } | ({"confusion": {"labels": list("abc"), "matrix": matrix}} if matrix else {})
