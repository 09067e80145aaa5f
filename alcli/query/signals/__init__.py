"""Signals: one informativeness score per record, beside its probabilities.

A signal is a function `(*arrays, **params) -> (n,)` of fields of a `Prediction` of n
records, which `@signal` names: `member_probs` (m, n, C) of the members of a committee
or of passes of dropout, `probs` (n, C), `vectors` (n, d), `word_gradient_norms`
(n, words), `last_layer_norm` (n,). The larger, the more a label is worth. To add one,
write `alcli/query/signals/NAME.py` with a function of that name, and its test; for an
alias `NAME = signals.builtin("other")`, as in kl.py. A plain function of probabilities
is a signal, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from typing import Any

from alcli.core.errors import BadParameter, UsageError
from alcli.core.params import defaults, parse, split_spec
from alcli.core.registry import Registry
from alcli.core.types import Float32s, Floats


class Signal:
    """A signal, and the fields of a prediction that it needs."""

    def __init__(
        self, value: Callable[..., Floats], needs: tuple[str, ...] = ("probs",)
    ) -> None:
        self.value, self.needs = value, needs
        update_wrapper(self, value)

    def __call__(self, *arrays: Floats, **params: object) -> Floats:
        """Return the signal of each record, (n,)."""
        return self.value(*arrays, **params)


def signal(*needs: str) -> Callable[[Callable[..., Floats]], Signal]:
    """Declare the fields of a `Prediction` that a signal takes, in order."""
    return lambda value: Signal(value, needs)


signals: Registry[Callable[..., Floats]] = Registry("signal", __name__)


def signal_key(name: str) -> str:
    """Return the key of a signal in records.

    >>> signal_key("vote-entropy"), signal_key("./mine.py:doubt")
    ('vote_entropy', 'doubt')
    """
    return name.rpartition(":")[2].replace("-", "_")


class SignalRequest:
    """Requested signals, each `NAME[,KEY=VALUE]...`.

    Raises:
        UsageError: an unknown signal or parameter, or a repeated signal.
    """

    def __init__(self, specs: Sequence[str]) -> None:
        self._signals: dict[str, tuple[Signal, Mapping[str, Any]]] = {}
        for spec in specs:
            name, pairs = split_spec(spec)
            found = signals.get(name)
            made = found if isinstance(found, Signal) else Signal(found)
            if signal_key(name) in self._signals:
                raise UsageError(f"--signal {name}: repeated")
            self._signals[signal_key(name)] = made, parse(pairs, defaults(made))

    @property
    def needs(self) -> set[str]:
        """Fields of a `Prediction` that the signals need."""
        return {need for made, _ in self._signals.values() for need in made.needs}

    def __call__(self, prediction: Any) -> dict[str, Float32s]:
        """Return each signal of n records, (n,), by its key.

        Raises:
            BadParameter: a signal is not finite, or not of shape (n,).
        """
        import numpy as np

        n, found = len(prediction.probs), {}
        for name, (made, params) in self._signals.items():
            arrays = [getattr(prediction, need).astype(float) for need in made.needs]
            with np.errstate(over="ignore"):  # infinity is refused below
                values = np.asarray(made(*arrays, **params)).astype(np.float32)
            found[name] = values
            if values.shape != (n,) or not np.isfinite(values).all():
                raise BadParameter(
                    f"the signal {name} must return finite numbers of shape ({n},), "
                    f"not of {values.shape}"
                )
        return found
