"""Train a network by Adam on the cross-entropy, epoch after epoch."""

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
from alcli.features.vocabulary import Rows
from alcli.models.backend import enough_memory, keras
from alcli.models.backend.compiled import Asker, Stepper
from alcli.models.networks.batches import ask, batch, epoch
from alcli.models.networks.schedules import factor

type History = list[dict[str, float]]


@dataclass(frozen=True)
class Examples:
    """Rows of numbers with their classes, (n,), and weights, (n,)."""

    rows: Rows
    targets: NDArray[np.intp]
    weights: NDArray[np.float64]


@dataclass
class Loop:
    """How to train, and what came of it.

    patience: epochs without a lower validation loss before it ends; the best one is
    kept. keep: an interrupt ends training after the best epoch so far, if there is one,
    instead of raising; `interrupted` is then the number of the signal. One that comes
    after the epochs waits in `Signalled` until the work is written.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str = "constant"
    warmup: float = 0.0
    patience: int | None = None
    shuffle: bool = True
    keep: bool = False
    precision: str = "float32"
    history: History = field(default_factory=list)
    interrupted: int = 0
    kept: int = 0  # the epoch whose weights the model has

    def run(
        self, model: keras.Model, data: Examples, held: Examples | None, *, seed: int
    ) -> None:
        """Train the model in place.

        Raises:
            InputError: the loss is no longer a number.
            SurroundingsError: memory ran out.
        """
        optimizer = keras.optimizers.Adam(self.learning_rate)
        if self.precision == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        step, asker = Stepper(model, optimizer), Asker(model)
        rng = np.random.default_rng(seed) if self.shuffle else None
        lowest, best = np.inf, None
        try:
            for number in range(1, self.epochs + 1):
                with enough_memory("try a smaller --batch-size"):
                    loss = self._epoch(step, data, rng, number)
                record = {"epoch": number, "loss": loss}
                if held:
                    record |= measured(asker, held)
                weights = model.get_weights()
                self._refuse_nonsense(number, record, weights)
                judged = record.get("validation_loss", -number)  # else the last is best
                if judged < lowest:
                    lowest, self.kept, best = judged, number, weights
                self.history.append({k: round(v, 6) for k, v in record.items()})
                log.info("%s", line(record))
                if self.patience is not None and number - self.kept >= self.patience:
                    break
            Signalled.deferred = self.keep  # all that is left is to write it
        except (KeyboardInterrupt, Signalled) as signal:
            if not (self.keep and best):
                raise
            self.interrupted = signal.args[0] if signal.args else SIGINT
        if best and (self.interrupted or self.patience is not None):
            model.set_weights(best)
            log.info("kept epoch %d", self.kept)
        else:
            self.kept = len(self.history)

    def _epoch(
        self,
        step: Stepper,
        data: Examples,
        rng: np.random.Generator | None,
        number: int,
    ) -> float:
        n = len(data.rows)
        each = math.ceil(n / self.batch_size)
        total, done = 0.0, 0
        with progress(f"epoch {number}/{self.epochs}", n) as tell:
            for place, rows in enumerate(
                epoch(data.rows.lengths, self.batch_size, rng), each * (number - 1)
            ):
                self._set_rate(step.optimizer, place, each * self.epochs)
                loss = step(
                    batch(data.rows, rows), data.targets[rows], data.weights[rows]
                )
                self._refuse_nonsense(number, {"loss": loss})
                if Signalled.number:
                    raise Signalled(Signalled.number)
                total, done = total + loss * len(rows), done + len(rows)
                tell(len(rows), f"loss {total / done:.4f}")
        return total / n

    def _refuse_nonsense(
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

    def _set_rate(self, optimizer: Any, step: int, steps: int) -> None:
        if self.schedule != "constant" or self.warmup:
            part = factor(self.schedule, step, steps, warmup=self.warmup)
            optimizer.learning_rate = self.learning_rate * part


def measured(asker: Asker, held: Examples) -> dict[str, float]:
    """Return loss (nats) and accuracy on examples that were held out."""
    [probs] = ask(asker, held.rows)
    right = probs[np.arange(len(probs)), held.targets]
    return {
        "validation_loss": float(-np.log(np.maximum(right, 1e-7)).mean()),
        "validation_accuracy": float((probs.argmax(axis=1) == held.targets).mean()),
    }


def line(record: dict[str, float]) -> str:
    """Return a record of a history for people."""
    return ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in record.items())
