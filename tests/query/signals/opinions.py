"""Predictions for tests of signals: random, torn, sure, and of one mind."""

import numpy as np

from alcli.models.families import Prediction
from alcli.query.signals import Signal, signals


def found(name):
    """Return a registered signal with what it needs."""
    made = signals.get(name)
    return made if isinstance(made, Signal) else Signal(made)


def opinions(rng, *, members=5, n=60, classes=4):
    """Return a prediction with everything that a signal may need."""
    stack = rng.dirichlet([0.7] * classes, (members, n))
    stack[:, :3] = np.eye(classes)[0]  # all sure
    stack[:, 3:6] = 1 / classes  # all torn
    stack[:, 6:9] = stack[0, 6:9]  # one opinion
    stack[1:, 9:12] = np.eye(classes)[-1]  # one against all others
    stack = stack[:, :n].astype(np.float32)
    vectors = rng.normal(size=(n, 7)).astype(np.float32)
    slopes = rng.random((n, 9)).astype(np.float32)
    fed = np.linalg.norm(vectors, axis=1)
    return Prediction(stack.mean(axis=0), vectors, stack, slopes, fed)


def arrays(name, prediction):
    """Return what a signal is called with."""
    needs = found(name).needs
    return [getattr(prediction, need).astype(float) for need in needs]


def value(name, prediction, **params):
    """Return a signal of a prediction, (n,)."""
    return found(name)(*arrays(name, prediction), **params)
