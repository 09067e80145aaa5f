"""Truncated SVD of features."""

import random

import numpy as np
import pytest

from alcli.features import svd
from alcli.features.svd import Axes, TruncatedSvd
from alcli.features.tfidf import Tfidf


@pytest.fixture
def corpus(rng):
    words = [f"w{i}" for i in range(60)]
    shares = rng.dirichlet([0.1] * 60, 5)
    return [" ".join(rng.choice(words, 12, p=shares[i % 5])) for i in range(200)]


def fitted(corpus):
    return Tfidf.fit(corpus, ngrams=2, min_count=2, max_share=1.0)


def test_axes_preserve_the_largest_singular_values(corpus):
    tfidf = fitted(corpus)
    features = tfidf.transform(corpus)
    best = np.linalg.svd(features.toarray(), compute_uv=False)
    find = TruncatedSvd.of(tfidf, corpus, 8)
    found = find(features)
    assert found.shape == (200, 8)
    assert found.dtype == np.float32
    kept = np.square(found, dtype=np.float64).sum(axis=0)
    assert kept.sum() == pytest.approx(np.square(best[:8]).sum(), rel=0.01)
    assert kept.sum() <= np.square(best[:8]).sum() * (1 + 1e-6)
    assert (np.diff(kept) < 1e-6).all()  # the first axis keeps most
    shares = find.axes.shares
    np.testing.assert_allclose(shares.T @ shares, np.eye(8), atol=1e-5)


def test_vectors_do_not_depend_on_other_texts(corpus):
    tfidf = fitted(corpus)
    find = TruncatedSvd.of(tfidf, corpus, 8)
    whole = find(tfidf.transform(corpus))
    for rows in ([5], [39, 0, 7], range(20)):
        part = find(tfidf.transform([corpus[row] for row in rows]))
        assert (part == whole[list(rows)]).all()
    assert find(tfidf.transform([])).shape == (0, 8)


def test_axes_do_not_depend_on_order_and_repeats_of_the_corpus(corpus, monkeypatch):
    monkeypatch.setattr(svd, "TEXTS", 50)
    tfidf = fitted(corpus)
    moved = corpus * 2
    random.Random(1).shuffle(moved)
    features = tfidf.transform(corpus)
    one, other = (
        TruncatedSvd.of(tfidf, texts, 8)(features) for texts in (corpus, moved)
    )
    assert (one == other).all()
    monkeypatch.setattr(svd, "TEXTS", 60)
    assert (one != TruncatedSvd.of(tfidf, corpus, 8)(features)).any()


def test_axes_consist_of_the_most_frequent_terms(corpus, monkeypatch):
    monkeypatch.setattr(svd, "TERMS", 10)
    tfidf = fitted(corpus)
    features = tfidf.transform(corpus)
    axes = TruncatedSvd.of(tfidf, corpus, 64).axes
    spread = np.asarray((features > 0).sum(axis=0)).ravel()
    assert axes.shares.shape == (10, 10)  # no more axes than terms
    assert spread[axes.terms].min() >= np.delete(spread, axes.terms).max()
    rare = np.delete(np.arange(len(spread)), axes.terms)
    nothing = features.copy()
    nothing.data[~np.isin(nothing.indices, rare)] = 0
    assert (TruncatedSvd(lambda: axes)(nothing) == 0).all()


def test_axes_are_fitted_once_on_first_use():
    calls = []

    def fit():
        calls.append(1)
        return Axes(np.arange(2, dtype=np.int32), np.eye(2, dtype=np.float32))

    find = TruncatedSvd(fit)
    assert not calls
    assert find.axes is find.axes
    assert calls == [1]
