"""Files of vectors in Arrow IPC: written in blocks, read memory-mapped.

A file has the columns `id` (string or integer) and `vector` (a fixed-size list of
float16, float32 or float64); any program may write one in place of `alcli score
--vectors`. The metadata key `model`, if present, identifies the model of the vectors.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from alcli.core.errors import InputError, UsageError
from alcli.core.files import replacing
from alcli.core.inputs import STDIO
from alcli.core.memory import ensure
from alcli.features.arrow_layout import unpacked_bytes

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

type WriteVectors = Callable[[Sequence[str], NDArray[np.floating[Any]], str], None]

DTYPES = ("float32", "float16")
VECTORS_REMEDY = "make them with `alcli score --vectors FILE`"
MAX_RATIO = 100  # of a compressed file; floats hardly become smaller at all
_SMALL = 1 << 24  # bytes that any file may unpack to
_MODEL = b"model"
_COLUMNS = ["id", "vector"]


@contextmanager
def vector_writer(path: str, *, dtype: str = "float32") -> Iterator[WriteVectors]:
    """Yield a function that writes ids, (n,), vectors, (n, d), and a model's key.

    The file is written whole or not at all. The key of the first call counts.

    dtype: type of the numbers in the file.

    Raises:
        UsageError: the path is stdout.
        InputError: a number is not finite in that type.
    """
    import numpy as np
    import pyarrow as pa

    if path == STDIO:
        raise UsageError("--vectors needs a file: stdout is for records")
    with replacing(path) as file:
        writer: pa.RecordBatchFileWriter | None = None

        def opened(width: int, model: str = "") -> pa.RecordBatchFileWriter:
            vector = pa.list_(pa.type_for_alias(dtype), width)
            fields = [pa.field("id", pa.string()), pa.field("vector", vector)]
            return pa.ipc.new_file(file, pa.schema(fields, {_MODEL: model}))

        def write(
            ids: Sequence[str], vectors: NDArray[np.floating[Any]], model: str
        ) -> None:
            nonlocal writer
            width = vectors.shape[1]
            if writer is None:
                writer = opened(width, model)
            with np.errstate(over="ignore"):
                numbers = np.ascontiguousarray(vectors, dtype).ravel()
            if not np.isfinite(numbers).all():
                problem = f"a vector is not finite in {dtype}"
                raise InputError(f"{problem}; use float32, or retrain", source=path)
            flat = pa.array(numbers)
            lists = pa.FixedSizeListArray.from_arrays(flat, width)
            names = ["id", "vector"]
            columns = [pa.array(ids, pa.string()), lists]
            writer.write_batch(pa.record_batch(columns, names))

        yield write
        (writer or opened(0)).close()


def read_vectors(
    path: str,
) -> tuple[str, list[tuple[pa.Array, NDArray[np.floating[Any]]]]]:
    """Return the model's key, or "", and batches of ids, (n,), and vectors, (n, d).

    The vectors are memory-mapped, unless the file is compressed. All but the numbers is
    validated first, so that no damage goes further than this function.

    Raises:
        InputError: the file is missing, damaged, or of another schema, an id or a
            number is missing, or it unpacks to more than MAX_RATIO times its size.
        MemoryRefused: it unpacks to more bytes than are available.
    """
    import pyarrow as pa

    if not os.path.isfile(path):
        problem = "not a file" if os.path.exists(path) else "no such file"
        raise InputError(f"cannot read: {problem}; {VECTORS_REMEDY}", source=path)
    try:
        source = pa.memory_map(path)
        file = memoryview(source.read_buffer())
        _check_unpacked(unpacked_bytes(file), len(file), path)
        schema = _checked_schema(pa.ipc.open_file(source).schema, path)
        blocks = [
            (batch.column("id").cast(pa.large_string()), _matrix(batch, path))
            for batch in _batches(source)
        ]
    # ValueError: of the layout, or a name of a column that is not UTF-8
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        problem = f"damaged, or not an Arrow file ({str(error).partition('\n')[0]})"
        raise InputError(f"{problem}; {VECTORS_REMEDY}", source=path) from error
    key = (schema.metadata or {}).get(_MODEL, b"")
    return key.decode("utf-8", "backslashreplace"), blocks


def _check_unpacked(unpacked: int, size: int, path: str) -> None:
    if unpacked > MAX_RATIO * size + _SMALL:
        problem = f"{size:,} bytes that unpack to {unpacked:,}"
        raise InputError(f"{problem}; write them uncompressed", source=path)
    ensure(unpacked, remedy=f"write {path} uncompressed: it is then mapped, not read")


def _batches(source: pa.MemoryMappedFile) -> Iterator[pa.RecordBatch]:
    """Yield the batches of the two columns, each validated in full."""
    import pyarrow as pa

    # with `included_fields` PyArrow would copy
    options = pa.ipc.IpcReadOptions(ensure_alignment=pa.ipc.Alignment.DataTypeSpecific)
    reader = pa.ipc.open_file(source, options=options)
    for number in range(reader.num_record_batches):
        batch = reader.get_batch(number).select(_COLUMNS)
        batch.validate(full=True)  # offsets, lengths, counts of nulls, UTF-8
        yield batch


def _checked_schema(schema: pa.Schema, path: str) -> pa.Schema:
    import pyarrow as pa

    wanted = "`id`, and `vector`, a fixed-size list of floats"
    for name in _COLUMNS:
        if schema.names.count(name) != 1:
            raise InputError(
                f"expected columns {wanted}; {VECTORS_REMEDY}", source=path
            )
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


def _matrix(batch: pa.RecordBatch, path: str) -> NDArray[np.floating[Any]]:
    lists = batch.column("vector")
    flat = lists.flatten()
    if batch.column("id").null_count or lists.null_count or flat.null_count:
        raise InputError(
            f"an id, a vector or a number is missing; {VECTORS_REMEDY}", source=path
        )
    numbers: NDArray[np.floating[Any]] = flat.to_numpy(zero_copy_only=True)
    return numbers.reshape(len(lists), lists.type.list_size)
