"""Vectors by id, and their Arrow files."""

import random
import re
import struct
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from alcli.core.errors import InputError, MemoryRefused, UsageError
from alcli.features.vector_files import vector_writer
from alcli.features.vectors import Vectors
from tests.features.arrow_mutants import mutant, outcome, sources


def write(path, *blocks, model="m", dtype="float32"):
    with vector_writer(str(path), dtype=dtype) as put:
        for ids, vectors in blocks:
            put(ids, vectors, model)
    return str(path)


def arrow(path, **columns):
    table = pa.table(columns)
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)
    return str(path)


def lists(vectors):
    vectors = np.asarray(vectors, np.float32)
    return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), len(vectors[0]))


@pytest.fixture
def blocks(rng):
    vectors = rng.normal(size=(30, 5)).astype(np.float32)
    ids = [f"شناسه{i}" for i in range(30)]
    return ids, vectors, [(ids[a : a + 7], vectors[a : a + 7]) for a in range(0, 30, 7)]


@pytest.mark.parametrize(("dtype", "error"), [("float32", 0), ("float16", 2e-3)])
def test_written_vectors_are_found_by_id(tmp_path, blocks, rng, dtype, error):
    ids, vectors, parts = blocks
    found = Vectors.read([write(tmp_path / "v", *parts, dtype=dtype)])
    order = rng.permutation(30)
    rows = found.rows([ids[i] for i in order])
    taken = found.take(rows)

    assert taken.dtype == np.float32
    assert {chunk.dtype.name for chunk in found.chunks} == {dtype}
    np.testing.assert_allclose(taken, vectors[order], atol=error)
    assert found.rows(["nobody", ids[3]]).tolist() == [-1, 3]


def test_float32_is_mapped_not_copied(tmp_path, blocks):
    before = pa.total_allocated_bytes()
    many = [(blocks[0], np.tile(blocks[1], (1, 10_000)))]
    path = write(tmp_path / "v", *many)
    found = Vectors.read([path])

    assert pa.total_allocated_bytes() - before < 100_000
    assert not any(chunk.flags.owndata for chunk in found.chunks)
    assert found.width == 50_000


def test_several_files_are_concatenated(tmp_path, blocks):
    ids, vectors, parts = blocks
    paths = [write(tmp_path / str(i), part) for i, part in enumerate(parts)]
    found = Vectors.read(paths)
    np.testing.assert_array_equal(found.take(found.rows(ids)), vectors)


def test_a_file_may_be_empty(tmp_path):
    found = Vectors.read([write(tmp_path / "v")])
    assert (len(found.ids), found.width) == (0, 0)
    assert found.rows(["a"]).tolist() == [-1]
    assert found.rows([]).tolist() == []


def test_a_failed_write_leaves_the_old_file(tmp_path, blocks):
    (tmp_path / "v").write_text("old")
    with (
        pytest.raises(ValueError, match="length"),
        vector_writer(str(tmp_path / "v")) as put,
    ):
        [put(*block, "m") for block in (*blocks[2], (["a", "b"], np.ones((1, 5))))]
    assert (tmp_path / "v").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


@pytest.mark.parametrize(("number", "dtype"), [(1e6, "float16"), (np.nan, "float32")])
def test_numbers_beyond_the_type_are_rejected(tmp_path, number, dtype):
    block = (["a"], np.full((1, 2), number, np.float32))
    with pytest.raises(InputError, match=f"v: a vector is not finite in {dtype}"):
        write(tmp_path / "v", block, dtype=dtype)
    assert not list(tmp_path.iterdir())


def test_vectors_cannot_go_to_stdout():
    with pytest.raises(UsageError, match="stdout is for records"), vector_writer("-"):
        pass


def test_ids_may_be_integers(tmp_path):
    path = arrow(tmp_path / "v", id=[7, 8], vector=lists([[1, 2], [3, 4]]))
    found = Vectors.read([path])
    assert found.take(found.rows(["8", "7"])).tolist() == [[3, 4], [1, 2]]


def test_repeated_ids_are_rejected(tmp_path, blocks):
    parts = blocks[2]
    found = Vectors.read([write(tmp_path / "v", *parts, parts[0])])
    with pytest.raises(InputError, match=r'v: id "شناسه0" is repeated; .*clean'):
        found.rows(["x"])


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_the_message_for_a_number_that_is_not_finite_names_the_id(
    tmp_path, blocks, number
):
    ids, vectors, _ = blocks
    vectors[20, 3] = number
    found = Vectors.read([arrow(tmp_path / "v", id=ids, vector=lists(vectors))])
    assert found.take(found.rows(ids[:20])).shape == (20, 5)
    with pytest.raises(InputError, match='v: the vector of id "شناسه20" has a NaN'):
        found.take(found.rows(ids))


