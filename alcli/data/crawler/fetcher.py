"""The process that downloads: started, asked, and ended from here.

It is told what to do on its stdin, and answers on its stdout: a line of JSON, then as
many bytes as the line says. It may be killed at any time, and ends when we do.
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
from alcli.data.crawler import Failure, Manners, host
from alcli.data.crawler.ssrf import is_private_name
from alcli.data.sources import Answer

SCRAPY = (2, 19)  # an older one would take no notice of settings that we rely on


def require_scrapy() -> None:
    """Raise a MissingExtra if Scrapy is not installed; it is not imported here."""
    if find_spec("scrapy") is None:
        raise MissingExtra("scrapy", "crawl")
    from importlib.metadata import version

    if tuple(map(int, version("scrapy").split(".")[:2])) < SCRAPY:
        wanted = ".".join(map(str, SCRAPY))
        raise SurroundingsError(
            f"scrapy {wanted} or later is needed; run: pip install -U 'alcli[crawl]'"
        )


def check(manners: Manners) -> None:
    """Raise a UsageError if a contact cannot stand in a header."""
    if not manners.contact.isascii() or not manners.contact.isprintable():
        raise UsageError("--contact: expected an address in plain letters")


class Fetcher:
    """Downloads pages; a context manager.

    urls: what the user has named; their hosts may be private ones.
    """

    def __init__(self, urls: Iterable[str], manners: Manners) -> None:
        require_scrapy()
        check(manners)
        private = sorted(filter(is_private_name, map(host, urls)))
        self._job = asdict(manners) | {"private": private}

    def __enter__(self) -> Self:
        """Start the process; the modules that we can find, it can find too."""
        self._errors = tempfile.TemporaryFile()
        run = "from alcli.data.crawler.scrapy_process import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {run}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            process_group=0,  # Ctrl-C is for us
        )
        self._tell(self._job)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it; it has nothing to lose."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def ask(self, number: int, url: str, attempt: int) -> None:
        """Ask for a page, after a wait that grows with the attempts."""
        self._tell({"number": number, "url": url, "attempt": attempt})

    def answer(self) -> tuple[int, Answer | Failure]:
        """Wait for the answer to any question.

        Raises:
            WorkerDied: the process is no more.
        """
        line = self._stdout.readline()
        if not line.endswith(b"\n"):
            self._died()
        told = json.loads(line)
        if told["kind"] == "bug":
            raise RuntimeError(told["problem"])
        if told["kind"] != "answer":
            return told["number"], Failure(told["problem"], told["kind"])
        body = self._stdout.read(told["size"])
        if len(body) < told["size"]:
            self._died()
        return told["number"], Answer(told["url"], body)

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout

    def _tell(self, what: dict[str, Any]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._died()

    def _died(self) -> NoReturn:
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        if status < 0:
            raise WorkerDied(
                f"the process that downloads was killed (signal {-status}); "
                "what was fetched is kept, run it again"
            )
        raise RuntimeError(f"the process that downloads ended: {said[-2000:]}")
