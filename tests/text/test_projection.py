"""Vectors for linear models."""

import hashlib

import numpy as np
import pytest
from scipy.sparse import random as sparse

from alcli.text.projection import WIDTH, Projection

TERMS = [f"term {number}" for number in range(300)]


@pytest.fixture
def features(rng):
    return sparse(40, 300, density=0.1, format="csr", random_state=rng)


def test_it_is_a_product_with_signs_of_the_terms(features):
    signs = np.empty((300, WIDTH))
    for row, term in enumerate(TERMS):
        digest = hashlib.blake2b(term.encode(), digest_size=WIDTH // 8).digest()
        bits = "".join(f"{byte:08b}" for byte in digest)
        signs[row] = [1 if bit == "1" else -1 for bit in bits]
    expected = features.toarray() @ signs / np.sqrt(WIDTH)
    np.testing.assert_allclose(Projection(TERMS)(features), expected, atol=1e-6)


def test_a_record_has_the_same_vector_in_any_company(features):
    project = Projection(TERMS)
    whole = project(features)
    for rows in ([5], [39, 0, 7], range(20)):
        assert (project(features[list(rows)]) == whole[list(rows)]).all()
    assert project(features[:0]).shape == (0, WIDTH)


def test_the_order_of_terms_does_not_matter(features, rng):
    order = rng.permutation(300)
    moved = Projection([TERMS[i] for i in order])(features[:, order])
    np.testing.assert_allclose(moved, Projection(TERMS)(features), atol=1e-6)


def test_distances_are_nearly_those_of_the_features(features):
    dense, short = features.toarray(), Projection(TERMS)(features)
    far = [np.linalg.norm(x[:, None] - x[None], axis=2) for x in (dense, short)]
    apart = ~np.eye(40, dtype=bool)
    errors = far[1][apart] / far[0][apart] - 1
    assert abs(errors).max() < 5 / np.sqrt(2 * WIDTH)
    assert abs(errors.mean()) < 0.02
