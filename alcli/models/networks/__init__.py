"""What all networks share: batches without padding, training, asking, common layers.

A network reads rows of numbers, 0 is padding, and its architecture makes padding
invisible; so texts may be grouped by length, and no answer changes.
"""
