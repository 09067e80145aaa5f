"""Settings of `simulate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from alcli.annotation.settings import error_rates, parse_noise
from alcli.core.errors import UsageError
from alcli.core.settings import seed_setting, setting
from alcli.models.settings import TrainingSettings

TEST_SIZE = 0.2  # share of the records that are held out, without a test set


@dataclass(frozen=True)
class SimulationSettings:
    """Runs of a simulation, and the settings that they share.

    Every strategy is combined with every architecture, start, batch size and seed.

    strategies, archs, starts, aggregate: names, each with its parameters.
    sizes: batch sizes. start: size of the start set; None: the batch size.
    seeds: number of seeds, from `seed` on.
    input: field that models read.
    test_size: size of the held-out test set, a number or a share; None: a separate one.
    stop: size of the stop set, a part of the pool.
    noise: error rate of all annotators, or of each.

    Raises:
        UsageError: no epochs, or several error rates for another number of annotators.
    """

    test_size: float | None = setting(
        None,
        metavar="N",
        minimum=0,
        open_minimum=True,
        help="Size of the held-out test set, a number or a share.  [default: "
        f"{TEST_SIZE}, without --test]",
    )
    stop: int = setting(
        0,
        "--stop-size",
        metavar="N",
        minimum=0,
        show_default=False,
        help="Size of the stop set, pool records whose predictions are written.",
    )
    strategies: tuple[str, ...] = setting(
        ("random", "margin"),
        "-s",
        "--strategy",
        metavar="NAME[,KEY=VALUE]",
        help="Strategy: a name from below, or FILE.py:FUNCTION (repeatable).",
    )
    archs: tuple[str, ...] = setting(
        ("logreg",),
        "--arch",
        metavar="NAME[,KEY=VALUE]",
        help="Architecture: a name from below (repeatable).",
    )
    sizes: tuple[int, ...] = setting(
        (100,), "-n", minimum=1, help="Number of records per round (repeatable)."
    )
    starts: tuple[str, ...] = setting(
        ("random",),
        "--start",
        metavar="NAME",
        help="Strategy of the start set, or per-class=K: K records of each class, by "
        "their labels (repeatable).",
    )
    start: int | None = setting(
        None,
        "--start-size",
        metavar="N",
        minimum=1,
        help="Size of the start set.  [default: -n]",
    )
    seeds: int = setting(
        10, metavar="K", minimum=1, help="Number of seeds, from --seed on."
    )
    seed: int = seed_setting()
    until: tuple[str, ...] = setting(
        (),
        metavar="NAME[=VALUE]",
        help="End a run when a criterion of `alcli proceed` is met (repeatable; any of "
        "them).  [default: when the pool is empty]",
    )
    baselines: bool = setting(
        False, help="Also train on the whole pool: as the rounds do, and at its best."
    )
    noise: float | Sequence[float] = setting(
        (0.0,),
        metavar="SHARE[,SHARE...]",
        parse=parse_noise,
        show_default=False,
        help="Share of wrong answers, of all annotators or of each.",
    )
    annotators: int | None = setting(
        None,
        metavar="K",
        minimum=1,
        help="Number of annotators per record.  [default: 1 per SHARE]",
    )
    aggregate: str = setting(
        "majority",
        metavar="NAME[,KEY=VALUE]",
        help="Aggregator that merges the votes on a record into its label.",
    )
    newest: Literal["first", "last"] = setting(
        "first",
        choices=("first", "last"),
        help="Position of the newest labels in the training set.",
    )
    input: str = setting(
        "tokens",
        "--field",
        metavar="NAME",
        help="Field that the models read: tokens or text.",
    )
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        if self.training.epochs == 0:
            raise UsageError("--epochs 0 trains nothing")
        self.error_rates()

    def error_rates(self) -> list[float]:
        """Return the share of wrong answers of each annotator."""
        return list(error_rates(self.noise, self.annotators))
