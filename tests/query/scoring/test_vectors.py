"""`alcli score --vectors`."""

import json

import numpy as np
import pytest

import alcli as library
from alcli.features.vectors import Vectors

RECORDS = [
    {"id": i if i % 2 else f"n{i}", "tokens": f"{word} {i % 5}", "label": word}
    for i, word in enumerate(["bad", "good"] * 30)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    library.train(RECORDS, arch="logreg").save(str(folder / "model"))
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS)
    (folder / "pool").write_text(lines)
    return folder


def read(path):
    found = Vectors.read([str(path)])
    return found.take(found.rows([str(record["id"]) for record in RECORDS]))


@pytest.mark.slow
def test_vectors_do_not_depend_on_blocks_jobs_or_other_records(alcli, folder):
    args = ["score", "pool", "-m", "model"]
    plain = alcli(*args, cwd=folder, check=True)
    found = []
    for name, more in {"a": [], "b": ["--block", "1"], "c": ["--jobs", "2"]}.items():
        done = alcli(*args, "--vectors", name, *more, cwd=folder, check=True)
        assert done.stdout == plain.stdout
        found.append(read(folder / name))
    assert found[0].shape == (60, 10)  # there are no more different texts
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()
    model = library.Checkpoint.load(str(folder / "model"))
    expected = model.predict([r["tokens"] for r in RECORDS], {"vectors"}).vectors
    assert (found[0] == expected).all()


def test_float16_vectors_have_half_the_precision(alcli, folder):
    args = ["score", "pool", "-m", "model", "--vectors"]
    alcli(*args, "whole", cwd=folder, check=True)
    alcli(*args, "half", "--vectors-type", "float16", cwd=folder, check=True)
    np.testing.assert_allclose(
        read(folder / "half"), read(folder / "whole"), rtol=1e-3, atol=1e-6
    )


def test_excluded_and_invalid_records_have_no_vectors(alcli, folder):
    (folder / "gone").write_text('{"id":"n0"}\n')
    lines = b'x\n{"tokens":"no id"}\n' + (folder / "pool").read_bytes()
    args = ["score", "-m", "model", "--vectors", "v", "--exclude", "gone"]
    alcli(*args, "--skip-invalid", stdin=lines, cwd=folder, check=True)
    ids = Vectors.read([str(folder / "v")]).ids.to_pylist()
    assert ids == [str(record["id"]) for record in RECORDS[1:]]


@pytest.mark.slow
def test_the_vectors_file_is_complete_when_stdout_ends(alcli, folder):
    """A reader that waits for the end of stdin finds the vectors."""
    import subprocess
    import sys

    see = "import os, sys; sys.stdin.read(); print(os.path.exists('there'))"
    command = f'"{sys.executable}" -m alcli score pool -m model --vectors there'
    done = subprocess.run(
        f"{command} | \"{sys.executable}\" -c \"{see}\"",
        shell=True, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "True\n", done.stderr
