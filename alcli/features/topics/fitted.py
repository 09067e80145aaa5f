"""Fitted topics: saved to a file, and loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

from alcli.core import container
from alcli.core.errors import CheckpointError, InputError, SurroundingsError
from alcli.features.topics.inputs import open_vectors
from alcli.features.topics.methods import methods
from alcli.features.vectors import Vectors

KIND = "topics"


@dataclass(frozen=True)
class FittedTopics:
    """Fitted instance of a method.

    vectors_of: key of the model whose vectors were clustered, if known.
    """

    topics: Any
    vectors_of: str = ""

    @property
    def method(self) -> Any:
        """Class of the method."""
        return type(self.topics)

    def open_vectors(self, vectors: Sequence[str] | Vectors) -> Vectors | None:
        """Return the vectors that the topics need; None for a method of tokens.

        vectors: paths of Arrow files, or vectors in memory.

        Raises:
            UsageError: vectors are missing or superfluous.
            InputError: the vectors have another width, or are of another model.
        """
        known = open_vectors(self.method, vectors)
        if known is None:
            return None
        width, problem = self.topics.width, ""
        if known.width != width:
            problem = f"vectors of {known.width} numbers, the clusters are of {width}"
        elif known.model and self.vectors_of and known.model != self.vectors_of:
            problem = "vectors of another model than those of the clusters"
        if problem:
            remedy = "score with the model of the clusters, or fit them again"
            raise InputError(f"{problem}; {remedy}", source=known.source)
        return known

    def dump(self, file: BinaryIO) -> None:
        """Write the topics to a file, for `load`."""
        card, members = self.topics.save()
        card |= {"kind": KIND, "method": self.method.__name__}
        if self.vectors_of:
            card["vectors_of"] = self.vectors_of
        container.dump(file, card, members)

    @classmethod
    def load(cls, path: str) -> Self:
        """Return the topics of a file that `topics --save` wrote.

        Raises:
            CheckpointError: the file is missing, damaged, or of another kind.
        """
        card, members = container.read(path, KIND)
        try:
            vectors_of = card.get("vectors_of", "")
            if not isinstance(vectors_of, str):
                raise TypeError("vectors_of is no text")
            return cls(methods.builtin(card["method"]).load(card, members), vectors_of)
        except SurroundingsError:
            raise
        except Exception as error:  # of any kind: members may hold anything
            raise CheckpointError(f"{path}: cannot be loaded: {error}") from error
