"""Training loop of a network: Adam on the weighted cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from signal import SIGINT
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.errors import InputError, Signalled
from alcli.core.log import log, progress
from alcli.core.types import Floats, Indices
from alcli.features.vocabulary import TokenIds
from alcli.models.backend import explain_out_of_memory, keras
from alcli.models.backend.compiled import CompiledPredict, TrainStep
from alcli.models.networks.batches import batch_array, epoch_batches, predict_rows
from alcli.models.networks.schedules import rate_factor
from alcli.models.settings import TrainingSettings

type History = list[dict[str, float]]


@dataclass(frozen=True)
class Examples:
    """Encoded texts with class indices, (n,), and sample weights, (n,)."""

    rows: TokenIds
    targets: Indices
    weights: Floats


@dataclass
class TrainingLoop:
    """Training loop: its settings, then its results.

    epochs: number of epochs; that of the settings may be None. history: a record of
    metrics for each epoch. interrupted: the number of the signal that ended training,
    or 0. kept_epoch: the epoch whose weights the model has.
    """

    settings: TrainingSettings
    epochs: int
    history: History = field(default_factory=list)
    interrupted: int = 0
    kept_epoch: int = 0

    def run(self, model: keras.Model, data: Examples, held: Examples | None) -> None:
        """Train the model in place.

        With `patience` training stops after so many epochs without a lower validation
        loss, and the best epoch is kept. If `on_interrupt` is "save", a signal ends
        training and the best epoch so far is kept, if there is one; a signal after the
        last epoch is held back until the checkpoint is written.

        held: validation examples, if any.

        Raises:
            InputError: the loss or a weight is not finite.
            SurroundingsError: memory ran out.
        """
        settings = self.settings
        keep_on_interrupt = settings.on_interrupt == "save"
        optimizer = keras.optimizers.Adam(settings.learning_rate)
        if settings.precision == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        step, predict = TrainStep(model, optimizer), CompiledPredict(model)
        rng = np.random.default_rng(settings.seed) if settings.shuffle else None
        lowest, best = np.inf, None
        try:
            for number in range(1, self.epochs + 1):
                with explain_out_of_memory("try a smaller --batch-size"):
                    loss = self._epoch(step, data, rng, number)
                record = {"epoch": number, "loss": loss}
                if held:
                    record |= validation_metrics(predict, held)
                weights = model.get_weights()
                self._check_finite(number, record, weights)
                # without validation examples the last epoch is the best
                judged = record.get("validation_loss", -number)
                if judged < lowest:
                    lowest, self.kept_epoch, best = judged, number, weights
                self.history.append({k: round(v, 6) for k, v in record.items()})
                log.info("%s", format_epoch(record))
                waited = number - self.kept_epoch
                if settings.patience is not None and waited >= settings.patience:
                    break
            Signalled.deferred = keep_on_interrupt  # until the checkpoint is written
        except (KeyboardInterrupt, Signalled) as signal:
            if not (keep_on_interrupt and best):
                raise
            self.interrupted = signal.args[0] if signal.args else SIGINT
        if best and (self.interrupted or settings.patience is not None):
            model.set_weights(best)
            log.info("kept epoch %d", self.kept_epoch)
        else:
            self.kept_epoch = len(self.history)

    def _epoch(
        self,
        step: TrainStep,
        data: Examples,
        rng: np.random.Generator | None,
        number: int,
    ) -> float:
        """Train on each batch of an epoch once; return the mean loss per example."""
        n = len(data.rows)
        steps = math.ceil(n / self.settings.batch_size)
        total, done = 0.0, 0
        with progress(f"epoch {number}/{self.epochs}", n) as tell:
            for place, rows in enumerate(
                epoch_batches(data.rows.lengths, self.settings.batch_size, rng),
                steps * (number - 1),
            ):
                self._set_learning_rate(step.optimizer, place, steps * self.epochs)
                loss = step(
                    batch_array(data.rows, rows), data.targets[rows], data.weights[rows]
                )
                self._check_finite(number, {"loss": loss})
                if Signalled.number:  # a library may have swallowed the exception
                    raise Signalled(Signalled.number)
                total, done = total + loss * len(rows), done + len(rows)
                tell(len(rows), f"loss {total / done:.4f}")
        return total / n

    def _check_finite(
        self,
        number: int,
        record: dict[str, float],
        weights: Sequence[NDArray[Any]] = (),
    ) -> None:
        numbers_only = all(map(math.isfinite, record.values()))
        if not (numbers_only and all(np.isfinite(w).all() for w in weights)):
            loss = record.get("validation_loss", record["loss"])
            raise InputError(
                f"training diverged in epoch {number}: the loss is {loss}; "
                "try a lower --learning-rate"
            )

    def _set_learning_rate(self, optimizer: Any, step: int, steps: int) -> None:
        settings = self.settings
        if settings.schedule != "constant" or settings.warmup:
            part = rate_factor(settings.schedule, step, steps, warmup=settings.warmup)
            optimizer.learning_rate = settings.learning_rate * part


def validation_metrics(predict: CompiledPredict, held: Examples) -> dict[str, float]:
    """Return the mean loss, in nats, and the accuracy on held-out examples."""
    [probs] = predict_rows(predict, held.rows)
    right = probs[np.arange(len(probs)), held.targets]
    return {
        "validation_loss": float(-np.log(np.maximum(right, 1e-7)).mean()),
        "validation_accuracy": float((probs.argmax(axis=1) == held.targets).mean()),
    }


def format_epoch(record: dict[str, float]) -> str:
    """Return the metrics of an epoch as text, for the log."""
    return ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in record.items())
