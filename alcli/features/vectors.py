"""Vectors by id of their record, in Arrow files or in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from alcli.core.errors import InputError
from alcli.core.ids import IdIndex
from alcli.core.types import Float32s, Indices
from alcli.features.vector_files import VECTORS_REMEDY, read_vectors

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_ROWS = 1 << 16  # rows that are converted together


@dataclass(frozen=True)
class Vectors:
    """Vectors by id; those of files are memory-mapped.

    ids: Arrow array of n strings.
    chunks: consecutive arrays, (m, d).
    source: name for messages.
    model: key of the model of the vectors, if known.
    """

    ids: pa.Array
    chunks: tuple[NDArray[np.floating[Any]], ...]
    source: str = "<vectors>"
    model: str = ""

    @classmethod
    def of(cls, ids: Sequence[str], vectors: NDArray[np.floating[Any]]) -> Self:
        """Return vectors in memory, (n, d), by their ids."""
        import pyarrow as pa

        return cls(pa.array(ids, pa.large_string()), (vectors,))

    @classmethod
    def read(cls, paths: Sequence[str]) -> Self:
        """Map files of vectors of one model.

        Raises:
            InputError: a file is invalid, or the vectors are of several models.
        """
        import pyarrow as pa

        ids: list[pa.Array] = []
        chunks: list[NDArray[np.floating[Any]]] = []
        model = ""
        for path in paths:
            own, blocks = read_vectors(path)
            if model and own and own != model:
                problem = (
                    f"from another model than {paths[0]}; {VECTORS_REMEDY} of one model"
                )
                raise InputError(problem, source=path)
            model = model or own
            for some, chunk in blocks:
                if chunks and chunk.shape[1] != chunks[0].shape[1]:
                    problem = (
                        f"vectors of {chunk.shape[1]} numbers, those before have "
                        f"{chunks[0].shape[1]}: of another model; "
                        f"{VECTORS_REMEDY} of one model"
                    )
                    raise InputError(problem, source=path)
                ids.append(some)
                chunks.append(chunk)
        whole = pa.concat_arrays(ids) if ids else pa.array([], pa.large_string())
        source = paths[0] if len(paths) == 1 else "--vectors"
        return cls(whole, tuple(chunks), source, model)

    @property
    def width(self) -> int:
        """Width of a vector; 0 without vectors."""
        return self.chunks[0].shape[1] if self.chunks else 0

    def rows(self, ids: Sequence[str]) -> Indices:
        """Return the row of each id's vector, (n,); -1 for unknown ids.

        Raises:
            InputError: an id has several vectors.
        """
        if (again := self._places.first_repeat) >= 0:
            name = self.ids[again].as_py()
            problem = (
                f'id "{name}" is repeated; name each record once (`alcli clean` drops '
                f"repeats), and {VECTORS_REMEDY}"
            )
            raise InputError(problem, source=self.source)
        return self._places.rows(ids)

    @cached_property
    def _places(self) -> IdIndex:
        parts = range(0, len(self.ids), _ROWS)
        return IdIndex(
            id for part in parts for id in self.ids.slice(part, _ROWS).to_pylist()
        )

    def require_rows(
        self,
        ids: Sequence[str],
        what: str,
        *,
        error: Callable[[int, str], Exception] | None = None,
    ) -> Indices:
        """Return the row of each id's vector, (n,).

        what: noun for the records in a message.
        error: builds the exception from the index of an id and a problem, such as
            `Block.error`; by default an InputError that names the file of vectors.

        Raises:
            InputError: an id has no vector, or several.
        """
        rows = self.rows(ids)
        if (missing := rows < 0).any():
            first = int(missing.argmax())
            problem = (
                f"no vector for {missing.sum():,} of {len(ids):,} {what}, such as id "
                f'"{ids[first]}"; score these, too, with `alcli score --vectors FILE`, '
                "and name each file with --vectors"
            )
            if error:
                raise error(first, problem)
            raise InputError(problem, source=self.source)
        return rows

    def take(self, rows: Indices) -> Float32s:
        """Return the vectors of some rows as one array, (n, d).

        Raises:
            InputError: a number is not finite, or its square too large for float32.
        """
        import numpy as np

        found = np.empty((len(rows), self.width), np.float32)
        order = np.argsort(rows, kind="stable")
        starts = np.cumsum([0, *map(len, self.chunks)])
        bounds = np.searchsorted(rows[order], starts).tolist()
        for chunk, start, (a, b) in zip(
            self.chunks, starts.tolist(), pairwise(bounds), strict=False
        ):
            for first in range(a, b, _ROWS):
                places = order[first : min(first + _ROWS, b)]
                with np.errstate(over="ignore", invalid="ignore"):  # checked below
                    part = chunk[rows[places] - start].astype(np.float32)
                lengths = np.einsum("nd,nd->n", part, part)
                if not (good := np.isfinite(lengths)).all():
                    name = self.ids[int(rows[places[int(np.argmin(good))]])].as_py()
                    problem = f'the vector of id "{name}" has a NaN, or is infinite'
                    problem += ", or its norm exceeds float32"
                    raise InputError(f"{problem}; {VECTORS_REMEDY}", source=self.source)
                found[places] = part
        return found
