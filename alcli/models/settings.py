"""Settings of `train`: the model to start from, and its training."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alcli.core.errors import UsageError
from alcli.core.settings import seed_setting, setting
from alcli.models import architectures

DEFAULT_ARCH = "logreg"
CLASS_WEIGHTS = ("capped", "balanced", "none")
LOOP_SETTINGS = (  # of the training loop, in the order that checkpoints have
    "epochs",
    "batch_size",
    "learning_rate",
    "schedule",
    "warmup",
    "patience",
    "shuffle",
    "precision",
)


def _parse_order(text: str) -> bool:
    if text not in ("shuffle", "file"):
        raise UsageError(f"--order {text}: expected shuffle or file")
    return text == "shuffle"


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of a training, for every command that trains.

    epochs: number of epochs; None: the default of the family.
    validation: held-out share, or "tail=SHARE", see `holdout`.

    Raises:
        UsageError: `validation` is no share, or `calibrate` lacks it.
    """

    epochs: int | None = setting(
        None,
        minimum=0,
        help="Number of epochs; 0 writes an untrained model.  [default: 10, or more to "
        "make 80 steps]",
    )
    batch_size: int = setting(64, minimum=1, help="Number of records per batch.")
    learning_rate: float = setting(
        0.001, minimum=0, open_minimum=True, help="Learning rate of Adam."
    )
    schedule: str = setting(
        "constant",
        choices=("constant", "linear", "cosine"),
        help="Decay of the learning rate.",
    )
    warmup: float = setting(
        0.0,
        metavar="SHARE",
        minimum=0,
        maximum=1,
        show_default=False,
        help="Share of the steps in which the learning rate rises to its maximum.",
    )
    validation: str | float | None = setting(
        None,
        metavar="SHARE",
        parse=str,
        help="Hold out this share of the records, by a hash of the id; tail=SHARE: "
        "hold out the last records.",
    )
    patience: int | None = setting(
        None,
        minimum=1,
        help="Stop after this number of epochs without a lower validation loss; keep "
        "the best epoch.",
    )
    calibrate: str = setting(
        "none",
        choices=("none", "temperature"),
        help="Calibrate the probabilities on the --validation records.",
    )
    class_weight: str = setting(
        "capped",
        choices=CLASS_WEIGHTS,
        help="Weight of a record of a class with n_c of the n records: n / (C n_c), at "
        "most 3 (capped); without that limit (balanced); 1 (none).",
    )
    shuffle: bool = setting(
        True,
        "--order",
        metavar="[shuffle|file]",
        parse=_parse_order,
        show_default=False,
        help="Order of the records in an epoch.  [default: shuffle]",
    )
    bootstrap: bool = setting(
        False,
        help="Draw the records with replacement, by --seed: a member of a committee.",
    )
    precision: str = setting(
        "float32",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
        help="Precision of a network's arithmetic; mixed ones are for GPUs.",
    )
    on_interrupt: str = setting(
        "discard",
        choices=("save", "discard"),
        help="save: a signal ends the training, and the best epoch so far is written.",
    )
    seed: int = seed_setting()

    def __post_init__(self) -> None:
        if self.calibrate != "none" and not self.holdout[0]:
            raise UsageError(
                f"--calibrate {self.calibrate} requires --validation SHARE"
            )

    @property
    def holdout(self) -> tuple[float, bool]:
        """Held-out share, and True for the tail of the file.

        >>> TrainingSettings(validation="tail=0.2").holdout
        (0.2, True)
        """
        text = str(self.validation or 0)
        try:
            share = float(text.removeprefix("tail="))
        except ValueError:
            share = -1
        if not 0 <= share < 1:
            raise UsageError(
                f"--validation {text}: expected a share such as 0.1 or tail=0.2"
            )
        return share, text.startswith("tail=")


@dataclass(frozen=True)
class ModelSettings:
    """Settings of the model that a training starts from.

    arch: name of an architecture; None: logreg, or that of `init`.
    init: checkpoint to start from, or its path.
    vocabulary_from: paths of files.
    classes: class names, in the order of the probabilities.
    field: record field that the model reads; None: tokens, or that of `init`.
    params: parameters of the architecture and its features.

    Raises:
        UsageError: settings contradict each other.
    """

    arch: str | None = setting(
        None,
        plugins=architectures,
        help="Architecture, see below.  [default: logreg]",
    )
    init: Any = setting(None, file=True, help="Checkpoint to start from.")  # noqa: RUF009  # the default is None
    vocabulary_from: tuple[str, ...] = setting(
        (),
        file=True,
        help="Take words and IDF from the records of FILE, labelled or not "
        "(repeatable).",
    )
    classes: tuple[str, ...] = setting(
        (),
        "--class",
        metavar="NAME",
        help="Class name, in the order of the probabilities (repeatable).  [default: "
        "the labels of the records, sorted]",
    )
    grow_classes: bool = setting(
        False, help="Add classes that --init lacks, after its own."
    )
    field: str | None = setting(
        None,
        metavar="NAME",
        help="Field that the model reads: tokens or text.  [default: tokens]",
    )
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.grow_classes and not self.init:
            raise UsageError("--grow-classes requires --init")
        if self.field in ("id", "label"):
            raise UsageError(f"--field {self.field}: a model cannot read that")
        if len({*self.classes}) < len(self.classes):
            names = ", ".join(self.classes)
            raise UsageError(f"--class {names}: duplicate name; name each class once")
