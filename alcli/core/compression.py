"""Compressed files, recognised by suffix: .gz, .bz2, .xz, .zst."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from importlib import import_module
from typing import BinaryIO, cast


def is_compressed(path: str) -> bool:
    """Check whether a path has the suffix of a compressed file."""
    return os.path.splitext(path)[1] in _OPENERS


def opener(path: str) -> Callable[..., BinaryIO]:
    """Return the function `(path or file, mode) -> file` for the suffix of a path.

    mode: "rb" or "wb".
    """
    return _OPENERS.get(os.path.splitext(path)[1], _plain)


def _plain(path: str, mode: str) -> BinaryIO:
    return cast(BinaryIO, open(path, mode))


def _gzip(file: str | BinaryIO, mode: str) -> BinaryIO:
    import gzip

    if isinstance(file, str):
        return cast(BinaryIO, gzip.open(file, mode))
    # no name and no timestamp: same records, same bytes
    return cast(BinaryIO, gzip.GzipFile("", mode, fileobj=file, mtime=0))


def _by(module: str) -> Callable[..., BinaryIO]:
    return lambda file, mode: cast(BinaryIO, import_module(module).open(file, mode))


def _zst(file: str | BinaryIO, mode: str) -> BinaryIO:
    import pyarrow

    if isinstance(file, str):
        stream = pyarrow.CompressedInputStream(pyarrow.OSFile(file), "zstd")
        return cast(BinaryIO, io.BufferedReader(stream))
    own = open(os.dup(file.fileno()), "wb")  # noqa: SIM115 - pyarrow closes it
    return cast(BinaryIO, pyarrow.CompressedOutputStream(own, "zstd"))


_OPENERS: dict[str, Callable[..., BinaryIO]] = {
    ".gz": _gzip,
    ".bz2": _by("bz2"),
    ".xz": _by("lzma"),
    ".zst": _zst,
}
