"""Labels of simulated annotators, merged as `alcli merge-labels` does it."""

from __future__ import annotations

from dataclasses import dataclass

from alcli.annotation.labelers import Task
from alcli.annotation.labelers.gold import simulated
from alcli.annotation.settings import MergeSettings
from alcli.annotation.votes.ledger import Ledger
from alcli.annotation.votes.merging import Merge
from alcli.core.types import Indices
from alcli.simulation.plugin_specs import parse_aggregator
from alcli.simulation.setup import Setup


@dataclass(frozen=True)
class Labels:
    """Merged labels of the records that were queried so far.

    Attributes:
        rows: row indices of the data, (m,), in the order of the training set.
        names: class names, m of them.
    """

    rows: Indices
    names: list[str]


def label(setup: Setup, queried: Indices) -> Labels:
    """Return the labels of queried records; one without a label is left out.

    The newest come first or last, by `settings.newest`.

    queried: row indices of the data, (n,), the oldest first.
    """
    data, settings = setup.data, setup.settings
    ids = [data.ids[row] for row in queried.tolist()]
    tasks = (Task(id, b"") for id in ids)
    rates, ledger = settings.error_rates(), Ledger()
    votes = [
        (task.id, answer.annotator, answer.label)
        for task, answer in simulated(tasks, setup.truth, rates, seed=setup.seed)
    ]
    ledger.add_votes(*zip(*votes, strict=True))
    aggregate = parse_aggregator(settings.aggregate)
    merge = Merge(MergeSettings(aggregate, newest=settings.newest), ledger)
    # items of the ledger have the order of their first votes, which is that of `ids`
    items = [item for item in merge.order if merge.label[item] >= 0]
    names = [merge.names[merge.label[item]] for item in items]
    return Labels(queried[items], names)
