"""Output files: replaced atomically, or appended to by whole lines.

A replaced file is written beside its target as `.NAME.alcli-part`, and renamed when it
is complete and on disk. The part is locked while it is written: two writers of one file
never mix, and a part that a killed writer left behind is reused.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from alcli.core.compression import is_compressed, opener
from alcli.core.errors import SurroundingsError, UsageError
from alcli.core.inputs import STDIO, mode_of, regular_target
from alcli.core.log import log
from alcli.core.members import is_object

_LONGEST_NAME = 255  # bytes, of every usual file system
_written: set[str] = set()  # parts that this process is writing


@contextmanager
def output(path: str) -> Iterator[BinaryIO]:
    """Yield a file to write bytes to: stdout for `-`, else a replaced file.

    Raises:
        SurroundingsError: the file cannot be written, or another process writes it.
        UsageError: this process writes it already.
    """
    if path == STDIO and sys.stdout.name == os.devnull:  # it was closed, see `main`
        raise SurroundingsError("stdout is closed; name a file with -o")
    if path == STDIO and isinstance(sys.stdout.buffer, io.RawIOBase):
        # PYTHONUNBUFFERED: a raw file may write less than it was given, silently
        with open(sys.stdout.fileno(), "wb", closefd=False) as buffered:
            yield buffered
    elif path == STDIO:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif is_compressed(path):
        with replacing(path) as raw, opener(path)(raw, "wb") as packed:
            yield packed
    else:
        with replacing(path) as raw:
            yield raw


@contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """Yield a file that replaces `path` only if the body succeeds.

    Links are followed, and the mode of an existing file is kept. Devices and pipes are
    written to directly.

    Raises:
        SurroundingsError: the file cannot be written, or another process writes it.
        UsageError: this process writes it already.
    """
    target = regular_target(path)
    if target is None:
        # append: it may be a log file behind /dev/stderr that others write to
        with open(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as device:
            yield device
        return
    mode = mode_of(target)
    part = _part_of(target)
    try:
        file = _claim(part, path)
    except OSError as error:
        raise SurroundingsError(f"cannot write {path}: {error.strerror}") from error
    _written.add(part)
    with _naming(path), file:
        try:
            if mode is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(part, target)
            _sync_folder(target)
        except BaseException:
            with suppress(FileNotFoundError):  # a signal came just after the rename
                os.unlink(part)
            raise
        finally:
            _written.discard(part)


@contextmanager
def appending(path: str) -> Iterator[Callable[[Iterable[bytes]], None]]:
    """Lock a ledger; yield a function that appends lines to it durably.

    The lines are on disk when a call returns; if it fails half-way, they are removed.
    A last record without a newline gets one; a torn last line, left by a killed writer,
    is cut off.

    Raises:
        UsageError: the suffix is that of a compressed file.
        SurroundingsError: the file cannot be written.
    """
    if is_compressed(path):
        raise UsageError(f"{path}: a ledger cannot be compressed; name it .jsonl")
    try:
        file = open(path, "a+b", buffering=0)  # noqa: SIM115 - closed below
    except OSError as error:
        raise SurroundingsError(f"cannot write {path}: {error.strerror}") from error
    with _naming(path), file:
        _lock(file, path)
        regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)

        def append(lines: Iterable[bytes]) -> None:
            data = memoryview(b"".join([line + b"\n" for line in lines]))
            end = os.fstat(file.fileno()).st_size
            try:
                while data:
                    data = data[file.write(data) :]
            except BaseException:
                if regular:
                    os.ftruncate(file.fileno(), end)
                raise
            if regular:
                os.fsync(file.fileno())

        if regular:
            _sync_folder(path)  # a new ledger's name is on disk, too
            _mend_last_line(file, path)
        yield append


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Add the file name to an OSError that lacks it, such as that of a full disk."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or path
        raise


def _lock(file: BinaryIO, path: str) -> None:
    """Lock a file; log a warning before a wait, since labelling may take all day."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.warning("%s: locked by another process; waiting for its end", path)
        fcntl.flock(file, fcntl.LOCK_EX)


def _mend_last_line(file: BinaryIO, path: str) -> None:
    """Add the newline that a last record lacks, or cut off a torn last line."""
    end = file.seek(0, os.SEEK_END)
    keep = end
    while keep:  # search backwards, block by block, for the last newline
        start = max(0, keep - 65536)
        file.seek(start)
        found = file.read(keep - start).rfind(b"\n")
        keep = start + found + 1 if found >= 0 else start
        if found >= 0:
            break
    if keep == end:
        return
    file.seek(keep)
    if is_object(file.read()):
        file.write(b"\n")
        return
    log.warning(
        "%s: cut off a torn last line of %d bytes (its writer was killed)",
        path,
        end - keep,
    )
    os.ftruncate(file.fileno(), keep)


def _part_of(target: str) -> str:
    folder, name = os.path.split(target)
    part = f".{name}.alcli-part"
    if len(os.fsencode(part)) > _LONGEST_NAME:
        part = f".{hashlib.sha256(os.fsencode(name)).hexdigest()[:32]}.alcli-part"
    return os.path.join(folder, part)


def _sync_folder(path: str) -> None:
    """Write the names in the folder of a file to the disk, where that is supported."""
    with suppress(OSError):
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _claim(part: str, path: str) -> BinaryIO:
    while True:
        # O_NOFOLLOW: a link planted under the part's name would be written through
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        handle = os.open(part, flags, 0o666)
        file = open(handle, "w+b")  # noqa: SIM115 - returned open, with its lock
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            if part in _written:
                raise UsageError(f"{path}: two outputs have this name") from None
            raise SurroundingsError(f"{path}: locked by another process") from None
        if _same(part, file):  # else its owner renamed it before we had the lock
            file.truncate(0)
            return file
        file.close()


def _same(part: str, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(os.stat(part), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
