"""Setup shared by the runs of one architecture and seed: split and initial model."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from alcli.models.checkpoint import Checkpoint
from alcli.models.settings import ModelSettings, TrainingSettings
from alcli.models.training import Training
from alcli.simulation.data import Dataset, split_dataset
from alcli.simulation.plan import Settings
from alcli.simulation.plugin_specs import parse_architecture


class Setup:
    """Split data, and an untrained model with the vocabulary of the pool.

    Texts are encoded once, for all rounds and strategies.

    Attributes:
        fingerprint: hash of the records and of the test set.
        start_sets: (strategy, size) -> start set, a cache.
        truth: id -> gold label.
        row: id -> row index of the data.
    """

    def __init__(
        self,
        data: Dataset,
        fixed: Dataset | None,
        settings: Settings,
        arch: str,
        seed: int,
    ) -> None:
        self.data, self.settings, self.seed = data, settings, seed
        self.name, self.family, self.params = parse_architecture(arch)
        self.split = split_dataset(
            data, fixed, test=settings.test, stop=settings.stop, seed=seed
        )
        self.start_sets: dict[tuple[str, int], Any] = {}
        self.fingerprint = data_fingerprint(data, fixed, settings)
        self.truth = dict(zip(data.ids, data.labels, strict=True))
        self.row = {id: row for row, id in enumerate(data.ids)}

    @cached_property
    def texts(self) -> list[str]:
        """Texts of the pool, in its order."""
        return [self.data.texts[row] for row in self.split.pool.tolist()]

    @cached_property
    def init(self) -> Checkpoint:
        """Untrained checkpoint, from which every round starts."""
        model = ModelSettings(
            arch=self.name,
            classes=tuple(self.data.classes),
            field=self.settings.input,
            params=self.params,
        )
        training = TrainingSettings(epochs=0, seed=self.seed)
        init = Training(model, training).run(self.texts)
        init.cache_texts([*self.texts, *self.split.test.texts])
        return init


def data_fingerprint(data: Dataset, fixed: Dataset | None, settings: Settings) -> str:
    """Return a hash of the records and of the test set, or of its size."""
    made = (data.digest, fixed.digest if fixed else settings.test)
    return hashlib.sha256(repr(made).encode()).hexdigest()[:16]
