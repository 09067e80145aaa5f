"""Predictions for tests of signals: random, uniform, certain, and of equal members."""

import numpy as np

from alcli.models.families import Prediction
from alcli.query.signals import Signal, signals


def found(name):
    """Return a registered signal with what it needs."""
    made = signals.get(name)
    return made if isinstance(made, Signal) else Signal(made)


def opinions(rng, *, members=5, n=60, classes=4):
    """Return a prediction with everything that a signal may need."""
    member_probs = rng.dirichlet([0.7] * classes, (members, n))
    member_probs[:, :3] = np.eye(classes)[0]  # all certain
    member_probs[:, 3:6] = 1 / classes  # all uniform
    member_probs[:, 6:9] = member_probs[0, 6:9]  # equal members
    member_probs[1:, 9:12] = np.eye(classes)[-1]  # one against all others
    member_probs = member_probs[:, :n].astype(np.float32)
    vectors = rng.normal(size=(n, 7)).astype(np.float32)
    word_gradient_norms = rng.random((n, 9)).astype(np.float32)
    last_layer_norm = np.linalg.norm(vectors, axis=1)
    return Prediction(
        member_probs.mean(axis=0),
        vectors,
        member_probs,
        word_gradient_norms,
        last_layer_norm,
    )


def arrays(name, prediction):
    """Return what a signal is called with."""
    needs = found(name).needs
    return [getattr(prediction, need).astype(float) for need in needs]


def value(name, prediction, **params):
    """Return a signal of a prediction, (n,)."""
    return found(name)(*arrays(name, prediction), **params)
