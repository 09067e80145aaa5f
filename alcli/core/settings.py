"""Settings: frozen dataclasses whose fields declare command-line options.

    @dataclass(frozen=True)
    class CleaningSettings:
        min_tokens: int = setting(0, minimum=0, help="Drop texts of fewer tokens.")

`alcli.cli.options.settings` makes `--min-tokens` from it. The dataclass is for library
functions, too, and knows nothing of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, field, fields
from typing import Any, NamedTuple


class Setting(NamedTuple):
    """Command-line option of a field.

    flags: names of the option; empty: `--` and the name of the field.
    help: help text. metavar: name of the value in the help.
    choices: allowed values. plugins: registry of the names that are allowed.
    minimum, maximum, open_minimum, open_maximum: range of a number, with or without
    its ends.
    file: True for the path of a file that is read.
    parse: function from the text of the option to the value.
    show_default: whether the help names the default.
    """

    flags: tuple[str, ...] = ()
    help: str = ""
    metavar: str | None = None
    choices: Sequence[str] = ()
    plugins: Any = None
    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False
    file: bool = False
    parse: Callable[[str], Any] | None = None
    show_default: bool = True


def setting(default: Any = MISSING, *flags: str, help: str, **option: Any) -> Any:
    """Declare a field of a settings dataclass and its option.

    default: value without the option; if missing, the option is required.
    flags, help, option: as in `Setting`.
    """
    metadata = {"setting": Setting(flags, help, **option)}
    return field(default=default, metadata=metadata)


def seed_setting() -> Any:
    """Declare the field `seed` and the option `--seed`."""
    return setting(
        0,
        metavar="N",
        minimum=0,
        maximum=2**32 - 1,
        help="Random seed: equal seeds give equal output.",
    )


def split_settings(
    kind: type[Any], values: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split keyword arguments into those of a settings dataclass and the others."""
    names = {field.name for field in fields(kind)}
    own = {name: value for name, value in values.items() if name in names}
    return own, {name: value for name, value in values.items() if name not in names}
