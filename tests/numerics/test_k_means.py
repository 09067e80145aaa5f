"""k-means."""

import numpy as np

from alcli.numerics.k_means import k_means


def test_k_means_finds_separate_clouds(rng):
    middles = rng.normal(size=(6, 5)) * 50
    x = (np.repeat(middles, 40, axis=0) + rng.normal(size=(240, 5))).astype(np.float32)
    centres, homes = k_means(x, 6, rng)
    assert len({tuple(homes[a : a + 40]) for a in range(0, 240, 40)}) == 6
    assert np.square(middles[:, None] - centres).sum(axis=2).min(axis=1).max() < 1
