"""Paths of inputs and outputs; input files, pipes and stdin, decompressed by suffix."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from alcli.core.compression import opener
from alcli.core.errors import InputError

STDIO = "-"
_INHERITED = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")  # already open


def open_input(path: str) -> BinaryIO:
    """Open a file for reading bytes, decompressed by its suffix; `-` is stdin.

    Raises:
        InputError: the file is missing or unreadable, or stdin was read before.
    """
    if path == STDIO:
        if sys.stdin.buffer.closed:
            problem = "already read; name - only once"
            raise InputError(problem, source=display_name(path))
        return sys.stdin.buffer
    try:
        return opener(path)(path, "rb")
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", source=path) from error


def read_text(path: str) -> str:
    """Return the text of a small file, such as guidelines.

    Raises:
        InputError: the file is unreadable or not UTF-8.
    """
    with open_input(path) as file:
        try:
            data = file.read()
        except OSError as error:
            raise InputError(f"cannot read: {error.strerror}", source=path) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = "not UTF-8; convert it with iconv"
        raise InputError(problem, source=path, line=line) from error


class Spooled(str):
    """Path of an unnamed copy of a pipe, with the pipe's `display_name`."""

    display_name: str


@contextmanager
def readable_twice(paths: Sequence[str]) -> Iterator[list[str]]:
    """Yield paths that can be read twice; pipes are copied to unnamed files.

    Raises:
        InputError: a pipe cannot be read.
    """
    import shutil
    import tempfile

    with ExitStack() as stack:
        found: list[str] = []
        for path in paths or [STDIO]:
            if path != STDIO and (os.path.isfile(path) or not os.path.exists(path)):
                found.append(path)
                continue
            copy = stack.enter_context(tempfile.TemporaryFile())
            with open_input(path) as pipe:
                shutil.copyfileobj(pipe, copy)
            copy.flush()
            # workers can open /proc/PID/fd too; without /proc only /dev/fd is left
            own = (
                f"/proc/{os.getpid()}/fd"
                if os.path.isdir("/proc/self/fd")
                else "/dev/fd"
            )
            spooled = Spooled(f"{own}/{copy.fileno()}")
            spooled.display_name = display_name(path)
            found.append(spooled)
        yield found


def display_name(path: str) -> str:
    """Return the name of an input for messages: its path, or "<stdin>"."""
    if isinstance(path, Spooled):
        return path.display_name
    return "<stdin>" if path == STDIO else path


def regular_target(path: str) -> str | None:
    """Return the real path of an output file, or None for a device or a pipe."""
    if os.path.abspath(path).startswith(_INHERITED):
        return None
    target = os.path.realpath(path)
    mode = mode_of(target)
    return target if mode is None or stat.S_ISREG(mode) else None


def mode_of(path: str) -> int | None:
    """Return the type and the permissions of a file, or None if it is missing."""
    try:
        return os.stat(path).st_mode
    except OSError:
        return None
