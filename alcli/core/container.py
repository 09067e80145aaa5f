"""One file that holds JSON and a few members: a stored zip that is checked when read.

`unzip -p FILE checkpoint.json` shows what is in it. Each other member's sha256 stands
there, so that damage is found; nothing in the file is ever executed.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from alcli.core.errors import CheckpointError

if TYPE_CHECKING:
    from numpy.typing import NDArray

CARD = "checkpoint.json"
FORMAT = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)  # no time inside: same content, same bytes


def dump(file: BinaryIO, card: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write to an open file."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    full = {"format": FORMAT, **card, "sha256": hashes}
    text = json.dumps(full, ensure_ascii=False, indent=1) + "\n"
    whole = io.BytesIO()  # a device such as /dev/null cannot say where it stands
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in {CARD: text.encode(), **members}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    file.write(whole.getbuffer())


def read(path: str, kind: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the JSON and the members of a file of this kind.

    Raises:
        CheckpointError: it is missing, damaged, of a later format or of another kind.
    """
    found, members = _open(path)
    if found.get("kind") != kind:
        raise CheckpointError(f"{path}: is a {found.get('kind')}, not a {kind}")
    return found, members


def arrays(
    data: bytes, shapes: Mapping[str, str], lengths: Mapping[str, int] | None = None
) -> dict[str, NDArray[Any]]:
    """Return the arrays of an `.npz` member, all of them as they should be.

    shapes: by name, a kind as of NumPy (`f`, `i`) and a letter for the length of each
    axis, such as {"centres": "f kd"}; the same letter is the same length, 1 or more, a
    capital also 0. lengths: those that are known. What has no shape here may be any
    array.

    Raises:
        ValueError: an array is missing, of another kind or shape, or not finite.
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


def card(path: str) -> dict[str, Any]:
    """Return the JSON of a file of any kind; it is checked like `read`."""
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
            f"{path}: has format {version}, this alcli reads {FORMAT}; "
            "install a newer alcli"
        )
    for name, digest in found["sha256"].items():
        if hashlib.sha256(members[name]).hexdigest() != digest:
            raise CheckpointError(f"{path}: damaged: {name} is not what was written")
    return found, members
