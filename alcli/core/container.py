"""Container of checkpoints: a stored zip of JSON and binary members, read with checks.

`unzip -p FILE checkpoint.json` prints the JSON (the card). It has the sha256 of every
other member, so that damage is detected; nothing in the file is ever executed.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.core.errors import CheckpointError
from alcli.core.json_text import json_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

CARD = "checkpoint.json"
FORMAT = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)  # no timestamps: same content, same bytes


def dump(file: BinaryIO, card: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write a container to an open file.

    card: JSON-ready values; `format` and `sha256` are added.
    members: binary contents by name.
    """
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    full = {"format": FORMAT, **card, "sha256": hashes}
    text = json_text(full) + "\n"
    whole = io.BytesIO()  # zipfile needs `tell`, which a device such as a pipe lacks
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in {
            CARD: text.encode(),
            **members,
        }.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    file.write(whole.getbuffer())


def read(path: str, kind: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the card and the members of a container of one kind.

    kind: the expected `kind` of the card, such as "checkpoint" or "topics".

    Raises:
        CheckpointError: the file is missing, damaged, or has a later format or
            another kind.
    """
    found, members = _open(path)
    if found.get("kind") != kind:
        raise CheckpointError(f"{path}: is a {found.get('kind')}, not a {kind}")
    return found, members


def arrays(
    data: bytes, shapes: Mapping[str, str], lengths: Mapping[str, int] | None = None
) -> dict[str, NDArray[Any]]:
    """Return the arrays of an `.npz` member after a check of their shapes.

    data: content of the member.
    shapes: NumPy kind (`f`, `i`) and one letter per axis, by array name, such as
        {"centres": "f kd"}. Equal letters are equal lengths: 1 or more for a small
        letter, 0 or more for a capital. Arrays that are not listed are not checked.
    lengths: expected lengths by letter.

    Raises:
        ValueError: an array is missing, not finite, or has another kind or shape.
    """
    import numpy as np

    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        found = {name: file[name] for name in file.files}
    known = dict(lengths or {})
    for name, wanted in shapes.items():
        kind, _, axes = wanted.partition(" ")
        if name not in found:
            raise ValueError(f"{name} is missing")
        array = found[name]
        if array.dtype.kind != kind or array.ndim != len(axes):
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}")
        for axis, length in zip(axes, array.shape, strict=True):
            if known.setdefault(axis, length) != length or not (
                length or axis.isupper()
            ):
                raise ValueError(f"{name} has the shape {array.shape}")
        if kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{name} is not finite")
    return found


def array_bytes(**arrays: NDArray[Any]) -> bytes:
    """Return an `.npz` member of arrays by name, for `arrays`."""
    import numpy as np

    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def card(path: str) -> dict[str, Any]:
    """Return the card of a container of any kind, with the checks of `read`.

    Raises:
        CheckpointError: the file is missing, damaged, or has a later format.
    """
    return _open(path)[0]


def _open(path: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot read: {error.strerror}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = json.loads(archive.read(CARD))
            version = int(found["format"])
            members = {
                name: archive.read(name)
                for name in (found["sha256"] if version <= FORMAT else ())
            }
    except Exception as error:  # zipfile and json raise a dozen kinds on damage
        raise CheckpointError(f"{path}: damaged, or not a checkpoint") from error
    if version > FORMAT:
        raise CheckpointError(
            f"{path}: format {version} is newer than format {FORMAT} of this alcli; "
            "install a newer alcli"
        )
    for name, digest in found["sha256"].items():
        if hashlib.sha256(members[name]).hexdigest() != digest:
            raise CheckpointError(f"{path}: damaged: {name} has another sha256")
    return found, members
