"""The list of command lines, the files that they start from, and one run of them."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.golden.forked import forking
from tests.golden.steady import Steady

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DATA = Path(os.environ.get("ALCLI_DATA") or ROOT.parent / "shared/data")
# notes each status that is not 0, and at the end those of the last pipe
SHELL = """: > "$STATUS"; trap 'echo "$?" >> "$STATUS"' ERR
{}
echo "${{PIPESTATUS[@]}}" >> "$STATUS"
"""
LONGEST = 120  # seconds of a line
# the same in every shell, and one thread, so that sums are taken in one order
SETTINGS = {
    **{"LANG": "C.UTF-8", "COLUMNS": "80", "ALCLI_DEVICE": "cpu"},
    **{"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    **{"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
}


@dataclass(frozen=True)
class Line:
    """A command line for a shell, and of which kind its group is.

    machine: its figures may differ on other machines. frozen: `record` keeps what it
    has. words: its output is for people, as of `--help`.
    """

    name: str
    command: str
    machine: bool = False
    frozen: bool = False
    words: bool = False


@dataclass(frozen=True)
class Outcome:
    """Statuses of the parts of a pipe; stdout, stderr and written files, steadied."""

    status: str
    texts: dict[str, bytes]

    def hashes(self) -> dict[str, Any]:
        """Return what stands in `recorded.json`."""
        digests = {k: hashlib.sha256(v).hexdigest() for k, v in self.texts.items()}
        return {"status": self.status, **digests}


def read() -> tuple[list[Line], dict[str, Any], dict[str, str]]:
    """Return the lines in order, the files before the first, and the site's pages."""
    with open(HERE / "lines.toml", "rb") as file:
        groups: dict[str, Any] = tomllib.load(file)
    files, site = groups.pop("files"), groups.pop("site")
    lines = []
    for group, entries in groups.items():
        marks = {key: value for key, value in entries.items() if value is True}
        lines += [
            Line(f"{group}: {name}", command, **marks)
            for name, command in entries.items()
            if isinstance(command, str)
        ]
    return lines, files, site


def needed(
    lines: list[Line], only: Collection[str], recorded: dict[str, Any]
) -> list[Line]:
    """Return the lines of these names, and those before that write what they read.

    recorded: what each wrote when it was recorded; a line that was not is needed.
    """
    found: list[Line] = []
    for line in reversed(lines):
        before = recorded.get(line.name)
        wrote = [re.escape(part[5:]) for part in before or () if part[:5] == "file "]
        name = re.compile(rf"(?<![\w.-])(?:{'|'.join(wrote) or '(?!)'})(?![\w.-])")
        read = any(name.search(later.command) for later in found)
        if line.name in only or read or (before is None and found):
            found.append(line)
    return found[::-1]


def run(lines: list[Line]) -> Iterator[tuple[Line, Outcome]]:
    """Run lines in order, in a folder that ends with the loop; yield their outcomes."""
    _, files, site = read()
    with tempfile.TemporaryDirectory(prefix="golden-") as top, serving(site) as url:
        folder, tools = Path(top, "work"), Path(top, "tools")
        folder.mkdir()
        tools.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(made(content))
        shutil.copytree(HERE / "old", folder / "old")
        path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        env = {"PATH": path, "HOME": top, "PYTHONPATH": str(ROOT), **SETTINGS}
        env |= {"SITE": url, "PYTHON": sys.executable, "STATUS": f"{top}/status"}
        steady, seen = Steady(folder), stamps(folder)
        with forking(tools, env):
            for line in lines:
                outcome, seen = once(line.command, folder, env, steady, seen)
                yield line, outcome


def once(
    command: str,
    folder: Path,
    env: dict[str, str],
    steady: Steady,
    before: dict[str, Any],
) -> tuple[Outcome, dict[str, Any]]:
    """Run a command line; return its outcome, and the stamps of all files after it."""
    process = subprocess.Popen(
        ["bash", "-c", SHELL.format(command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=env,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=LONGEST)
        status = "; ".join(Path(env["STATUS"]).read_text().splitlines())
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # what it waits for ends with the run
        (out, err), status = process.communicate(), f"more than {LONGEST} seconds"
    texts = {"stdout": steady.text(out), "stderr": steady.text(err)}
    after = stamps(folder)
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            texts[f"file {name}"] = b"(removed)"
        elif before.get(name) != after[name]:
            texts[f"file {name}"] = steady.file(folder / name)
    return Outcome(status, texts), after


def stamps(folder: Path) -> dict[str, Any]:
    """Return what changes when a file is written, by name."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "__pycache__":
            stat = path.stat()
            stamp = stat.st_ino, stat.st_size, stat.st_mtime_ns
            found[str(path.relative_to(folder))] = stamp
    return found


def made(content: str | dict[str, Any]) -> bytes:
    """Return the bytes of a file: a text, or the first lines of real data."""
    if isinstance(content, str):
        return content.encode()
    if "hex" in content:
        return bytes.fromhex(content["hex"])
    path = DATA / content["data"]
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    lines = data.splitlines(keepends=True) if "lines" in content else [data]
    first = content.get("from", 0)
    return b"".join(lines[first : first + content.get("lines", 1)])


@contextmanager
def serving(pages: dict[str, str]) -> Iterator[str]:
    """Serve pages on loopback, by path and query; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer takes 40 ms

        def do_GET(self) -> None:
            body = pages.get(self.path)
            kind = "application/json" if body and body[0] in "{[" else "text/xml"
            data = (body or "not found").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind if body else "text/plain")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
