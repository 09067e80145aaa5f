"""Setup shared by the runs of one architecture and seed: split and initial model."""

from __future__ import annotations

import hashlib
from functools import cache, cached_property
from typing import TYPE_CHECKING

from alcli.evaluation.measure import Evaluation
from alcli.models.checkpoint import Checkpoint
from alcli.models.settings import ModelSettings, TrainingSettings
from alcli.models.training import Training
from alcli.simulation.data import Dataset
from alcli.simulation.plugin_specs import parse_architecture
from alcli.simulation.settings import SimulationSettings
from alcli.simulation.split import split_dataset

if TYPE_CHECKING:
    from alcli.simulation.batches import QueryBatch


class Setup:
    """Split data, and an untrained model with the vocabulary of the pool.

    Texts are encoded once, for all rounds and strategies.

    Attributes:
        fingerprint: hash of the records and of the test set.
        start_sets: (strategy, size) -> start set, a cache.
        truth: id -> gold label.
        values: function from a field to its value in each record, a cache.
    """

    def __init__(
        self,
        data: Dataset,
        fixed: Dataset | None,
        settings: SimulationSettings,
        arch: str,
        seed: int,
    ) -> None:
        self.data, self.settings, self.seed = data, settings, seed
        self.name, self.family, self.params = parse_architecture(arch)
        self.split = split_dataset(data, fixed, settings, seed)
        self.start_sets: dict[tuple[str, int], QueryBatch] = {}
        self.fingerprint = data_fingerprint(data, fixed, settings)
        self.truth = dict(zip(data.ids, data.labels, strict=True))
        self.values = cache(data.values)

    @cached_property
    def texts(self) -> list[str]:
        """Texts of the pool, in its order."""
        return self.data.texts_of(self.split.pool)

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

    @cached_property
    def evaluation(self) -> Evaluation:
        """Evaluation on the test set, without predictions."""
        test, found = self.split.test, Evaluation(self.init)
        found.add_rows(test.ids, test.labels, test.texts)
        return found


def data_fingerprint(
    data: Dataset, fixed: Dataset | None, settings: SimulationSettings
) -> str:
    """Return a hash of the records and of the test set, or of its size."""
    made = (data.digest, fixed.digest if fixed else settings.test_size)
    return hashlib.sha256(repr(made).encode()).hexdigest()[:16]
