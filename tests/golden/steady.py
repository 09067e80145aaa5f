"""Texts of streams and files without what differs from run to run.

Times of this run, seconds, memory, ports, folders and versions are masked; checkpoints
become a text with their cards and a hash of each array, Arrow files one of their rows.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

MASK = b"~"
_MASKED = [
    # seconds of a thousand and more are data: no line takes as long
    rb'"(?:seconds|lead_time)": ?(\{[^{}]*\}|\d{1,3}(?:\.\d+)?(?:e-\d+)?(?![\d.]))',
    rb'"peak_memory\w*": ?(\d+)',
    rb'\\?"versions\\?": ?(\{[^{}]*\})',
    rb'\\?"threads\\?": ?(\d+|null)',
    rb'"(?:version|python)": ?("[^"]*")',
    rb"^alcli (\d+\.\S+)$",
    rb"(?:127\.0\.0\.1|localhost):(\d+)",
]
_MASKED_ALL = re.compile(b"|".join(_MASKED), re.M)
_HASH = re.compile(rb"\b[0-9a-f]{64}\b")
_TIME = re.compile(
    rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)|\b\d{10}\b"
)
_OF_A_RUN = {"versions", "version", "seconds", "threads"} | {
    "date_saved",
    "keras_version",
    "shared_object_id",  # an address in memory
}


class Steady:
    """Masks what belongs to one run: since `start`, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.start, self.folder = time.time() - 2, str(folder).encode()
        self._hashes: dict[bytes, bytes] = {}  # of a file as it is -> of its text

    def text(self, data: bytes) -> bytes:
        """Return a text, masked."""
        data = data.replace(self.folder, b"FOLDER")
        data = _HASH.sub(lambda found: self._hashes.get(found[0], found[0]), data)
        data = _MASKED_ALL.sub(_masked, data)
        return _TIME.sub(lambda found: self._time(found[0]), data)

    def file(self, path: Path) -> bytes:
        """Return a text that stands for the content of a file.

        Where a later text has the file's hash, it is replaced by that of this text.
        """
        data = path.read_bytes()
        text = self._content(path, data)
        self._hashes[_sha256(data)] = _sha256(text)
        return text

    def _content(self, path: Path, data: bytes) -> bytes:
        if data.startswith(b"PK\x03\x04"):
            return self.text("\n".join(_members(data)).encode() + b"\n")
        if data.startswith(b"ARROW1"):
            return _rows(data)
        if path.suffix in (".gz", ".bz2", ".xz", ".zst"):
            data = _decompressed(path)
        return self.text(data)

    def _time(self, found: bytes) -> bytes:
        if found.isdigit():
            moment = float(found)
        else:
            moment = datetime.fromisoformat(found.decode()).timestamp()
        return MASK if self.start <= moment <= time.time() + 2 else found


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def _masked(found: re.Match[bytes]) -> bytes:
    start, end = next(span for span in found.regs[1:] if span != (-1, -1))
    start, end = start - found.start(), end - found.start()
    return found[0][:start] + MASK + found[0][end:]


def _members(data: bytes, prefix: str = "") -> list[str]:
    """Return lines that stand for the members of a zip, by name."""
    lines = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist()):
            member = archive.read(name)
            if member.startswith(b"PK\x03\x04"):
                lines += _members(member, f"{prefix}{name}/")
            elif name.endswith(".npy"):
                lines.append(_array(prefix + name, _npy(member)))
            elif name.endswith(".h5"):
                lines += _hdf(member, f"{prefix}{name}/")
            elif name.endswith(".json"):
                card = _without(json.loads(member))
                if name == "checkpoint.json":
                    card.pop("sha256")  # of members, which hold times
                text = json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False)
                lines.append(f"{prefix}{name}: {text}")
            else:
                lines.append(f"{prefix}{name}: {hashlib.sha256(member).hexdigest()}")
    return lines


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without(v) for k, v in value.items() if k not in _OF_A_RUN}
    return [_without(v) for v in value] if isinstance(value, list) else value


def _npy(data: bytes) -> Any:
    import numpy as np

    return np.load(io.BytesIO(data), allow_pickle=False)


def _array(name: str, array: Any) -> str:
    digest = hashlib.sha256(array.tobytes()).hexdigest()
    return f"{name}: {array.dtype} {array.shape} {digest}"


def _hdf(data: bytes, prefix: str) -> list[str]:
    import h5py

    lines: list[str] = []

    def note(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset):
            lines.append(_array(prefix + name, node[()]))

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(note)
    return lines


def _rows(data: bytes) -> bytes:
    import pyarrow as pa

    table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
    schema = str(table.schema)
    rows = (json.dumps(row, ensure_ascii=False) for row in table.to_pylist())
    return "\n".join([schema, *rows, ""]).encode()


def _decompressed(path: Path) -> bytes:
    import pyarrow as pa

    with pa.input_stream(str(path), compression="detect") as stream:
        return bytes(stream.read())
