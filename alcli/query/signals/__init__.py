"""Signals: one informativeness score per record, beside its probabilities.

A signal is a function `(*arrays, **params) -> (n,)` of what a `Prediction` of n records
has, named by `@signal`: `member_probs` (m, n, C) of m opinions - passes of dropout of
one network, or the members of a committee - `probs` (n, C), `vectors` (n, d),
`word_gradient_norms` (n, words), `last_layer_norm` (n,). The larger the number, the
more a label is worth. To add one, write `alcli/query/signals/NAME.py` with a function
of that name, and its test; a plain function of probabilities does as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from alcli.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Floats = NDArray[np.float64]  # evaluated by type checkers only


class Signal:
    """A signal with what it needs of a prediction."""

    def __init__(
        self, value: Callable[..., Floats], needs: tuple[str, ...] = ("probs",)
    ) -> None:
        self.value, self.needs = value, needs
        update_wrapper(self, value)

    def __call__(self, *arrays: Floats, **params: object) -> Floats:
        """Return the signal of each record, shape (n,)."""
        return self.value(*arrays, **params)


def signal(*needs: str) -> Callable[[Callable[..., Floats]], Signal]:
    """Declare the fields of a `Prediction` that a signal takes, in order."""
    return lambda value: Signal(value, needs)


signals: Registry[Callable[..., Floats]] = Registry("signal", __name__)


def key_of(name: str) -> str:
    """Return the name of a signal as records have it.

    >>> key_of("vote-entropy"), key_of("./mine.py:doubt")
    ('vote_entropy', 'doubt')
    """
    return name.rpartition(":")[2].replace("-", "_")


class Asked:
    """The signals that were asked for, each `NAME[,KEY=VALUE]...`.

    Raises:
        UsageError: an unknown signal or parameter, or one that is asked for twice.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        from alcli.core.errors import UsageError
        from alcli.core.params import defaults, parse, split_spec

        self._signals: dict[str, tuple[Signal, Mapping[str, Any]]] = {}
        for text in texts:
            name, pairs = split_spec(text)
            found = signals.get(name)
            made = found if isinstance(found, Signal) else Signal(found)
            if key_of(name) in self._signals:
                raise UsageError(f"--signal {name}: stands there twice")
            self._signals[key_of(name)] = made, parse(pairs, defaults(made))

    @property
    def needs(self) -> set[str]:
        """Fields of a `Prediction` that the signals need."""
        return {need for made, _ in self._signals.values() for need in made.needs}

    def __call__(self, prediction: Any) -> dict[str, NDArray[np.float32]]:
        """Return each signal of n records, (n,), by its name.

        Raises:
            BadParameter: one gave something else.
        """
        import numpy as np

        from alcli.core.errors import BadParameter

        n, found = len(prediction.probs), {}
        for name, (made, params) in self._signals.items():
            arrays = [getattr(prediction, need).astype(float) for need in made.needs]
            with np.errstate(over="ignore"):  # and then they are not finite
                values = np.asarray(made(*arrays, **params)).astype(np.float32)
            found[name] = values
            if values.shape != (n,) or not np.isfinite(values).all():
                raise BadParameter(
                    f"the signal {name} must return finite numbers of shape ({n},), "
                    f"not of {values.shape}"
                )
        return found


def spliced(
    lines: Sequence[bytes], found: Mapping[str, NDArray[np.float32]]
) -> list[bytes]:
    """Return lines, which have no `signals`, with those of each record.

    The numbers are the shortest that give the same float32 again.
    """
    from alcli.core.jsonl import members, splice

    names = [members({name: 0})[:-1].replace(b"%", b"%%") for name in found]
    template = b'"signals":{%b}' % b",".join(name + b"%b" for name in names)
    columns = [values.astype("S") for values in found.values()]
    return [
        splice(line, template % row)
        for line, row in zip(lines, zip(*columns, strict=True), strict=True)
    ]
