"""Click options made from settings dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import click

from alcli.cli.options.files import InputFile
from alcli.cli.options.group import Option
from alcli.cli.options.plugin_name import PluginName

if TYPE_CHECKING:
    from dataclasses import Field

    from alcli.core.settings import Setting


def from_settings(
    kind: type[Any], *, parameter: str = "settings", without: Iterable[str] = ()
) -> Option:
    """Return a decorator that adds the options of a settings dataclass to a command.

    The command gets one instance of `kind` instead of the values.

    parameter: name of the command's parameter.
    without: fields without an option here, which keep their defaults.

    Raises:
        UsageError: the dataclass rejects the values.
    """
    from dataclasses import fields  # not at every start: of a command with settings

    hints = get_type_hints(kind)
    declared = [
        field
        for field in fields(kind)
        if "setting" in field.metadata and field.name not in without
    ]
    made = [_option(field, hints[field.name]) for field in declared]
    return gathered(parameter, kind, [field.name for field in declared], made)


def gathered(
    parameter: str,
    build: Callable[..., object],
    names: Iterable[str],
    options: Iterable[Option],
) -> Option:
    """Return a decorator that adds options and passes their values as one parameter.

    names: names of the values, which `build` takes as keyword arguments.
    """
    names, options = tuple(names), tuple(options)

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def gathering(**values: Any) -> Any:
            own = {name: values.pop(name) for name in names}
            return command(**values, **{parameter: build(**own)})

        decorated: Callable[..., Any] = gathering
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def _option(field: Field[Any], hint: Any) -> Option:
    from dataclasses import MISSING

    setting: Setting = field.metadata["setting"]
    required = field.default is MISSING
    flag = hint is bool and setting.parse is None
    multiple = get_origin(hint) is tuple and setting.parse is None
    flags = setting.flags or (f"--{field.name.replace('_', '-')}",)
    more: dict[str, Any] = {}
    if required:
        more["required"] = True
    elif flag:
        more["is_flag"] = True
    else:
        more["default"] = field.default
        shown = field.default not in (None, "", ()) and setting.show_default
        more["show_default"] = shown
    if not flag:
        more["type"] = _type(setting, get_args(hint)[0] if multiple else hint)
    return click.option(
        *flags,
        field.name,
        multiple=multiple,
        metavar=setting.metavar,
        help=setting.help,
        **more,
    )


def _type(setting: Setting, hint: Any) -> Any:
    if setting.parse:
        return _Parsed(setting.parse, setting.metavar)
    if setting.choices:
        return click.Choice(list(setting.choices))
    if setting.file:
        return InputFile()
    if setting.plugins is not None:
        return PluginName(setting.plugins)
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    ranged = click.IntRange if int in kinds else click.FloatRange
    if setting.minimum is not None or setting.maximum is not None:
        return ranged(
            setting.minimum,  # type: ignore[arg-type]  # an int where it is an IntRange
            setting.maximum,  # type: ignore[arg-type]
            setting.open_minimum,
            setting.open_maximum,
        )
    return next((kind for kind in (int, float) if kind in kinds), str)


class _Parsed(click.ParamType[Any]):
    """Value that a function of a settings dataclass parses."""

    def __init__(self, parse: Callable[[str], Any], name: str | None) -> None:
        self._parse, self.name = parse, name or "TEXT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Parse a text; a default that is a value already stays as it is."""
        return self._parse(value) if isinstance(value, str) else value
