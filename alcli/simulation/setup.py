"""What the runs of one architecture and seed share: the split and the first model."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from alcli.models.checkpoint import Checkpoint
from alcli.models.training import Training
from alcli.simulation.data import Labelled, deal
from alcli.simulation.names import architecture
from alcli.simulation.plan import Settings


class Bench:
    """Data dealt out by a seed, and an untrained model over the words of the pool.

    Texts are encoded once, for all rounds and strategies.
    """

    def __init__(
        self,
        data: Labelled,
        fixed: Labelled | None,
        settings: Settings,
        arch: str,
        seed: int,
    ) -> None:
        self.data, self.settings, self.seed = data, settings, seed
        self.name, self.family, self.params = architecture(arch)
        self.split = deal(
            data, fixed, test=settings.test, stop=settings.stop, seed=seed
        )
        self.starts: dict[tuple[str, int], Any] = {}  # start sets, by how and how many
        self.mark = mark(data, fixed, settings)
        self.truth = dict(zip(data.ids, data.labels, strict=True))
        self.row = {id: row for row, id in enumerate(data.ids)}

    @cached_property
    def texts(self) -> list[str]:
        """What models read of the pool."""
        return [self.data.texts[row] for row in self.split.pool.tolist()]

    @cached_property
    def init(self) -> Checkpoint:
        """The model that every round starts from."""
        training = Training(
            arch=self.name,
            classes=self.data.classes,
            field=self.settings.input,
            params=self.params,
            seed=self.seed,
        )
        init = training.run(self.texts, epochs=0)
        init.cache_texts([*self.texts, *self.split.test.texts])
        return init


def mark(data: Labelled, fixed: Labelled | None, settings: Settings) -> str:
    """Return a name for the records and for how there is a test set."""
    made = (data.digest, fixed.digest if fixed else settings.test)
    return hashlib.sha256(repr(made).encode()).hexdigest()[:16]
