"""Checks for fit options that would have no effect."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from alcli.core.errors import UsageError
from alcli.models.families import FitOptions, load_family

ALWAYS_ALLOWED = ("epochs", "shuffle", "on_interrupt")
NO_EFFECT = (0, "none", "capped")  # values of other options that have no effect anyway


def reject_ineffective_options(name: str, options: FitOptions, **others: Any) -> None:
    """Reject options of epochs for a family without epochs, and all for `epochs=0`.

    name: name of the family. others: further arguments of the fit, by name.

    Raises:
        UsageError: an option would have no effect; the message names it.
    """
    given = [
        option.name
        for option in fields(FitOptions)
        if option.name not in ALWAYS_ALLOWED
        and getattr(options, option.name) != option.default
    ]
    if options.epochs == 0:
        why = "--epochs 0 trains nothing"
        given += [other for other, value in others.items() if value not in NO_EFFECT]
    elif load_family(name).EPOCHS is None:
        why = f"a {name} model is not trained in epochs"
        given[:0] = ["epochs"] if options.epochs else []
    else:
        return
    if given:
        names = ", ".join(f"--{option.replace('_', '-')}" for option in given)
        raise UsageError(f"{why}; remove {names}")
