"""Latent Dirichlet allocation, online (Blei et al., 2003; Hoffman et al., 2010)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer

from alcli.core.container import arrays
from alcli.core.errors import InputError
from alcli.core.memory import ensure
from alcli.core.params import check_range
from alcli.features.vocabulary import build_vocabulary, split_words
from alcli.text.persian.stopwords import load_stopwords as stop_words


class lda:
    """Topics of `tokens`, by scikit-learn; defaults: the LDA-sampling study's."""

    INPUT: ClassVar = "tokens"

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
        min_count: int = 5,
        max_share: float = 0.4,
        stopwords: str = "persian",
        seed: int = 0,
    ) -> Self:
        """Return the topics of texts.

        stopwords: `persian`, `none`, or a file with a word a line; punctuation is
        left out too. Memory: 12 bytes per distinct word of each text, and for each
        topic 24 bytes per text and 40 per word of the vocabulary.

        Raises:
            InputError: no word is left.
            MemoryRefused: there is less memory than that.
            BadParameter: a number out of its range.
        """
        check_range(topics >= 1, "topics", topics, "1 or more")
        check_range(max_iter >= 1, "max_iter", max_iter, "1 or more")
        check_range(
            learning_offset >= 1, "learning_offset", learning_offset, "1 or more"
        )
        check_range(
            0.5 < learning_decay <= 1, "learning_decay", learning_decay, "0.5 to 1"
        )
        texts = list(texts)
        common = stop_words(stopwords)
        known = build_vocabulary(texts, min_count=min_count, max_share=max_share)
        words = [
            word for word in known if word not in common and any(map(str.isalnum, word))
        ]
        if not words:
            raise InputError("only stop words are left; try --set stopwords=none")
        ensure(
            topics * (24 * len(texts) + 40 * len(words)),
            remedy="ask for fewer with --set topics=K",
        )
        model = LatentDirichletAllocation(
            n_components=topics,
            max_iter=max_iter,
            learning_method="online",
            learning_offset=learning_offset,
            learning_decay=learning_decay,
            random_state=seed,
        )
        made = cls(model, words)
        model.fit(made._counter.transform(texts))
        return made

    def assign(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the most probable topic of each text and its probability, (n,).

        A text without a known word has topic -1, with the probability of any topic.
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
        """Return JSON-ready parameters, and files by name."""
        file = io.BytesIO()
        np.savez(file, components=self.model.components_)
        text = "".join(f"{word}\n" for word in self.vocabulary)
        params = {"topics": self.model.n_components, "seed": self.model.random_state}
        members = {"model.npz": file.getvalue(), "vocabulary.txt": text.encode()}
        return {"params": params}, members

    @classmethod
    def load(cls, card: Mapping[str, Any], members: Mapping[str, bytes]) -> Self:
        """Return the topics that `save` wrote."""
        words = members["vocabulary.txt"].decode().split("\n")[:-1]
        shapes, lengths = {"components": "f kw"}, {"w": len(words)}
        found = arrays(members["model.npz"], shapes, lengths)
        components = found["components"]
        if components.min() <= 0:
            raise ValueError("components must be more than 0")
        model = LatentDirichletAllocation(
            n_components=len(components), random_state=card["params"]["seed"]
        )
        # what scikit-learn's own fit leaves behind, and transform needs
        model.components_ = components
        model.exp_dirichlet_component_ = np.exp(_expected_log(components))
        model.doc_topic_prior_ = 1 / len(components)
        model.n_features_in_ = components.shape[1]
        return cls(model, words)


def _expected_log(components: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return E[log beta] of Dirichlet rows: psi(a) - psi(sum a)."""
    from scipy.special import psi

    logs: NDArray[np.float64] = psi(components) - psi(
        components.sum(axis=1, keepdims=True)
    )
    return logs
