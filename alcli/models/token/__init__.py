"""Networks that read rows of word numbers.

An architecture is a function `(words, classes, *, seed, **params) -> keras.Model` from
(batch, length) integers, 0 is padding, to (batch, classes) probabilities. Padding must
not change an answer. The layer before the last is called `document`.
"""
