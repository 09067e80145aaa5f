"""Client of the download process: starts it, sends requests, reads replies, kills it.

Protocol: requests are lines of JSON on the child's stdin. A reply on its stdout is a
line of JSON, followed by a body of `size` bytes. The child exits at the end of its
stdin, so it never outlives this process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from importlib.util import find_spec
from types import TracebackType
from typing import IO, Any, NoReturn, Self

from alcli.core.errors import MissingExtra, SurroundingsError, UsageError, WorkerDied
from alcli.data.crawler import CrawlPolicy, FetchFailure, host
from alcli.data.crawler.ssrf import is_private_name
from alcli.data.sources import PageResponse

MIN_SCRAPY = (2, 19)  # older versions silently ignore settings used here


def require_scrapy() -> None:
    """Check that a recent Scrapy is installed, without importing it.

    Raises:
        MissingExtra: Scrapy is not installed.
        SurroundingsError: the installed version is too old.
    """
    if find_spec("scrapy") is None:
        raise MissingExtra("scrapy", "crawl")
    from importlib.metadata import version

    if tuple(map(int, version("scrapy").split(".")[:2])) < MIN_SCRAPY:
        wanted = ".".join(map(str, MIN_SCRAPY))
        raise SurroundingsError(
            f"scrapy {wanted} or later is required; run: pip install -U 'alcli[crawl]'"
        )


def check_contact(policy: CrawlPolicy) -> None:
    """Check that the contact is valid in an HTTP header.

    Raises:
        UsageError: it has non-ASCII or control characters (header injection).
    """
    if not policy.contact.isascii() or not policy.contact.isprintable():
        raise UsageError("--contact: expected printable ASCII characters")


class Fetcher:
    """Page downloader in a child process; a context manager.

    urls: URLs named by the user; only their hosts may have private addresses.

    Raises:
        MissingExtra: Scrapy is not installed.
        UsageError: the contact is not valid in an HTTP header.
    """

    def __init__(self, urls: Iterable[str], policy: CrawlPolicy) -> None:
        require_scrapy()
        check_contact(policy)
        private = sorted(filter(is_private_name, map(host, urls)))
        self._job = asdict(policy) | {"private": private}

    def __enter__(self) -> Self:
        """Start the child process with the module search path of this one."""
        self._errors = tempfile.TemporaryFile()
        run = "from alcli.data.crawler.scrapy_process import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {run}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            process_group=0,  # Ctrl-C must reach this process only
        )
        self._send(self._job)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill the child process, which holds no state."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def request(self, number: int, url: str, attempt: int) -> None:
        """Send a request for a page.

        number: identifier of the request, repeated in its reply. attempt: number of
        earlier attempts; the delay before the download grows with it.

        Raises:
            WorkerDied: the child process was killed.
        """
        self._send({"number": number, "url": url, "attempt": attempt})

    def receive(self) -> tuple[int, PageResponse | FetchFailure]:
        """Wait for a reply; return the number of its request and the result.

        Raises:
            WorkerDied: the child process was killed.
            RuntimeError: the child process failed unexpectedly.
        """
        line = self._stdout.readline()
        if not line.endswith(b"\n"):
            self._raise_died()
        reply = json.loads(line)
        if reply["kind"] == "bug":
            raise RuntimeError(reply["problem"])
        if reply["kind"] != "page":
            return reply["number"], FetchFailure(reply["problem"], reply["kind"])
        body = self._stdout.read(reply["size"])
        if len(body) < reply["size"]:
            self._raise_died()
        return reply["number"], PageResponse(reply["url"], body)

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._raise_died()

    def _raise_died(self) -> NoReturn:
        status = self._process.wait()
        self._errors.seek(0)
        output = self._errors.read().decode(errors="replace").strip()
        if status < 0:
            raise WorkerDied(
                f"the download process was killed (signal {-status}); "
                "fetched records are kept, run the command again"
            )
        raise RuntimeError(f"the download process exited: {output[-2000:]}")
