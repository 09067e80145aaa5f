"""Damaged Arrow files, and the outcome of each in a child process."""

from __future__ import annotations

import json
import os
import random
import resource
import struct
import traceback
from pathlib import Path

import numpy as np
import pyarrow as pa

from alcli.core.errors import AlcliError
from alcli.features.vectors import Vectors

_LIMIT = 1 << 30  # bytes that a child may allocate beside what it has
_NUMBERS = (0, 1, -1, 7, 8, 255, 1 << 16, -(1 << 31), (1 << 31) - 1, 1 << 30)
_LONG = (0, 1, -1, 1 << 31, 1 << 33, 1 << 40, (1 << 62) + 8, -(1 << 63), (1 << 63) - 1)


def sources(folder: Path) -> dict[str, bytes]:
    """Return intact files of several types and compressions."""
    rng = np.random.default_rng(5)
    found = {}
    for name, (ids, dtype, compression, extra) in {
        "plain": (pa.string(), "float32", None, False),
        "integers": (pa.int64(), "float16", None, False),
        "lz4": (pa.large_string(), "float64", "lz4", False),
        "zstd": (pa.string(), "float32", "zstd", True),
        "more": (pa.string(), "float32", None, True),
    }.items():
        vectors = rng.normal(size=(40, 3)).astype(dtype)
        flat = pa.array(vectors.ravel())
        columns = {
            "id": pa.array([str(7 * i) for i in range(40)]).cast(ids),
            "vector": pa.FixedSizeListArray.from_arrays(flat, 3),
        }
        if extra:
            columns["more"] = pa.array(["a", None, "bc", "d"] * 10).dictionary_encode()
            columns["deep"] = pa.array([[{"x": [1]}]] * 40)
        table = pa.table(columns).replace_schema_metadata({"model": "m"})
        options = pa.ipc.IpcWriteOptions(compression=compression)
        path = folder / name
        with pa.ipc.new_file(str(path), table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=15)
        found[name] = path.read_bytes()
    return found


def mutant(data: bytes, rng: random.Random) -> bytes:
    """Return a damaged copy of a file."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(made))
        aligned = at // 4 * 4
        kind = rng.randrange(8)
        if kind == 0:
            made[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            made[at] = rng.choice((0, 255, 127, 128, rng.randrange(256)))
        elif kind in (2, 3) and aligned + 4 <= len(made):
            struct.pack_into("<i", made, aligned, rng.choice(_NUMBERS))
        elif kind in (4, 5) and aligned + 8 <= len(made):
            struct.pack_into("<q", made, aligned, rng.choice(_LONG))
        elif kind == 6:
            size = rng.randrange(1, 64)
            other = rng.randrange(len(made))
            made[at : at + size] = made[other : other + size]
        elif kind == 7 and rng.random() < 0.3:
            del made[at : at + rng.randrange(1, 200)]
    return bytes(made)


def outcome(path: Path) -> str:
    """Read a file in a child process: "ok ROWS", "refused ..." or a failure."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            os.write(writing, _read(path).encode()[:4000])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        said = file.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return said or "nothing"


def _read(path: Path) -> str:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _LIMIT, used + _LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    try:
        vectors = Vectors.read([str(path)])
        ids = vectors.ids.to_pylist()
        taken = vectors.take(vectors.rows(ids))
    except AlcliError as error:
        return f"refused {error}"
    except BaseException:  # MemoryError, too
        return f"bug {traceback.format_exc()}"
    assert len(ids) == len(taken)
    assert np.isfinite(taken).all()
    return f"ok {json.dumps([ids, taken.tolist(), vectors.model])}"
