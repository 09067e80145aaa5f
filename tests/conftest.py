"""What tests of every folder use: real data, the command line, and chance."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from tests.forks import Forks, forking

ROOT = Path(__file__).parents[1]


def pytest_configure() -> None:
    """Let no process that tests start ignore signals because we do, as under nohup."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # others begin with what is usual


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first, so that all workers end at the same time."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in slow, -tests[item.path]))


class CommandLine(Protocol):
    """Runs `alcli` in another process; `check` fails the test on any status.

    It is forked from one that has loaded the packages (see forks.py), unless it is to
    be started as people start it: `own`, or what Python itself reads is in `env`.
    """

    def __call__(
        self,
        *args: str | os.PathLike[str],
        stdin: bytes | None = None,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = False,
        own: bool = False,
    ) -> subprocess.CompletedProcess[bytes]: ...


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """Find a file of the real data, which is not part of the project."""
    root = Path(os.environ.get("ALCLI_DATA") or ROOT.parent / "shared/data")

    def find(relative_path: str) -> Path:
        path = root / relative_path
        if not path.exists():
            absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            absent(f"no real data: {path} (ALCLI_DATA names their folder)")
        return path

    return find


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Return what runs `alcli` without loading the packages again."""
    with forking() as forks:
        yield forks


@pytest.fixture(scope="session")
def alcli(forks: Forks) -> CommandLine:
    """Return what runs `alcli`; stdin is empty, `env` adds to the environment."""

    def run(
        *args: str | os.PathLike[str],
        stdin: bytes | None = None,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = False,
        own: bool = False,
    ) -> subprocess.CompletedProcess[bytes]:
        environment = os.environ | (env or {})
        # without byte code a start takes 2.5 times as long
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if own or any(name.startswith("PYTHON") for name in env or {}):
            done = subprocess.run(
                [sys.executable, "-m", "alcli", *args],
                input=stdin or b"",
                capture_output=True,
                cwd=cwd,
                env=environment,
            )
        else:
            done = forked(forks, args, stdin or b"", cwd or ".", environment)
        if check and done.returncode:
            pytest.fail(f"status {done.returncode}: {done.stderr.decode()}")
        return done

    return run


def forked(
    forks: Forks,
    args: Sequence[str | os.PathLike[str]],
    stdin: bytes,
    cwd: str | os.PathLike[str],
    env: Mapping[str, str],
) -> subprocess.CompletedProcess[bytes]:
    """Run a forked process with pipes, as `subprocess.run` does."""
    ends = [os.pipe() for _ in range(3)]
    theirs = [ends[0][0], ends[1][1], ends[2][1]]
    try:
        job = forks.start(args, theirs, cwd=cwd, env=env)
    finally:
        for end in theirs:
            os.close(end)
    with ThreadPoolExecutor(3) as pool, job:
        pool.submit(feed, ends[0][1], stdin)
        out, err = (pool.submit(drain, end[0]) for end in ends[1:])
        return subprocess.CompletedProcess(args, job.wait(), out.result(), err.result())


def feed(pipe: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(pipe, "wb") as file:
        file.write(data)


def drain(pipe: int) -> bytes:
    with open(pipe, "rb") as file:
        return file.read()


@pytest.fixture
def rng() -> np.random.Generator:
    """Return chance that is the same in every run."""
    return np.random.default_rng(0)
