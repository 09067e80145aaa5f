"""TF-IDF of words, and of characters within words: equal to scikit-learn's."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union

from alcli.core.errors import BadParameter
from alcli.features.tfidf import Tfidf
from alcli.features.vocabulary import split_words

TEXTS = ["خیلی خوب بود", "خوب نبود", "a b c", "b خوب ab", "ab ab خیلی بد", "بد", ""]


def words(longest):
    return TfidfVectorizer(
        ngram_range=(1, longest),
        tokenizer=str.split,
        token_pattern=None,
        lowercase=False,
        min_df=2,
    )


def characters(size):
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(size, size), lowercase=False, min_df=2
    )


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_words_equal_scikit_learns(longest):
    ours = Tfidf.fit(TEXTS, ngrams=longest, min_count=2, max_share=1.0)
    theirs = words(longest).fit(TEXTS)

    assert list(ours.terms.words) == list(theirs.get_feature_names_out())
    np.testing.assert_allclose(
        ours.transform(TEXTS).toarray(), theirs.transform(TEXTS).toarray(), atol=1e-6
    )


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_unknown_words_end_an_n_gram(longest):
    corpus = ["a b c", "a b c", "b c d e", "c d e", "a  b", "a  b", "", ""]
    texts = ["a x b c", "b c d e x", "d e a b", "x", "  a  b", "c d", "a b\nc"]
    ours = Tfidf.fit(corpus, ngrams=longest, min_count=2, max_share=1.0)
    theirs = words(longest).set_params(tokenizer=split_words).fit(corpus)

    assert list(ours.terms.words) == list(theirs.get_feature_names_out())
    np.testing.assert_allclose(
        ours.transform(texts).toarray(), theirs.transform(texts).toarray(), atol=1e-6
    )


@pytest.mark.parametrize("size", [1, 3, 5])
def test_words_and_characters_equal_a_union_scaled_to_unit_length(size):
    ours = Tfidf.fit(TEXTS, ngrams=1, characters=size, min_count=2, max_share=1.0)
    theirs = make_union(words(1), characters(size)).fit(TEXTS)
    dense = theirs.transform(TEXTS).toarray()
    lengths = np.linalg.norm(dense, axis=1, keepdims=True)
    dense /= np.where(lengths > 0, lengths, 1)

    assert [*ours.terms.words, *ours.terms.characters] == [
        name.split("__")[1] for name in theirs.get_feature_names_out()
    ]
    np.testing.assert_allclose(ours.transform(TEXTS).toarray(), dense, atol=1e-6)


@pytest.mark.parametrize(
    ("tf", "theirs"), [("log", {"sublinear_tf": True}), ("binary", {"binary": True})]
)
def test_term_frequencies_equal_scikit_learns(tf, theirs):
    ours = Tfidf.fit(TEXTS, ngrams=1, tf=tf, min_count=2, max_share=1.0)
    other = words(1).set_params(**theirs).fit(TEXTS)
    np.testing.assert_allclose(
        ours.transform(TEXTS).toarray(), other.transform(TEXTS).toarray(), atol=1e-6
    )


def test_cached_texts_have_the_same_features():
    tfidf = Tfidf.fit(TEXTS, ngrams=1, characters=3, min_count=2, max_share=1.0)
    before = tfidf.transform(TEXTS[::-1]).toarray()
    tfidf.cache_texts(TEXTS)

    assert (tfidf.transform(TEXTS[::-1]).toarray() == before).all()


@pytest.mark.parametrize("wrong", [{"ngrams": 10**9}, {"characters": 99}])
def test_sizes_out_of_range_are_rejected(wrong):
    sizes = {"ngrams": 1, "characters": 0} | wrong
    with pytest.raises(BadParameter):
        Tfidf.fit(TEXTS, **sizes, min_count=1, max_share=1.0)
