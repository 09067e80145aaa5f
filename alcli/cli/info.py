"""Versions, devices and plug-ins of this installation, and cards of checkpoints."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from alcli.annotation.aggregators import aggregators
from alcli.annotation.labelers import labelers
from alcli.core.container import card
from alcli.core.errors import UsageError
from alcli.core.files import output
from alcli.core.inputs import STDIO
from alcli.core.json_text import json_text
from alcli.data.formats import formats
from alcli.evaluation.criteria import criteria
from alcli.models import architectures
from alcli.query.signals import signals
from alcli.query.strategies import strategies

PACKAGES = (
    "alcli",
    *("click", "msgspec", "numpy", "scipy", "scikit-learn", "keras", "tensorflow"),
    *("hazm", "pyarrow", "matplotlib"),
)


def info(checkpoint: str | None = None, *, devices: bool = False) -> dict[str, Any]:
    """Return versions, devices and plug-ins, or the card of a checkpoint.

    checkpoint: path. devices: also name backend and devices, which loads the backend.

    Raises:
        CheckpointError: the file is missing or damaged.
        UsageError: devices of a checkpoint.
    """
    if checkpoint and devices:
        raise UsageError("--devices excludes a CHECKPOINT")
    if checkpoint:
        return card(checkpoint)
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "architectures": architectures.names(),
        "strategies": strategies.names(),
        "signals": signals.names(),
        "criteria": criteria.names(),
        "aggregators": aggregators.names(),
        "labelers": labelers.names(),
        "formats": formats.names(),
    }
    if devices:
        from alcli.models.backend import (  # loads Keras
            describe_device,
            unused_gpu_warning,
        )

        found["device"] = describe_device()
        if problem := unused_gpu_warning():
            found["problem"] = problem
    return found


def write_info(checkpoint: str | None, *, devices: bool, history: bool) -> None:
    """Write `info` to stdout as JSON, or a checkpoint's history, a line per epoch.

    Raises:
        UsageError: history without a checkpoint; errors of `info`.
    """
    if history and not checkpoint:
        raise UsageError("--history requires a CHECKPOINT")
    found = info(checkpoint, devices=devices)
    lines = [json_text(found)]
    if history:
        lines = [json.dumps(r) for r in found.get("training", {}).get("history", [])]
    with output(STDIO) as out:
        out.write("".join(f"{line}\n" for line in lines).encode())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
