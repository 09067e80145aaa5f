"""Active learning for text: `import alcli` in notebooks, `alcli` in the shell.

The functions are those of the commands, on records in memory:

>>> import alcli
>>> pool = [{"id": "a", "probs": {"no": 0.9, "yes": 0.1}},
...         {"id": "b", "probs": {"no": 0.6, "yes": 0.4}}]
>>> [record["id"] for record in alcli.select(pool, 1, strategy="margin")]
['b']
"""

from importlib import import_module
from typing import TYPE_CHECKING

from alcli.core.errors import AlcliError

if TYPE_CHECKING:  # what `__getattr__` finds, spelled out for editors and mypy
    from alcli.annotation.labelling import label as label
    from alcli.annotation.votes.files import merge_labels as merge_labels
    from alcli.cli.info import info as info
    from alcli.data.crawler.crawl import crawl as crawl
    from alcli.data.formats.common.conversion import convert as convert
    from alcli.data.split import split as split
    from alcli.evaluation.compare import compare as compare
    from alcli.evaluation.evaluate import evaluate as evaluate
    from alcli.evaluation.proceed import proceed as proceed
    from alcli.features.topics.topics import topics as topics
    from alcli.models.checkpoint import Checkpoint as Checkpoint
    from alcli.models.training.train import train as train
    from alcli.query.scoring.score import score as score
    from alcli.query.selection.select import select as select
    from alcli.simulation.simulate import simulate as simulate
    from alcli.text.clean import clean as clean
    from alcli.text.normalize import normalize as normalize


# the module of each public name; that of a command's function has its name
_HOMES = {
    "Checkpoint": "alcli.models.checkpoint",
    "clean": "alcli.text.clean",
    "compare": "alcli.evaluation.compare",
    "convert": "alcli.data.formats.common.conversion",
    "crawl": "alcli.data.crawler.crawl",
    "evaluate": "alcli.evaluation.evaluate",
    "info": "alcli.cli.info",
    "label": "alcli.annotation.labelling",
    "merge_labels": "alcli.annotation.votes.files",
    "normalize": "alcli.text.normalize",
    "proceed": "alcli.evaluation.proceed",
    "score": "alcli.query.scoring.score",
    "select": "alcli.query.selection.select",
    "simulate": "alcli.simulation.simulate",
    "split": "alcli.data.split",
    "topics": "alcli.features.topics.topics",
    "train": "alcli.models.training.train",
}

__all__ = ["AlcliError", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that `import alcli` is instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'alcli' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    """Let tab completion see the lazy names."""
    return sorted({*globals(), *__all__})
