"""The process that command lines are forked from, with heavy packages loaded.

Only packages of others are loaded before a fork: each command imports alcli itself, as
it does in a process of its own. A request has the arguments, the folder, the
environment and the three standard streams; the answer is the status.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from select import select
from typing import Never

LOADED = """click hazm hazm.lemmatizer hazm.normalizer hazm.word_tokenizer msgspec numpy
pyarrow pyarrow.compute rich.console scipy.optimize scipy.sparse scipy.stats
sklearn.cluster sklearn.decomposition sklearn.feature_extraction.text
sklearn.linear_model sklearn.neighbors threadpoolctl tqdm"""

# the command `alcli` of the lines, for any shell
CLIENT = """#!{python} -SE
import json, os, socket, sys
link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
link.connect({address!r})
job = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(link, [job], [0, 1, 2])
os.close(0), os.close(1)
status = int(link.recv(9))
os._exit(status if status >= 0 else 128 - status)
"""


@contextmanager
def forking(folder: Path, env: dict[str, str]) -> Iterator[None]:
    """Write an executable `alcli` into a folder; it works until the block ends."""
    address = str(folder / "socket")
    client = folder / "alcli"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, __file__, address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=env,
        start_new_session=True,
    )
    assert server.stdout
    try:
        server.stdout.read()  # ends when it listens
        yield
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # with what still runs
        server.wait()


def _serve(address: str) -> None:
    for name in LOADED.split():
        import_module(name)
    gc.freeze()
    # pyarrow's threads wait for work, which there is none of before a fork
    warnings.filterwarnings("ignore", ".*use of fork", DeprecationWarning)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(address)
        door.listen(16)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for handlers
        while True:
            link, _ = door.accept()
            if not os.fork():
                door.close()
                _handle(link)
            link.close()


def _handle(link: socket.socket) -> Never:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, streams, _, _ = socket.recv_fds(link, 1 << 17, 3)
    process = os.fork()
    if not process:
        link.close()
        _alcli(*json.loads(message), streams)
    for stream in streams:
        os.close(stream)
    ended = os.pidfd_open(process)
    if link in select([link, ended], [], [])[0]:  # the client was killed
        os.kill(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with suppress(BrokenPipeError):
        link.send(b"%d" % status)
    os._exit(0)


def _alcli(
    args: list[str], folder: str, env: dict[str, str], streams: list[int]
) -> Never:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["alcli", *args]
    try:
        runpy.run_module("alcli", run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    threading._shutdown()  # type: ignore[attr-defined]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1])
