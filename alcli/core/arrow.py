"""Vectors of records in Arrow IPC files: written in blocks, read memory-mapped.

A file has the columns `id` (string) and `vector` (a fixed-size list of float16, float32
or float64); whoever writes such a file stands in for `alcli score --vectors`. The
metadata key `model`, where it is there, says which model the vectors are from.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from alcli.core.errors import InputError, UsageError
from alcli.core.files import replacing
from alcli.core.ids import Places
from alcli.core.inputs import STDIO

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

type Write = Callable[[Sequence[str], NDArray[np.floating[Any]], str], None]

KINDS = ("float32", "float16")
REMEDY = "make them with `alcli score --vectors FILE`"
_ROWS = 1 << 16  # that are looked at together


@contextmanager
def writing(path: str, *, kind: str = "float32") -> Iterator[Write]:
    """Yield a function that adds ids and their vectors, (n, d); all or nothing.

    It also takes the key of the model that they are from. kind: of the numbers.

    Raises:
        UsageError: the path is stdout.
    """
    import numpy as np
    import pyarrow as pa

    if path == STDIO:
        raise UsageError("--vectors needs a file: stdout is for records")
    with replacing(path) as file:
        writer: pa.RecordBatchFileWriter | None = None

        def opened(width: int, model: str = "") -> pa.RecordBatchFileWriter:
            vector = pa.list_(pa.type_for_alias(kind), width)
            fields = [pa.field("id", pa.string()), pa.field("vector", vector)]
            return pa.ipc.new_file(file, pa.schema(fields, {"model": model}))

        def write(
            ids: Sequence[str], vectors: NDArray[np.floating[Any]], model: str
        ) -> None:
            nonlocal writer
            width = vectors.shape[1]
            if writer is None:
                writer = opened(width, model)
            with np.errstate(over="ignore"):
                numbers = np.ascontiguousarray(vectors, kind).ravel()
            if not np.isfinite(numbers).all():
                problem = f"a vector is not finite in {kind}"
                raise InputError(f"{problem}; use float32, or train again", source=path)
            flat = pa.array(numbers)
            lists = pa.FixedSizeListArray.from_arrays(flat, width)
            names = ["id", "vector"]
            columns = [pa.array(ids, pa.string()), lists]
            writer.write_batch(pa.record_batch(columns, names))

        yield write
        (writer or opened(0)).close()


@dataclass(frozen=True)
class Vectors:
    """Vectors by id; those of a file stay there until they are asked for.

    ids: an Arrow array of n strings. chunks: arrays (m, d) that follow each other.
    """

    ids: pa.Array
    chunks: tuple[NDArray[np.floating[Any]], ...]
    source: str = "<vectors>"

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
        model: bytes | None = None
        for path in paths:
            schema, batches = _mapped(path)
            own = (schema.metadata or {}).get(b"model")
            if model and own and own != model:
                problem = f"from another model than {paths[0]}; {REMEDY} of one model"
                raise InputError(problem, source=path)
            model = model or own
            for batch in batches:
                ids.append(batch.column("id").cast(pa.large_string()))
                chunk = _matrix(batch.column("vector"), path)
                if chunks and chunk.shape[1] != chunks[0].shape[1]:
                    problem = (
                        f"vectors of {chunk.shape[1]} numbers, those before have "
                        f"{chunks[0].shape[1]}: of another model; {REMEDY} of one model"
                    )
                    raise InputError(problem, source=path)
                chunks.append(chunk)
        whole = pa.concat_arrays(ids) if ids else pa.array([], pa.large_string())
        return cls(whole, tuple(chunks), paths[0] if len(paths) == 1 else "--vectors")

    @property
    def width(self) -> int:
        """How many numbers a vector has; 0 where there is none."""
        return self.chunks[0].shape[1] if self.chunks else 0

    def rows(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return where the vector of each id is, (n,); -1 where there is none.

        Raises:
            InputError: the vectors of one id are there twice.
        """
        if (again := self._places.again) >= 0:
            name = self.ids[again].as_py()
            problem = (
                f'id "{name}" is repeated; name each record once (`alcli clean` drops '
                f"repeats), and {REMEDY}"
            )
            raise InputError(problem, source=self.source)
        return self._places.rows(ids)

    @cached_property
    def _places(self) -> Places:
        parts = range(0, len(self.ids), _ROWS)
        return Places(
            id for part in parts for id in self.ids.slice(part, _ROWS).to_pylist()
        )

    def lacking(self, lacking: int, of: int, what: str, example: str) -> str:
        """Return what to say where records have no vector, and what to do."""
        return (
            f"no vector for {lacking:,} of {of:,} {what}, such as id "
            f'"{example}"; score these, too, with `alcli score --vectors FILE`, and '
            "name each file with --vectors"
        )

    def rows_of_all(self, ids: Sequence[str], what: str) -> NDArray[np.intp]:
        """Return where the vector of each id is, (n,); what: to call them.

        Raises:
            InputError: there is none for some id, or two for any.
        """
        rows = self.rows(ids)
        if (lacking := rows < 0).any():
            example = ids[int(lacking.argmax())]
            said = self.lacking(int(lacking.sum()), len(ids), what, example)
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
                    raise InputError(f"{problem}; {REMEDY}", source=self.source)
                found[places] = part
        return found


def _mapped(path: str) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    import pyarrow as pa

    if not os.path.isfile(path):
        problem = "is no file" if os.path.exists(path) else "no such file"
        raise InputError(f"cannot read: {problem}; {REMEDY}", source=path)
    try:
        reader = pa.ipc.open_file(pa.memory_map(path))
        batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
        for batch in batches:
            batch.validate()
    except (pa.ArrowException, OSError) as error:
        problem = f"damaged, or not an Arrow file ({str(error).splitlines()[0]})"
        raise InputError(f"{problem}; {REMEDY}", source=path) from error
    return _checked(reader.schema, path), batches


def _checked(schema: pa.Schema, path: str) -> pa.Schema:
    import pyarrow as pa

    wanted = "`id`, and `vector`, a fixed-size list of floats"
    for name in ("id", "vector"):
        if schema.names.count(name) != 1:
            raise InputError(f"expected columns {wanted}; {REMEDY}", source=path)
    kind = schema.field("vector").type
    ids = schema.field("id").type
    is_id = (
        pa.types.is_string(ids)
        or pa.types.is_large_string(ids)
        or pa.types.is_integer(ids)
    )
    if not (
        is_id
        and pa.types.is_fixed_size_list(kind)
        and pa.types.is_floating(kind.value_type)
    ):
        raise InputError(f"expected {wanted}, not {ids}, {kind}", source=path)
    return schema


def _matrix(lists: pa.FixedSizeListArray, path: str) -> NDArray[np.floating[Any]]:
    flat = lists.flatten()
    if lists.null_count or flat.null_count:
        raise InputError(f"a vector or a number is missing; {REMEDY}", source=path)
    numbers: NDArray[np.floating[Any]] = flat.to_numpy(zero_copy_only=True)
    return numbers.reshape(len(lists), lists.type.list_size)
