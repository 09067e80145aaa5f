"""Options of fitting that could have no effect."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from alcli.core.errors import UsageError
from alcli.models.families import Options, family

HARMLESS = ("epochs", "shuffle", "on_interrupt")
DEFAULTS = (0, "none", "capped")  # values of other options that ask for nothing


def refuse_unused(name: str, options: Options, **others: Any) -> None:
    """Refuse options of epochs where a family has none, and all where none is run.

    name: of the family. others: further arguments of the fit, by name.

    Raises:
        UsageError: some are given; the message names them.
    """
    given = [
        option.name
        for option in fields(Options)
        if option.name not in HARMLESS
        and getattr(options, option.name) != option.default
    ]
    if options.epochs == 0:
        why = "--epochs 0 fits nothing"
        given += [other for other, value in others.items() if value not in DEFAULTS]
    elif family(name).EPOCHS is None:
        why = f"a {name} model is not fitted by epochs"
        given[:0] = ["epochs"] if options.epochs else []
    else:
        return
    if given:
        shown = ", ".join(f"--{option.replace('_', '-')}" for option in given)
        raise UsageError(f"{why}: leave out {shown}")
