"""Inputs of topic methods: `tokens` of records, or vectors by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alcli.core.errors import UsageError
from alcli.core.step import identity
from alcli.features.vector_files import VECTORS_REMEDY
from alcli.features.vectors import Vectors


def input_field(method: Any) -> str:
    """Return the field of records that a method needs: `tokens`, or `id` of vectors."""
    return "tokens" if method.INPUT == "tokens" else "id"


def input_values(method: Any, rows: Sequence[Any]) -> list[str]:
    """Return the `input_field` of decoded records."""
    if method.INPUT == "tokens":
        return [row.tokens for row in rows]
    return [identity(row.id) for row in rows]


def open_vectors(method: Any, vectors: Sequence[str] | Vectors) -> Vectors | None:
    """Return the vectors that a method needs; None for a method of tokens.

    vectors: paths of Arrow files, or vectors in memory.

    Raises:
        UsageError: the method needs vectors and there are none, or the reverse.
    """
    if method.INPUT == "tokens":
        if vectors:
            raise UsageError(f"{method.__name__} reads tokens; omit --vectors")
        return None
    if not vectors:
        raise UsageError(f"{method.__name__} needs --vectors FILE; {VECTORS_REMEDY}")
    return vectors if isinstance(vectors, Vectors) else Vectors.read(vectors)
