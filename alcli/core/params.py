"""Parser of `--set KEY=VALUE` into keyword arguments of a plug-in.

The signature of the plug-in is the schema, so that a new model or strategy needs no
change to any command.
"""

import inspect
import math
from ast import literal_eval
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import wraps
from typing import Any

from alcli.core.errors import BadParameter
from alcli.core.settings import split_settings


def defaults(plugin: Callable[..., object]) -> dict[str, Any]:
    """Return the default values of a plug-in's parameters, by name.

    Parameters without a default are omitted: `--set` cannot give them.
    """
    return {
        p.name: p.default
        for p in inspect.signature(plugin).parameters.values()
        if p.default is not p.empty
    }


def shared_params(
    kind: type[Any],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator for plug-ins that have their parameters in common.

    The parameters are the fields of `kind`; the plug-in gets an instance as `params`.

    kind: a dataclass, which annotates the keyword-only argument `params` of the
    plug-in, so that `Registry.parameters` finds it, too.
    """

    def decorate(plugin: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(plugin)
        def call(*args: Any, **values: Any) -> Any:
            shared, own = split_settings(kind, values)
            return plugin(*args, params=kind(**shared), **own)

        signature = inspect.signature(plugin)
        own = [p for p in signature.parameters.values() if p.name != "params"]
        shared = [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default)
            for f in fields(kind)
        ]
        call.__signature__ = signature.replace(parameters=own + shared)  # type: ignore[attr-defined]
        return call

    return decorate


def parse(pairs: Iterable[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """Parse `KEY=VALUE` strings; the type of a value is that of its default.

    pairs: strings such as "filters=64".
    known: default values by name, as `defaults` returns them.

    >>> def cnn(n_classes, *, filters=128, widths=(3, 4), dropout=0.5): ...
    >>> parse(["filters=64", "widths=2,3"], defaults(cnn))
    {'filters': 64, 'widths': (2, 3)}

    Raises:
        BadParameter: unknown key, or value of another type than the default.
    """
    params = {}
    for pair in pairs:
        key, separator, text = pair.partition("=")
        if not separator:
            raise BadParameter(f"--set {pair}: expected KEY=VALUE")
        if key not in known:
            choice = ", ".join(known) or "none"
            raise BadParameter(f"no parameter {key!r}; choose from: {choice}")
        params[key] = parse_value(key, text, like=known[key])
    return params


def split_spec(text: str) -> tuple[str, list[str]]:
    """Split `NAME,KEY=VALUE,...` into the name and its pairs.

    A part without "=" continues the value before it, so values may contain commas.

    >>> split_spec("cnn,widths=2,3,filters=64")
    ('cnn', ['widths=2,3', 'filters=64'])
    """
    name, *parts = text.split(",")
    pairs: list[str] = []
    for part in parts:
        if "=" in part or not pairs:
            pairs.append(part)
        else:
            pairs[-1] += f",{part}"
    return name, pairs


def check_range(in_range: bool, name: str, value: object, expected: str) -> None:
    """Raise BadParameter unless a parameter is in its range.

    >>> check_range(3 >= 1, "topics", 3, "1 or more")
    """
    if not in_range:
        raise BadParameter(f"{name}={value}: expected {expected}")


def parse_value(key: str, text: str, *, like: object) -> Any:
    """Return the value that a text spells, of the same type as `like`.

    Raises:
        BadParameter: the text spells a value of another type.
    """
    if isinstance(like, str):
        return text
    if isinstance(like, bool) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        found = literal_eval(text)
    except (ValueError, SyntaxError):
        found = text
    if isinstance(like, float) and type(found) is int:
        found = float(found) if abs(found) < 1e300 else found
    if isinstance(found, float) and not math.isfinite(found):
        raise BadParameter(f"{key}={text}: expected a finite number")
    if isinstance(like, tuple) and type(found) is int:
        return (found,)
    if type(found) is not type(like):
        example = ",".join(map(str, like)) if isinstance(like, tuple) else like
        raise BadParameter(
            f"{key}={text}: expected {type(like).__name__}, e.g. {key}={example}"
        )
    return found
