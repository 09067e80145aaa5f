"""Latent Dirichlet allocation, online (Blei et al., 2003; Hoffman et al., 2010)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import psi
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer

from alcli.core.container import array_bytes, arrays
from alcli.core.errors import InputError
from alcli.core.memory import ensure
from alcli.core.types import Floats, Indices
from alcli.features.topics.methods import MOST, Range, check_parameters
from alcli.features.vocabulary import build_vocabulary, split_words
from alcli.text.persian.stopwords import load_stopwords


class lda:
    """Topics of `tokens`, by scikit-learn.

    The default parameters are those of the LDA-sampling study (examples/lda_sampling).
    """

    INPUT: ClassVar = "tokens"
    RANGES: ClassVar = {
        "topics": Range(1, MOST),
        "max_iter": Range(1, MOST),
        "learning_offset": Range(1, 10**9),
        "learning_decay": Range(0.5, 1, above=True),
        "min_count": Range(1, 10**9),
        "max_share": Range(0, 1, above=True),
    }

    def __init__(self, model: LatentDirichletAllocation, words: Sequence[str]) -> None:
        self.model, self.vocabulary = model, list(words)
        self._counter = CountVectorizer(
            analyzer=split_words, vocabulary=self.vocabulary
        )

    @classmethod
    def fit(
        cls,
        texts: Iterable[str],
        *,
        topics: int = 10,
        max_iter: int = 5,
        learning_offset: float = 50.0,
        learning_decay: float = 0.7,
        seed: int = 0,
        **words: Any,
    ) -> Self:
        """Return the topics of texts.

        Memory: 12 bytes per distinct word of each text, and per topic 24 bytes per text
        and 40 per word of the vocabulary.

        words: parameters of `choose_words`.

        Raises:
            InputError: no word is left.
            MemoryRefused: less memory is available.
            BadParameter: a number out of its range.
        """
        own: dict[str, float] = {"topics": topics, "max_iter": max_iter}
        own |= {"learning_offset": learning_offset, "learning_decay": learning_decay}
        check_parameters(cls, own | words)
        texts = list(texts)
        vocabulary = cls.choose_words(texts, **words)
        ensure(
            topics * (24 * len(texts) + 40 * len(vocabulary)),
            remedy="set fewer with --set topics=K",
        )
        model = LatentDirichletAllocation(
            n_components=topics,
            max_iter=max_iter,
            learning_method="online",
            learning_offset=learning_offset,
            learning_decay=learning_decay,
            random_state=seed,
        )
        made = cls(model, vocabulary)
        model.fit(made._counter.transform(texts))
        return made

    @staticmethod
    def choose_words(
        texts: Sequence[str],
        *,
        min_count: int = 5,
        max_share: float = 0.4,
        stopwords: str = "persian",
    ) -> list[str]:
        """Return the vocabulary, without stop words and punctuation.

        min_count, max_share: as in `build_vocabulary`.
        stopwords: `persian`, `none`, or a file with one word per line.

        Raises:
            InputError: no word is left, or the file is unreadable.
            BadParameter: a number out of its range.
        """
        excluded = load_stopwords(stopwords)
        known = build_vocabulary(texts, min_count=min_count, max_share=max_share)
        words = [
            word
            for word in known
            if word not in excluded and any(map(str.isalnum, word))
        ]
        if not words:
            raise InputError("only stop words are left; try --set stopwords=none")
        return words

    def assign(self, texts: Sequence[str]) -> tuple[Indices, Floats]:
        """Return the most probable topic of each text and its probability, (n,).

        A text without a known word has topic -1, and the probability of each topic.
        """
        counts = self._counter.transform(texts)
        probs = self.model.transform(counts)  # (n, topics)
        topics = probs.argmax(axis=1)
        topics[np.diff(counts.indptr) == 0] = -1
        return topics, probs.max(axis=1)

    def words(self, n: int) -> list[list[str]]:
        """Return the n most probable words of each topic, best first."""
        best = np.argsort(-self.model.components_, axis=1, kind="stable")[:, :n]
        return [[self.vocabulary[word] for word in row] for row in best.tolist()]

    def save(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return JSON-ready parameters, and members by name."""
        text = "".join(f"{word}\n" for word in self.vocabulary)
        params = {"topics": self.model.n_components, "seed": self.model.random_state}
        data = array_bytes(components=self.model.components_)
        return {"params": params}, {"model.npz": data, "vocabulary.txt": text.encode()}

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return the topics that `save` returned."""
        words = members["vocabulary.txt"].decode().split("\n")[:-1]
        shapes, lengths = {"components": "f kw"}, {"w": len(words)}
        found = arrays(members["model.npz"], shapes, lengths)
        components = found["components"]
        if components.min() <= 0:
            raise ValueError("components must be more than 0")
        model = LatentDirichletAllocation(
            n_components=len(components), random_state=card["params"]["seed"]
        )
        # attributes that scikit-learn's fit sets and transform needs
        model.components_ = components
        model.exp_dirichlet_component_ = np.exp(_expected_log(components))
        model.doc_topic_prior_ = 1 / len(components)
        model.n_features_in_ = components.shape[1]
        return cls(model, words)


def _expected_log(components: Floats) -> Floats:
    """Return E[log beta] of Dirichlet rows: psi(a) - psi(sum a)."""
    sums = components.sum(axis=1, keepdims=True)
    found: Floats = psi(components) - psi(sums)
    return found
