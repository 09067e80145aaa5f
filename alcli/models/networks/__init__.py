"""Networks: layers, batches, training, Monte Carlo dropout, gradients.

A network reads sequences of word indices, with 0 for padding, and its architecture
ignores padding. So texts can be batched by length without changing a prediction.
"""
