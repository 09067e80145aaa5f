"""Networks that read rows of word numbers.

An architecture is a function `(words, classes, *, seed, **params) -> keras.Model` from
(batch, length) integers, 0 is padding, to (batch, classes) probabilities. Padding must
not change an answer. The layer before the last is called `document`.
"""

# what every network of the family takes beside its own parameters
INPUT = {"min_count": 5, "max_share": 0.4, "length": 128, "truncate": "end"}
