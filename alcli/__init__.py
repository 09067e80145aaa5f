"""Active learning for text: `import alcli` in notebooks, `alcli` in the shell.

The functions are those of the commands, on records in memory:

>>> import alcli
>>> pool = [{"id": "a", "probs": {"no": 0.9, "yes": 0.1}},
...         {"id": "b", "probs": {"no": 0.6, "yes": 0.4}}]
>>> [record["id"] for record in alcli.select(pool, 1, strategy="margin")]
['b']
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from alcli.core.errors import AlcliError

if TYPE_CHECKING:  # what `__getattr__` finds, spelled out for editors and mypy
    from alcli.commands.clean import clean as clean
    from alcli.commands.compare import compare as compare
    from alcli.commands.crawl import crawl as crawl
    from alcli.commands.evaluate import evaluate as evaluate
    from alcli.commands.info import info as info
    from alcli.commands.label import label as label
    from alcli.commands.merge_labels import merge_labels as merge_labels
    from alcli.commands.normalize import normalize as normalize
    from alcli.commands.proceed import proceed as proceed
    from alcli.commands.score import score as score
    from alcli.commands.select import select as select
    from alcli.commands.simulate import simulate as simulate
    from alcli.commands.split import split as split
    from alcli.commands.topics import topics as topics
    from alcli.commands.train import train as train
    from alcli.data.formats.common.conversion import convert as convert
    from alcli.models.checkpoint import Checkpoint as Checkpoint

_HOMES = {  # names of functions and classes outside alcli.commands -> their modules
    "Checkpoint": "alcli.models.checkpoint",
    "convert": "alcli.data.formats.common.conversion",
}


def _commands() -> list[str]:
    folders = [f"{folder}/commands" for folder in __path__]
    return sorted(file.name for file in iter_modules(folders))


__all__ = ["AlcliError", "Checkpoint", *_commands()]


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that `import alcli` is instant."""
    if name not in __all__:
        raise AttributeError(f"module 'alcli' has no attribute {name!r}")
    module = _HOMES.get(name, f"alcli.commands.{name}")
    value = globals()[name] = getattr(import_module(module), name)
    return value


def __dir__() -> list[str]:
    """Let tab completion see the lazy names."""
    return sorted({*globals(), *__all__})
