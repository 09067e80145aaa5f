"""Token architectures: neural networks on sequences of word indices.

An architecture is a function `(words, classes, *, seed, **params) -> keras.Model`. The
network maps integers, (batch, length), with 0 for padding, to probabilities, (batch,
classes). Padding must not change a prediction. The layer before the last is named
`document`.
"""

from __future__ import annotations

from dataclasses import dataclass

from alcli.core.params import check_range

# parameters of every model of the family, beside those of the architecture
INPUT = {"min_count": 5, "max_share": 0.4, "length": 128, "truncate": "end"}

_POOLINGS = ("last", "mean", "max")
_ACTIVATIONS = ("tanh", "sigmoid", "hard_sigmoid", "relu", "softsign", "linear")


@dataclass(frozen=True)
class RecurrentParams:
    """Parameters of the recurrent architectures.

    dim: width of the embedding. units: width of a recurrent layer. dropout,
    recurrent_dropout: rates, from 0 to less than 1. pooling: last for the last state,
    mean or max over the words. l2: penalty of the output layer.

    The fast path of a GPU needs recurrent_dropout=0, activation=tanh and
    recurrent_activation=sigmoid.

    Raises:
        BadParameter: a value is out of range.
    """

    dim: int = 100
    units: int = 128
    dropout: float = 0.3
    recurrent_dropout: float = 0.3
    activation: str = "tanh"
    recurrent_activation: str = "hard_sigmoid"
    pooling: str = "last"
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name, size in {"dim": self.dim, "units": self.units}.items():
            check_range(size >= 1, name, size, "1 or more")
        rate = self.recurrent_dropout
        check_range(0 <= rate < 1, "recurrent_dropout", rate, "0 to less than 1")
        pooling, poolings = self.pooling, " or ".join(_POOLINGS)
        check_range(pooling in _POOLINGS, "pooling", pooling, poolings)
        for name in (self.activation, self.recurrent_activation):
            known = ", ".join(_ACTIVATIONS)
            check_range(name in _ACTIVATIONS, "activation", name, known)
