"""Runs `alcli` in processes that are forked from one which has loaded heavy packages.

Each has its own status, signals, environment and limits; but it takes a fiftieth of a
second, not one or two. Jobs come over a socket: JSON with `args`, `cwd`, `env`, `limit`
(of a file's size) and `whole`, and the three standard streams. The answers are the
number of the process and, when it has ended, its status.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Never

LOADED = """alcli.cli pyarrow.compute scipy.optimize sklearn.decomposition
sklearn.feature_extraction.text sklearn.linear_model alcli.core.ids"""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # more do not fork


# --- In the tests ---


class Forks:
    """One process at a time: start it, then wait for its end."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def start(
        self,
        args: Sequence[str | os.PathLike[str]],
        streams: Sequence[int],
        *,
        cwd: str | os.PathLike[str] = ".",
        env: Mapping[str, str] = os.environ,
        limit: int = 0,
        whole: bool = False,
    ) -> int:
        """Start a process and return its number.

        `whole`: all of the interpreter is taken down at the end, which takes longer
        than most commands. Else exit functions run, and streams are flushed.
        """
        job = {
            **{"args": list(map(os.fspath, args)), "cwd": os.path.abspath(cwd)},
            **{"env": dict(env), "limit": limit, "whole": whole},
        }
        socket.send_fds(self._control, [json.dumps(job).encode()], streams)
        self._control.settimeout(30)
        self.process = int(self._control.recv(100))
        return self.process

    def wait(self, seconds: float) -> int:
        """Return the status, or kill it."""
        self._control.settimeout(seconds)
        try:
            return int(self._control.recv(100))
        except TimeoutError:
            os.kill(self.process, signal.SIGKILL)
            self._control.recv(100)
            raise


@contextmanager
def forking() -> Iterator[Forks]:
    """Start the process that the others are forked from; it ends with the block."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        server = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=os.environ | ONE_THREAD,
        )
        theirs.close()
        yield Forks(ours)
        ours.close()
        server.wait(30)


# --- In the process that is forked from ---


def _serve(control: socket.socket) -> None:
    while True:
        message, streams, _, _ = socket.recv_fds(control, 1 << 17, 3)
        if not message:
            return
        process = os.fork()
        if not process:
            control.close()
            _alcli(json.loads(message), streams)
        for stream in streams:
            os.close(stream)
        control.send(b"%d" % process)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        control.send(b"%d" % status)


def _alcli(job: dict[str, Any], streams: list[int]) -> Never:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    if job["limit"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["limit"], job["limit"]))
    try:
        sys.modules["alcli.cli"].main(job["args"])
    except SystemExit as end:
        if job["whole"]:
            raise
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))
    raise AssertionError("main ends the process")


if __name__ == "__main__":
    for name in LOADED.split():
        import_module(name)
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
