"""Labelled records with noisy but informative words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

LABELS = ("bad", "good", "so-so")


@pytest.fixture(scope="session")
def records() -> list[dict[str, Any]]:
    """Return 240 records of three classes."""
    rng = np.random.default_rng(5)
    made = []
    for number in range(240):
        kind = int(rng.integers(3))
        words = [f"w{kind}{rng.integers(6)}" for _ in range(2)]
        words += [f"n{rng.integers(40)}" for _ in range(int(rng.integers(1, 9)))]
        tokens = " ".join(rng.permutation(words))
        record = {"id": f"r{number:03}", "text": tokens, "tokens": tokens}
        record["topic"] = int(rng.integers(4))
        made.append(record | {"label": LABELS[kind], "mine": "kept"})
    return made


@pytest.fixture
def file(records: list[dict[str, Any]], tmp_path: Path) -> Path:
    """Return the records as a file."""
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture(scope="session")
def untimed() -> Callable[[Path], list[dict[str, object]]]:
    """Return a reader of curve records that drops their seconds."""

    def read(path: Path) -> list[dict[str, object]]:
        lines = path.read_text().splitlines()
        rows: list[dict[str, object]] = [json.loads(line) for line in lines]
        return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]

    return read
