"""Token architectures: neural networks on sequences of word indices.

An architecture is a function `(words, classes, *, seed, **params) -> keras.Model`. The
network maps integers, (batch, length), with 0 for padding, to probabilities, (batch,
classes). Padding must not change a prediction. The layer before the last is named
`document`.
"""

# parameters of every model of the family, beside those of the architecture
INPUT = {"min_count": 5, "max_share": 0.4, "length": 128, "truncate": "end"}
