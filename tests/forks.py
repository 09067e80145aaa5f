"""Fork server: starts `alcli` from a process that has loaded the heavy packages.

Each job has its own status, signals, environment and limits, and takes a fiftieth of a
second, not one or two. A request is JSON with `args`, `cwd`, `env`, `limit` (of a
file's size) and `whole`, and four descriptors: a socket on which this job alone is
answered, so that no answer can be that of another, and the three standard streams. The
answers are the number of the process and, when it has ended, its status.

It is not multiprocessing's, which each process has once: `--jobs` in a test needs that
one, without our packages and settings.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, Never, Self

LOADED = """alcli.cli.main pyarrow.compute scipy.optimize sklearn.decomposition
sklearn.feature_extraction.text sklearn.linear_model alcli.core.ids"""
ONE_THREAD = {  # a fork of more can wait for ever
    **{"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


# --- In the tests ---


class Job:
    """A process that runs `alcli`; a context manager that kills it at the end."""

    def __init__(self, answers: socket.socket) -> None:
        self._answers = answers
        self._received: list[int] = []

    @property
    def pid(self) -> int:
        """Number of the process, once it has started."""
        self._receive(1)
        return self._received[0]

    def wait(self) -> int:
        """Return the status, once the process has ended."""
        self._receive(2)
        return self._received[1]

    def poll(self) -> int | None:
        """Return the status if the process has ended, else None."""
        while len(self._received) < 2 and select.select([self._answers], [], [], 0)[0]:
            self._receive(len(self._received) + 1)
        return self._received[1] if len(self._received) == 2 else None

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _receive(self, n: int) -> None:
        while len(self._received) < n:
            answer = self._answers.recv(100)
            assert answer, "no answer: the traceback of the fork server says why"
            self._received.append(int(answer))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._answers:
            if (
                self.poll() is None and self._received
            ):  # else it is killed when it starts
                self.send_signal(signal.SIGKILL)
                self.wait()


class Forks:
    """The process that others are forked from."""

    def __init__(self, requests: socket.socket, pid: int) -> None:
        self._requests, self.pid = requests, pid

    def start(
        self,
        args: Sequence[str | os.PathLike[str]],
        streams: Sequence[int],
        *,
        cwd: str | os.PathLike[str] = ".",
        env: Mapping[str, str] = os.environ,
        limit: int = 0,
        whole: bool = False,
    ) -> Job:
        """Ask for a process, without waiting for its start.

        `whole`: all of the interpreter is taken down at the end, which takes longer
        than most commands. Else exit functions run, and streams are flushed.
        """
        request = {
            **{"args": list(map(os.fspath, args)), "cwd": os.path.abspath(cwd)},
            **{"env": dict(env), "limit": limit, "whole": whole},
        }
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            fds = [theirs.fileno(), *streams]
            socket.send_fds(self._requests, [json.dumps(request).encode()], fds)
        return Job(ours)


@contextmanager
def forking() -> Iterator[Forks]:
    """Start the process that the others are forked from; it ends with the block."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=os.environ | ONE_THREAD,
        )
    with server, ours:
        yield Forks(ours, server.pid)


# --- In the process that is forked from ---


def _serve(requests: socket.socket) -> None:
    """Start what is asked for, and answer; nothing here waits for one process alone."""
    ended, on_end = os.pipe()
    os.set_blocking(on_end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(on_end)
    running: dict[int, socket.socket] = {}
    while True:
        ready = select.select([requests, ended], [], [])[0]
        if ended in ready:
            os.read(ended, 1 << 10)
            _answer_ended(running)
        if requests in ready:
            message, fds, _, _ = socket.recv_fds(requests, 1 << 17, 4)
            if not message:
                return
            answers = socket.socket(fileno=fds[0])
            process = os.fork()
            if not process:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (requests, answers, *running.values()):
                    end.close()
                _alcli(json.loads(message), fds[1:])
            for stream in fds[1:]:
                os.close(stream)
            running[process] = answers
            try:
                answers.send(b"%d" % process)
            except ConnectionError:  # it has been given up
                os.kill(process, signal.SIGKILL)


def _answer_ended(running: dict[int, socket.socket]) -> None:
    while running:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        with running.pop(process) as answers, suppress(ConnectionError):
            answers.send(b"%d" % os.waitstatus_to_exitcode(status))


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
        sys.modules["alcli.cli.main"].main(job["args"])
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