def test_vectors_of_several_models_are_rejected(tmp_path, blocks):
    ids, vectors, parts = blocks
    one, two = (write(tmp_path / m, parts[0], model=m) for m in "ab")
    with pytest.raises(InputError, match=r"b: from another model than .*score"):
        Vectors.read([one, two])
    assert Vectors.read([one, write(tmp_path / "d", parts[1], model="")]).model == "a"
    for key in (b"\xfe", b"\xff"):
        table = pa.table({"id": ids[:1], "vector": lists(vectors[:1])})
        table = table.replace_schema_metadata({b"model": key})
        with pa.ipc.new_file(str(tmp_path / repr(key)), table.schema) as writer:
            writer.write_table(table)
    with pytest.raises(InputError, match="from another model"):
        Vectors.read([str(tmp_path / repr(key)) for key in (b"\xfe", b"\xff")])
    narrow = write(tmp_path / "c", (ids[:2], vectors[:2, :4]), model="a")
    with pytest.raises(InputError, match=r"c: vectors of 4 numbers, .* have 5"):
        Vectors.read([one, narrow])


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"id": ["a"]}, "expected columns"),
        ({"id": ["a"], "vector": [1.0]}, "expected .* not string, double"),
        ({"id": [1.5], "vector": lists([[1]])}, "expected .* not double"),
        ({"id": ["a"], "vector": pa.array([[1.0]])}, "expected .* not string, list"),
        ({"id": ["a", None], "vector": lists([[1], [2]])}, "an id, a vector or"),
        (
            {"id": ["a"], "vector": pa.array([None], pa.list_(pa.float32(), 2))},
            "is missing",
        ),
        (
            {"id": ["a"], "vector": pa.array([[1.0, None]], pa.list_(pa.float32(), 2))},
            "is missing",
        ),
    ],
)
def test_tables_of_another_schema_are_rejected(tmp_path, columns, says):
    with pytest.raises(InputError, match=says):
        Vectors.read([arrow(tmp_path / "v", **columns)])


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"ARROW1\0\0" + b"x" * 100])
def test_files_of_another_format_are_rejected(tmp_path, data):
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(InputError, match=r"v: damaged, or not an Arrow file.*score"):
        Vectors.read([str(tmp_path / "v")])


def test_truncated_and_missing_files_are_rejected(tmp_path, blocks):
    whole = write(tmp_path / "v", *blocks[2])
    (tmp_path / "v").write_bytes((tmp_path / "v").read_bytes()[:-40])
    with pytest.raises(InputError, match="damaged"):
        Vectors.read([whole])
    for missing in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(InputError, match=r"cannot read: .*alcli score --vectors"):
            Vectors.read([str(missing)])


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_compressed_files_are_read(tmp_path, compression):
    table = pa.table({"id": ["a", "b"], "vector": lists([[1, 2], [3, 4]])})
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_file(str(tmp_path / "v"), table.schema, options=options) as writer:
        writer.write_table(table)
    found = Vectors.read([str(tmp_path / "v")])
    assert found.take(found.rows(["b"])).tolist() == [[3, 4]]


def test_a_file_that_unpacks_to_far_more_is_refused_before(tmp_path):
    numbers = pa.array(np.zeros(1 << 23, np.float32))
    vectors = pa.FixedSizeListArray.from_arrays(numbers, 1 << 22)
    table = pa.table({"id": ["a", "b"], "vector": vectors})
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(str(tmp_path / "v"), table.schema, options=options) as writer:
        writer.write_table(table)
    before = pa.default_memory_pool().max_memory()
    with pytest.raises(InputError, match=r"v: .* bytes that unpack to 33,55.,...; wr"):
        Vectors.read([str(tmp_path / "v")])
    assert pa.default_memory_pool().max_memory() == before


def test_a_file_that_needs_more_memory_than_there_is_is_refused(tmp_path, monkeypatch):
    table = pa.table({"id": ["a"], "vector": lists([[1, 2]])})
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(str(tmp_path / "v"), table.schema, options=options) as writer:
        writer.write_table(table)
    monkeypatch.setattr("alcli.core.memory.available", lambda: 15)
    with pytest.raises(MemoryRefused, match=r"write .*v uncompressed"):
        Vectors.read([str(tmp_path / "v")])


def test_blocks_that_overlap_are_rejected(tmp_path, blocks):
    path = tmp_path / "v"
    write(path, *blocks[2][:2])
    data = path.read_bytes()
    starts = [found.start() for found in re.finditer(b"\xff{4}[^\xff]", data)]
    _, *batches, _ = starts  # schema, two batches, end of the stream
    first, second = (struct.pack("<q", start) for start in batches)
    assert data.count(second, batches[-1]) == 1
    path.write_bytes(data[: batches[-1]] + data[batches[-1] :].replace(second, first))
    with pytest.raises(InputError, match=r"damaged, .*blocks overlap"):
        Vectors.read([str(path)])


def test_damaged_files_are_refused_or_read_without_a_crash(tmp_path):
    check_mutants(tmp_path, range(60))


@pytest.mark.slow
def test_more_damaged_files_are_refused_or_read_without_a_crash(tmp_path):
    check_mutants(tmp_path, range(60, 660))


def check_mutants(folder, seeds):
    intact = sources(folder)
    assert {outcome(folder / name).split()[0] for name in intact} == {"ok"}
    counts = Counter()
    for seed in seeds:
        data = [*intact.values()][seed % len(intact)]
        (folder / "damaged").write_bytes(mutant(data, random.Random(seed)))
        found = outcome(folder / "damaged")
        assert found.startswith(("ok ", "refused ")), (seed, found)
        counts[found.split()[0]] += 1
    assert min(counts["ok"], counts["refused"]) > len(seeds) / 5
