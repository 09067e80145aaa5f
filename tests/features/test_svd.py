"""Vectors for linear models: a truncated SVD of their features."""

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


def test_no_axes_keep_more_of_the_features(corpus):
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


def test_a_text_has_the_same_vector_in_any_company(corpus):
    tfidf = fitted(corpus)
    find = TruncatedSvd.of(tfidf, corpus, 8)
    whole = find(tfidf.transform(corpus))
    for rows in ([5], [39, 0, 7], range(20)):
        part = find(tfidf.transform([corpus[row] for row in rows]))
        assert (part == whole[list(rows)]).all()
    assert find(tfidf.transform([])).shape == (0, 8)


def test_neither_the_order_nor_repeats_of_the_corpus_matter(corpus, monkeypatch):
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


def test_only_the_most_frequent_terms_have_axes(corpus, monkeypatch):
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


def test_axes_are_fitted_once_and_only_when_they_are_asked_for():
    asked = []

    def fit():
        asked.append(1)
        return Axes(np.arange(2, dtype=np.int32), np.eye(2, dtype=np.float32))

    find = TruncatedSvd(fit)
    assert not asked
    assert find.axes is find.axes
    assert asked == [1]
