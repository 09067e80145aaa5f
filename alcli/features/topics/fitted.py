"""Topics that were fitted: kept in a file, and found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from alcli.features.topics.inputs import open_vectors
from alcli.features.topics.methods import methods

if TYPE_CHECKING:
    from alcli.features.vectors import Vectors

KIND = "topics"


@dataclass(frozen=True)
class FittedTopics:
    """A method after `fit`; vectors_of: the key of the model whose vectors it saw."""

    topics: Any
    vectors_of: str = ""

    @property
    def method(self) -> Any:
        """The class."""
        return type(self.topics)

    def open_vectors(self, vectors: Sequence[str] | Vectors) -> Vectors | None:
        """Return vectors of files or in memory; None if it looks at `tokens`.

        Raises:
            UsageError: it needs vectors and there are none, or the other way round.
            InputError: they are of another model than those that it was fitted on,
                where both say of which.
        """
        from alcli.core.errors import InputError

        known = open_vectors(self.method, vectors)
        if known is None:
            return None
        width, problem = self.topics.width, ""
        if known.width != width:
            problem = f"vectors of {known.width} numbers, the clusters are of {width}"
        elif known.model and self.vectors_of and known.model != self.vectors_of:
            problem = "vectors of another model than those of the clusters"
        if problem:
            remedy = "score with the model that the clusters are of, or fit them anew"
            raise InputError(f"{problem}; {remedy}", source=known.source)
        return known

    def dump(self, file: BinaryIO) -> None:
        """Write what `load` reads."""
        from alcli.core import container

        card, members = self.topics.save()
        card |= {"kind": KIND, "method": self.method.__name__}
        if self.vectors_of:
            card["vectors_of"] = self.vectors_of
        container.dump(file, card, members)

    @classmethod
    def load(cls, path: str) -> Self:
        """Return the topics of a file written by `topics --save`.

        Raises:
            CheckpointError: it is missing, damaged, or something else.
        """
        from alcli.core import container
        from alcli.core.errors import CheckpointError, SurroundingsError

        card, members = container.read(path, KIND)
        try:
            vectors_of = card.get("vectors_of", "")
            if not isinstance(vectors_of, str):
                raise TypeError("vectors_of is no text")
            return cls(methods.builtin(card["method"]).load(card, members), vectors_of)
        except SurroundingsError:
            raise
        except Exception as error:  # whatever a wrong member makes its reader raise
            raise CheckpointError(f"{path}: cannot be loaded: {error}") from error
