"""What tests of every folder use: real data, the command line, and chance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


class CommandLine(Protocol):
    """Runs `alcli` in a process of its own; `check` fails the test on any status."""

    def __call__(
        self,
        *args: str | os.PathLike[str],
        stdin: bytes | None = None,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = False,
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
def alcli() -> CommandLine:
    """Return what runs `alcli`; stdin is empty, `env` adds to the environment."""

    def run(
        *args: str | os.PathLike[str],
        stdin: bytes | None = None,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = False,
    ) -> subprocess.CompletedProcess[bytes]:
        environment = os.environ | (env or {})
        # without byte code a start takes 2.5 times as long
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            [sys.executable, "-m", "alcli", *args],
            input=stdin or b"",
            capture_output=True,
            cwd=cwd,
            env=environment,
            timeout=600,
        )
        if check and done.returncode:
            pytest.fail(f"status {done.returncode}: {done.stderr.decode()}")
        return done

    return run


@pytest.fixture
def rng() -> np.random.Generator:
    """Return chance that is the same in every run."""
    return np.random.default_rng(0)
