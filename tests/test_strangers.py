"""Checkpoints from a stranger: arrays that are not what they should be are status 4."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import alcli
from alcli.core import container
from alcli.core.errors import CheckpointError, InputError, UsageError
from alcli.features.topics.fitted import KIND, FittedTopics
from alcli.features.topics.methods import methods
from alcli.features.vectors import Vectors
from alcli.models.checkpoint import Checkpoint

RECORDS = [
    {"id": i, "tokens": f"{word} w{i % 7} v{i % 5}", "label": word}
    for i, word in enumerate(["bad", "good", "odd"] * 20)
]


def topics(method, rows, **how):
    card, members = methods.get(method).fit(rows, **how).save()
    return {"kind": KIND, "method": method, **card}, members


def saved(kind, rng):
    """Return card and members of a checkpoint, and what loads it."""
    x = rng.normal(size=(40, 3)).astype(np.float32)
    if kind == "logreg":
        file = io.BytesIO()
        alcli.train(RECORDS, arch="logreg", params={"components": 4}).dump(file)
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        card = container.json.loads(members.pop(container.CARD))
        return card, members, Checkpoint.load
    how = {"min_count": 1, "max_share": 1.0, "stopwords": "none", "topics": 3}
    of = {
        "lda": lambda: topics("lda", [r["tokens"] for r in RECORDS], **how),
        "kmeans": lambda: topics("kmeans", x, clusters=4),
        "dbscan": lambda: topics("dbscan", x),
        "hdbscan": lambda: topics("hdbscan", x, min_cluster_size=3),
    }
    return *of[kind](), FittedTopics.load


SPOILT = {
    "missing": lambda a: None,
    "text": lambda a: a.astype(str),
    "an axis more": lambda a: a[..., None],
    "an axis less": lambda a: a[0],
    "shorter": lambda a: a[:-1],
    "narrower": lambda a: a[..., :-1],
    "nothing": lambda a: a[:0],
    "other numbers": lambda a: a.astype(float if a.dtype.kind == "i" else int),
    "not finite": lambda a: np.where(a == a.ravel()[0], np.nan, a).astype(a.dtype),
}
# fewer clusters, topics or axes are as good
FREE = {
    ("kmeans", "centres"): {"shorter", "narrower"},
    ("lda", "components"): {"shorter"},
    ("hdbscan", "records"): {"narrower"},
    ("logreg", "axes_shares"): {"narrower"},
    ("logreg", "floor"): {"missing"},  # older checkpoints have none
}


@pytest.mark.parametrize("kind", ["logreg", "lda", "kmeans", "dbscan", "hdbscan"])
def test_spoilt_arrays_are_a_damaged_checkpoint(kind, rng, tmp_path):
    card, members, load = saved(kind, rng)
    path = str(tmp_path / "m")

    def write(arrays):
        file = io.BytesIO()
        np.savez(file, **{k: v for k, v in arrays.items() if v is not None})
        with open(path, "wb") as out:
            whole = {k: v for k, v in card.items() if k not in ("format", "sha256")}
            container.dump(out, whole, members | {"model.npz": file.getvalue()})

    with np.load(io.BytesIO(members["model.npz"])) as file:
        arrays = dict(file)
    write(arrays)
    load(path)  # as it was
    assert arrays
    for name, array in arrays.items():
        for how, spoil in SPOILT.items():
            if how in FREE.get((kind, name), ()):
                continue
            if how == "not finite" and array.dtype.kind != "f":
                continue
            write(arrays | {name: spoil(array)})
            with pytest.raises(CheckpointError, match="cannot be loaded"):
                load(path)


def test_whose_vectors_clusters_are_of(rng, tmp_path):
    card, members, load = saved("kmeans", rng)
    path = str(tmp_path / "m")

    def loaded(**more):
        with open(path, "wb") as out:
            container.dump(out, {**card, **more}, members)
        return load(path)

    for wrong in (None, 5, ["m"], {}, True):
        with pytest.raises(CheckpointError, match="vectors_of is no text"):
            loaded(vectors_of=wrong)
    mine, other, unsaid = (
        replace(Vectors.of(["a"], np.ones((1, 3), np.float32)), model=model)
        for model in ("m", "n", "")
    )
    for vectors in (mine, other, unsaid):
        assert loaded().open_vectors(vectors) is vectors
    told = loaded(vectors_of="m")
    assert told.open_vectors(mine) is mine
    assert told.open_vectors(unsaid) is unsaid
    with pytest.raises(InputError, match="another model than those of the clusters; s"):
        told.open_vectors(other)


def test_axes_of_no_term(rng, tmp_path):
    card, members, load = saved("logreg", rng)
    with np.load(io.BytesIO(members["model.npz"])) as file:
        arrays = dict(file)
    for wrong in (-1, 10**6):
        arrays["axes_terms"][0] = wrong
        file = io.BytesIO()
        np.savez(file, **arrays)
        with open(tmp_path / "m", "wb") as out:
            whole = {k: v for k, v in card.items() if k not in ("format", "sha256")}
            container.dump(out, whole, members | {"model.npz": file.getvalue()})
        with pytest.raises(CheckpointError, match="axes_terms: index out of range"):
            load(str(tmp_path / "m"))


def test_a_linear_model_without_axes_has_no_vectors(rng, tmp_path):
    model = alcli.train(RECORDS, arch="logreg", params={"components": 0})
    model.save(str(tmp_path / "m"))
    again = Checkpoint.load(str(tmp_path / "m"))
    assert (again.predict(["bad w1"]).probs == model.predict(["bad w1"]).probs).all()
    for one in (model, again):
        with pytest.raises(UsageError, match="--set components=64"):
            one.predict(["bad"], {"vectors"})
