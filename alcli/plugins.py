"""Stable names for authors of plug-ins: `from alcli.plugins import pointwise, Scored`.

The modules behind them may move; these names stay.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the names of `_HOMES`, spelled out for editors and mypy
    from alcli.annotation.aggregators import Beliefs as Beliefs
    from alcli.annotation.aggregators import Votes as Votes
    from alcli.annotation.aggregators import model_aware as model_aware
    from alcli.annotation.labelers import labeler as labeler
    from alcli.annotation.queue import Answer as Answer
    from alcli.annotation.queue import Task as Task
    from alcli.core.types import Floats as Floats
    from alcli.data.formats.common.batch import FileBatch as FileBatch
    from alcli.data.formats.common.format import Format as Format
    from alcli.data.formats.common.text import one_line as one_line
    from alcli.data.sources import NextPage as NextPage
    from alcli.data.sources import Page as Page
    from alcli.data.sources import PageResponse as PageResponse
    from alcli.evaluation.criterion import Verdict as Verdict
    from alcli.evaluation.criterion import at_least as at_least
    from alcli.evaluation.criterion import at_most as at_most
    from alcli.evaluation.criterion import waits_for as waits_for
    from alcli.models.architectures.linear import (
        linear_architecture as linear_architecture,
    )
    from alcli.query.signals import signal as signal
    from alcli.query.strategies import Pool as Pool
    from alcli.query.strategies import Rows as Rows
    from alcli.query.strategies import Scored as Scored
    from alcli.query.strategies import batch as batch
    from alcli.query.strategies import pointwise as pointwise
    from alcli.query.strategies import top as top

_HOMES = {
    "alcli.annotation.aggregators": ("Beliefs", "Votes", "model_aware"),
    "alcli.annotation.labelers": ("labeler",),
    "alcli.annotation.queue": ("Answer", "Task"),
    "alcli.core.types": ("Floats",),
    "alcli.data.formats.common.batch": ("FileBatch",),
    "alcli.data.formats.common.format": ("Format",),
    "alcli.data.formats.common.text": ("one_line",),
    "alcli.data.sources": ("NextPage", "Page", "PageResponse"),
    "alcli.evaluation.criterion": ("Verdict", "at_least", "at_most", "waits_for"),
    "alcli.models.architectures.linear": ("linear_architecture",),
    "alcli.query.signals": ("signal",),
    "alcli.query.strategies": (
        *("Pool", "Rows", "Scored", "batch", "pointwise", "top"),
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    """Import a name on first use, so that an author's file starts fast."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'alcli.plugins' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value
