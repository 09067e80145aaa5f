"""Runs `alcli` for test_faults.py in processes that are forked from this one.

Each has its own status, signals and limits; but the heavy packages are loaded, so that
it takes a tenth of a second, not one or two. Jobs come over a socket: JSON with `args`,
`cwd` and `limit` (of a file's size), and the three standard streams. The answers are
the number of the process and, when it has ended, its status.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import socket
import sys
from importlib import import_module

from alcli.cli import main

LOADED = """pyarrow.compute scipy.optimize sklearn.decomposition
sklearn.feature_extraction.text sklearn.linear_model alcli.core.ids"""


def serve(control: socket.socket) -> None:
    while True:
        message, streams, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not message:
            return
        process = os.fork()
        if not process:
            control.close()
            alcli(json.loads(message), streams)
        for stream in streams:
            os.close(stream)
        control.send(b"%d" % process)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        control.send(b"%d" % status)


def alcli(job: dict[str, object], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(job["cwd"])
    if job["limit"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["limit"], job["limit"]))
    main(job["args"])  # raises SystemExit: an interpreter that ends like any other


if __name__ == "__main__":
    for name in LOADED.split():
        import_module(name)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
