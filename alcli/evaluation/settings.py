"""Settings of `evaluate`."""

from __future__ import annotations

from dataclasses import dataclass

from alcli.core.errors import UsageError
from alcli.core.settings import seed_setting, setting


def _split_pair(option: str, text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise UsageError(f"{option} {text}: expected NAME=VALUE")
    return name, value


def _parse_limit(text: str) -> tuple[str, float]:
    name, value = _split_pair("--fail-under", text)
    try:
        least = float(value)
    except ValueError:
        least = float("nan")
    if least != least:
        raise UsageError(f"--fail-under {text}: not a number")
    return name, least


@dataclass(frozen=True)
class EvaluationSettings:
    """Settings of an evaluation: models, further fields of its record, a limit.

    fail_under: name of a metric, and its least value that passes.

    Raises:
        UsageError: `batch` without `labelled`, `stop_set` without `models`, or a tag
            without "=".
    """

    models: tuple[str, ...] = setting(
        (),
        "-m",
        "--model",
        file=True,
        help="Checkpoint (repeatable: a committee). By default records have `probs`.",
    )
    tags: tuple[str, ...] = setting(
        (), "--tag", metavar="KEY=VALUE", help="Tag of the record (repeatable)."
    )
    stop_set: str | None = setting(
        None, file=True, help="Add the predictions for the unlabelled records of FILE."
    )
    batch: str | None = setting(
        None, file=True, help="Batch that was labelled last (needs --labelled)."
    )
    labelled: str | None = setting(
        None, file=True, help="All labelled records, to count them."
    )
    fail_under: tuple[str, float] | None = setting(
        None,
        metavar="METRIC=VALUE",
        parse=_parse_limit,
        help="Exit with status 1 if METRIC (accuracy, macro_f1, ...) is below VALUE.",
    )
    seed: int = seed_setting()

    def __post_init__(self) -> None:
        if (self.batch and not self.labelled) or (self.stop_set and not self.models):
            raise UsageError("--batch goes with --labelled, and --stop-set with -m")
        self.tag_values()

    def tag_values(self) -> dict[str, str]:
        """Return the values of the tags by key."""
        return dict(_split_pair("--tag", tag) for tag in self.tags)
