"""Settings of `score`."""

from __future__ import annotations

from dataclasses import dataclass

from alcli.core.params import check_range
from alcli.core.settings import seed_setting, setting
from alcli.query.signals import signals as known

BLOCK = 16384  # records predicted together
PASSES = 20  # of dropout


@dataclass(frozen=True)
class ScoringSettings:
    """Signals, randomness and excluded records of a scoring.

    signals: names, each with its parameters, such as "egl-entropy,share=0.8".
    passes: number of dropout passes, for signals of one network; seed: that of their
    masks.
    exclude: paths of files whose ids are excluded.

    Raises:
        BadParameter: fewer than 2 passes.
    """

    signals: tuple[str, ...] = setting(
        (),
        "--signal",
        metavar="NAME[,KEY=VALUE]...",
        plugins=known,
        help="Signal to add: a name from the list below, or FILE.py:FUNCTION "
        "(repeatable).",
    )
    seed: int = seed_setting()
    exclude: tuple[str, ...] = setting(
        (),
        file=True,
        help="Exclude records whose id appears in FILE (repeatable).",
    )
    block: int = setting(
        BLOCK, metavar="N", minimum=1, help="Number of records predicted together."
    )
    vectors_type: str = setting(
        "float32",
        choices=("float32", "float16"),
        help="Type of the numbers of --vectors.",
    )
    passes: int = PASSES

    def __post_init__(self) -> None:
        check_range(self.passes >= 2, "passes", self.passes, "2 or more")
