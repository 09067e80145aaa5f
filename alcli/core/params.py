"""Turn `--set key=value` into keyword arguments of a plug-in.

The plug-in's own signature is the schema: a new model or strategy brings its
parameters with it, and no command has to learn about them.
"""

import inspect
from ast import literal_eval
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from alcli.core.errors import BadParameter


def defaults(plugin: Callable[..., object]) -> dict[str, Any]:
    """Return the parameters that have a default, with it."""
    return {
        p.name: p.default
        for p in inspect.signature(plugin).parameters.values()
        if p.default is not p.empty
    }


def parse(pairs: Iterable[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """Check `key=value` strings against parameters with their defaults.

    >>> def cnn(n_classes, *, filters=128, widths=(3, 4), dropout=0.5): ...
    >>> parse(["filters=64", "widths=2,3"], defaults(cnn))
    {'filters': 64, 'widths': (2, 3)}

    Raises:
        BadParameter: an unknown key, or a value of another type than the default.
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
    """Split a name from the pairs that follow it; a value may have commas, too.

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


def check_range(holds: bool, name: str, value: object, expected: str) -> None:
    """Raise a BadParameter where a parameter is out of its range.

    >>> check_range(3 >= 1, "topics", 3, "1 or more")
    """
    if not holds:
        raise BadParameter(f"{name}={value}: expected {expected}")


def parse_value(key: str, text: str, *, like: object) -> Any:
    """Read a value of the same type as `like`."""
    if isinstance(like, str):
        return text
    if isinstance(like, bool) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        found = literal_eval(text)
    except (ValueError, SyntaxError):
        found = text
    if isinstance(like, float) and type(found) is int:
        return float(found)
    if isinstance(like, tuple) and type(found) is int:
        return (found,)
    if type(found) is not type(like):
        example = ",".join(map(str, like)) if isinstance(like, tuple) else like
        raise BadParameter(
            f"{key}={text}: expected {type(like).__name__}, e.g. {key}={example}"
        )
    return found
