"""Show versions, devices and plug-ins, or what a checkpoint holds and comes from.

Memory: the checkpoint; with --devices, the backend.
"""

from __future__ import annotations

from typing import Any

import click

from alcli.annotation.aggregators import aggregators
from alcli.annotation.labelers import labelers
from alcli.cli import options
from alcli.core.errors import UsageError
from alcli.data.formats import formats
from alcli.evaluation.criteria import criteria
from alcli.models import architectures
from alcli.query.signals import signals
from alcli.query.strategies import strategies

PACKAGES = ("click", "msgspec", "numpy", "scipy", "scikit-learn", "keras", "tensorflow")


def info(checkpoint: str | None = None, *, devices: bool = False) -> dict[str, Any]:
    """Return versions, devices and plug-ins, or the card of a checkpoint file.

    devices: also name backend and devices, which loads the backend.

    Raises:
        CheckpointError: the file is missing or damaged.
        UsageError: devices of a checkpoint.
    """
    if checkpoint and devices:
        raise UsageError("--devices goes without a CHECKPOINT")
    if checkpoint:
        from alcli.core.container import card

        return card(checkpoint)
    import platform
    from importlib.metadata import PackageNotFoundError, version

    versions: dict[str, str | None] = {}
    for name in ("alcli", *PACKAGES, "hazm", "pyarrow", "matplotlib"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = None
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "versions": versions,
        "architectures": architectures.names(),
        "strategies": strategies.names(),
        "signals": signals.names(),
        "criteria": criteria.names(),
        "aggregators": aggregators.names(),
        "labelers": labelers.names(),
        "formats": formats.names(),
    }
    if devices:
        from alcli.models.backend import describe_device, unused_gpu_warning

        found["device"] = describe_device()
        if problem := unused_gpu_warning():
            found["problem"] = problem
    return found


@options.command("info")
@click.argument(
    "checkpoint", required=False, type=options.INPUT, metavar="[CHECKPOINT]"
)
@click.option("--devices", is_flag=True, help="Load the backend and name its devices.")
@click.option("--history", is_flag=True, help="Of a checkpoint: a record per epoch.")
def command(checkpoint: str | None, devices: bool, history: bool) -> None:
    """Show versions, devices and plug-ins; or what a CHECKPOINT is and comes from.

    Memory: the checkpoint; with --devices, the backend.
    """
    import json

    from alcli.core.files import output
    from alcli.core.inputs import STDIO

    if history and not checkpoint:
        raise UsageError("--history goes with a CHECKPOINT")
    found = info(checkpoint, devices=devices)
    lines = [json.dumps(found, ensure_ascii=False, indent=1)]
    if history:
        lines = [json.dumps(r) for r in found.get("training", {}).get("history", [])]
    with output(STDIO) as out:
        out.write("".join(f"{line}\n" for line in lines).encode())
