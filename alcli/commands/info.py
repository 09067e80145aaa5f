"""Show versions, devices and plug-ins, or the card of a checkpoint.

Memory: the checkpoint; with --devices, the backend.
"""

from __future__ import annotations

import click

from alcli.cli import options


@options.command("info")
@click.argument(
    "checkpoint", required=False, type=options.INPUT, metavar="[CHECKPOINT]"
)
@click.option("--devices", is_flag=True, help="Load the backend and name its devices.")
@click.option(
    "--history",
    is_flag=True,
    help="Show the metrics of each epoch of a CHECKPOINT, one record per line.",
)
def command(checkpoint: str | None, devices: bool, history: bool) -> None:
    """Show versions, devices and plug-ins, or the card of a checkpoint.

    \b
      alcli info --devices
      alcli info model.alcli --history

    The card names classes, parameters, inputs and versions, as JSON.

    Memory: the checkpoint; with --devices, the backend.
    """
    from alcli.cli.info import write_info

    write_info(checkpoint, devices=devices, history=history)
