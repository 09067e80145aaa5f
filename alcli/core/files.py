"""Files that are whole or not there: replaced at one stroke, or appended to by lines.

A replaced file is written beside its target as `.NAME.part` and moved into place when
it is complete and on disk. The part is locked while it is written, so that two writers
of one file never mix, and the next writer takes over what a killed one left behind.
"""

from __future__ import annotations

import fcntl
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from alcli.core.compression import is_compressed, opener
from alcli.core.errors import SurroundingsError, UsageError
from alcli.core.inputs import STDIO

_HANDED_DOWN = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")  # open already
_written: set[str] = set()  # parts that this process is writing


@contextmanager
def output(path: str) -> Iterator[BinaryIO]:
    """Yield a file to write bytes to: stdout for `-`, else all or nothing."""
    if path == STDIO and isinstance(sys.stdout.buffer, io.RawIOBase):
        # PYTHONUNBUFFERED: a raw file may write a part only, and say nothing
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
    """Yield a file that takes the place of `path` only if the body succeeds.

    Links are followed and the mode of an existing file is kept. What is not a regular
    file (a device, a pipe) is written to directly.
    """
    target = regular_target(path)
    if target is None:
        # it may be a log that others write to: what stands there stays
        with open(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as device:
            yield device
        return
    mode = _mode(target)
    folder, name = os.path.split(target)
    part = os.path.join(folder, f".{name}.part")
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
        except BaseException:
            with suppress(FileNotFoundError):  # a signal came just after the move
                os.unlink(part)
            raise
        finally:
            _written.discard(part)


def regular_target(path: str) -> str | None:
    """Return where the file is that an output leads to, by whatever name and links.

    None: there is no file to be made or replaced, but a device or a pipe.
    """
    if os.path.abspath(path).startswith(_HANDED_DOWN):
        return None
    target = os.path.realpath(path)
    mode = _mode(target)
    return target if mode is None or stat.S_ISREG(mode) else None


@contextmanager
def appending(path: str) -> Iterator[Callable[[Iterable[bytes]], None]]:
    """Yield a function that adds whole lines to a ledger, each call on disk when done.

    The file is locked meanwhile. A torn last line (a writer was killed) is cut off
    first; if a call fails half-way, its lines are taken back.
    """
    if is_compressed(path):
        raise UsageError(f"{path}: a ledger is appended to, so it is not compressed")
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
            _cut_torn_line(file, path)
        yield append


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Let an error such as a full disk say which file it is about."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or path
        raise


def _lock(file: BinaryIO, path: str) -> None:
    """Wait for our turn, and say so: the other may be somebody who labels all day."""
    from alcli.core.report import log

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.warning("%s: another process is writing it; waiting for its end", path)
        fcntl.flock(file, fcntl.LOCK_EX)


def _cut_torn_line(file: BinaryIO, path: str) -> None:
    from alcli.core.report import log

    end = file.seek(0, os.SEEK_END)
    keep = end
    while keep:  # backwards, block by block, to the last newline
        start = max(0, keep - 65536)
        file.seek(start)
        found = file.read(keep - start).rfind(b"\n")
        keep = start + found + 1 if found >= 0 else start
        if found >= 0:
            break
    if keep < end:
        log.warning(
            "%s: cut off a torn last line of %d bytes (a writer was stopped)",
            path,
            end - keep,
        )
        os.ftruncate(file.fileno(), keep)


def _claim(part: str, path: str) -> BinaryIO:
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW  # nobody's planted link
        handle = os.open(part, flags, 0o666)
        file = open(handle, "w+b")  # noqa: SIM115 - returned open, with its lock
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            if part in _written:
                raise UsageError(f"{path}: two outputs have this name") from None
            raise SurroundingsError(f"{path}: another process is writing it") from None
        if _same(part, file):  # else its owner finished between the two calls
            file.truncate(0)
            return file
        file.close()


def _same(part: str, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(os.stat(part), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except OSError:
        return None
