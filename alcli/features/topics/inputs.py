"""Inputs of a method: the `tokens` of a record, or its vector, by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.core.step import Block
    from alcli.features.vectors import Vectors


def input_field(method: Any) -> tuple[str, Any]:
    """Return the field of a record that a method looks at, and its type."""
    return ("tokens", str) if method.INPUT == "tokens" else ("id", str | int)


def input_of(row: Any) -> str:
    """Return the tokens of a decoded record, or its id."""
    from alcli.core.step import identity

    return row.tokens if hasattr(row, "tokens") else identity(row.id)


def open_vectors(method: Any, vectors: Sequence[str] | Vectors) -> Vectors | None:
    """Return the vectors that a method looks at; None if it looks at `tokens`.

    Raises:
        UsageError: it needs vectors and there are none, or the other way round.
    """
    from alcli.core.errors import UsageError
    from alcli.features.vector_files import VECTORS_REMEDY
    from alcli.features.vectors import Vectors

    if method.INPUT == "tokens":
        if vectors:
            raise UsageError(f"{method.__name__} looks at tokens: no --vectors")
        return None
    if not vectors:
        raise UsageError(f"{method.__name__} needs --vectors FILE; {VECTORS_REMEDY}")
    return vectors if isinstance(vectors, Vectors) else Vectors.read(vectors)


def vector_rows(block: Block, known: Vectors, ids: Sequence[str]) -> NDArray[np.intp]:
    """Return where the vectors of a block's records are, (n,).

    Raises:
        InputError: a record has none.
    """
    found = known.rows(ids)
    lacking = found < 0
    if lacking.any():
        row = int(lacking.argmax())
        said = known.missing_vectors_message(
            int(lacking.sum()), len(ids), "records", ids[row]
        )
        raise block.error(row, said)
    return found
