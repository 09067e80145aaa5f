"""Checks for settings that would have no effect."""

from __future__ import annotations

from dataclasses import fields, replace

from alcli.core.errors import UsageError
from alcli.models.families import load_family
from alcli.models.settings import LOOP_SETTINGS, TrainingSettings

OF_EPOCHS = [name for name in LOOP_SETTINGS if name not in ("epochs", "shuffle")]
OF_RECORDS = ("validation", "calibrate", "class_weight", "bootstrap")


def reject_ineffective_options(family: str, settings: TrainingSettings) -> None:
    """Reject settings of epochs for a family without epochs, and all for `epochs=0`.

    family: name of the family.

    Raises:
        UsageError: a setting would have no effect; the message names its option.
    """
    default = {field.name: field.default for field in fields(TrainingSettings)}
    names = [name for name in OF_EPOCHS if getattr(settings, name) != default[name]]
    if settings.epochs == 0:
        why = "--epochs 0 trains nothing"
        settings = replace(settings, validation=settings.holdout[0] or None)
        names += [
            name
            for name in OF_RECORDS
            if getattr(settings, name) not in (default[name], "none")
        ]
    elif load_family(family).EPOCHS is None:
        why = f"a {family} model is not trained in epochs"
        names[:0] = ["epochs"] if settings.epochs else []
    else:
        return
    if names:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in names)
        raise UsageError(f"{why}; remove {options}")
