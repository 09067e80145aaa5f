"""Vectors by the id of their record, in files or in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from alcli.core.errors import InputError
from alcli.core.ids import IdIndex
from alcli.features.vector_files import VECTORS_REMEDY
from alcli.features.vector_files import read_vectors as read_file

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_ROWS = 1 << 16  # that are looked at together


@dataclass(frozen=True)
class Vectors:
    """Vectors by id; those of a file stay there until they are asked for.

    ids: an Arrow array of n strings. chunks: arrays (m, d) that follow each other.
    model: the key of the model that they are from, where it is known.
    """

    ids: pa.Array
    chunks: tuple[NDArray[np.floating[Any]], ...]
    source: str = "<vectors>"
    model: str = ""

    @classmethod
    def of(cls, ids: Sequence[str], vectors: NDArray[np.floating[Any]]) -> Self:
        """Return vectors that are in memory, (n, d), with their ids."""
        import pyarrow as pa

        return cls(pa.array(ids, pa.large_string()), (vectors,))

    @classmethod
    def read(cls, paths: Sequence[str]) -> Self:
        """Map one or several files; float32 is not copied.

        Raises:
            InputError: a file is no such file, or the vectors are of several models.
        """
        import pyarrow as pa

        ids: list[pa.Array] = []
        chunks: list[NDArray[np.floating[Any]]] = []
        model = ""
        for path in paths:
            own, blocks = read_file(path)
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
        """Width of a vector; 0 where there is none."""
        return self.chunks[0].shape[1] if self.chunks else 0

    def rows(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return where the vector of each id is, (n,); -1 where there is none.

        Raises:
            InputError: the vectors of one id are there twice.
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

    def missing_vectors_message(
        self, lacking: int, of: int, what: str, example: str
    ) -> str:
        """Return the error message for records without a vector, with a remedy."""
        return (
            f"no vector for {lacking:,} of {of:,} {what}, such as id "
            f'"{example}"; score these, too, with `alcli score --vectors FILE`, and '
            "name each file with --vectors"
        )

    def require_rows(self, ids: Sequence[str], what: str) -> NDArray[np.intp]:
        """Return where the vector of each id is, (n,); what: to call them.

        Raises:
            InputError: there is none for some id, or two for any.
        """
        rows = self.rows(ids)
        if (lacking := rows < 0).any():
            example = ids[int(lacking.argmax())]
            said = self.missing_vectors_message(
                int(lacking.sum()), len(ids), what, example
            )
            raise InputError(said, source=self.source)
        return rows

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return some vectors as one array, (n, d), in the order of `rows`.

        Raises:
            InputError: a number is not finite, or too large for float32 to square.
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
                part = chunk[rows[places] - start].astype(np.float32)
                lengths = np.einsum("nd,nd->n", part, part)
                if not (good := np.isfinite(lengths)).all():
                    name = self.ids[int(rows[places[int(np.argmin(good))]])].as_py()
                    problem = f'the vector of id "{name}" has a NaN, or is infinite'
                    problem += ", or too long for float32"
                    raise InputError(f"{problem}; {VECTORS_REMEDY}", source=self.source)
                found[places] = part
        return found
