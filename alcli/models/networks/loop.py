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
from alcli.core.report import log, progress
from alcli.features.vocabulary import TokenIds
from alcli.models.backend import explain_out_of_memory, keras
from alcli.models.backend.compiled import CompiledPredict, TrainStep
from alcli.models.networks.batches import batch_array, epoch_batches, predict_rows
from alcli.models.networks.schedules import rate_factor

type History = list[dict[str, float]]


@dataclass(frozen=True)
class Examples:
    """Encoded texts with class indices, (n,), and sample weights, (n,)."""

    rows: TokenIds
    targets: NDArray[np.intp]
    weights: NDArray[np.float64]


@dataclass
class TrainingLoop:
    """Training loop: its options, then its results.

    schedule, warmup: see `schedules`. patience: number of epochs without a lower
    validation loss after which training stops; the best epoch is then kept.
    keep_on_interrupt: on a signal, end
    training and keep the best epoch so far, if there is one, instead of raising. A
    signal after the last epoch is held back until the checkpoint is written.
    history: a record of metrics for each epoch. interrupted: the number of the signal
    that ended training, or 0. kept_epoch: the epoch whose weights the model has.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str = "constant"
    warmup: float = 0.0
    patience: int | None = None
    shuffle: bool = True
    keep_on_interrupt: bool = False
    precision: str = "float32"
    history: History = field(default_factory=list)
    interrupted: int = 0
    kept_epoch: int = 0

    def run(
        self, model: keras.Model, data: Examples, held: Examples | None, *, seed: int
    ) -> None:
        """Train the model in place.

        held: validation examples, if any. seed: seed of the order of examples.

        Raises:
            InputError: the loss or a weight is not finite.
            SurroundingsError: memory ran out.
        """
        optimizer = keras.optimizers.Adam(self.learning_rate)
        if self.precision == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        step, predict = TrainStep(model, optimizer), CompiledPredict(model)
        rng = np.random.default_rng(seed) if self.shuffle else None
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
                if self.patience is not None and waited >= self.patience:
                    break
            Signalled.deferred = (
                self.keep_on_interrupt
            )  # until the checkpoint is written
        except (KeyboardInterrupt, Signalled) as signal:
            if not (self.keep_on_interrupt and best):
                raise
            self.interrupted = signal.args[0] if signal.args else SIGINT
        if best and (self.interrupted or self.patience is not None):
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
        steps = math.ceil(n / self.batch_size)
        total, done = 0.0, 0
        with progress(f"epoch {number}/{self.epochs}", n) as tell:
            for place, rows in enumerate(
                epoch_batches(data.rows.lengths, self.batch_size, rng),
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
        if self.schedule != "constant" or self.warmup:
            part = rate_factor(self.schedule, step, steps, warmup=self.warmup)
            optimizer.learning_rate = self.learning_rate * part


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
