"""Settings of `split`."""

from __future__ import annotations

from dataclasses import MISSING, dataclass

from alcli.core.errors import UsageError
from alcli.core.settings import seed_setting, setting


@dataclass(frozen=True)
class SplitSettings:
    """Fields that a split respects, and the seed of its random ranks.

    stratify: field whose values have equal proportions in all shares.
    group: field whose equal values stay in one share; a record without it is a group by
    itself.

    Raises:
        UsageError: both fields are the same, or one is the id.
    """

    stratify: str | None = setting(
        None, metavar="FIELD", help="Keep the proportions of the values of FIELD."
    )
    group: str | None = setting(
        None, metavar="FIELD", help="Keep records with equal values of FIELD together."
    )
    seed: int = seed_setting()

    def __post_init__(self) -> None:
        fields = [field for field in (self.stratify, self.group) if field]
        if "id" in fields or len({*fields}) < len(fields):
            raise UsageError(
                "--stratify and --group must be different fields other than id"
            )


@dataclass(frozen=True)
class ShareFiles:
    """Shares of a split, and the files to which they are written.

    pattern: path with {} in place of the share's name.
    shares: NAME or NAME=SIZE each, such as test=1000, test=0.3 or rest.

    Raises:
        UsageError: a share is invalid or repeated, or the pattern lacks {}.
    """

    pattern: str = setting(
        MISSING,
        "-o",
        "--output",
        metavar="PATTERN",
        help="Output files; {} becomes the name of a share: 'split.{}.jsonl'.",
    )
    shares: tuple[str, ...] = setting(
        MISSING,
        "--share",
        metavar="NAME[=SIZE]",
        help="Number of records of a share, or its part of all (0.3); without SIZE, "
        "all remaining records (repeatable).",
    )

    def __post_init__(self) -> None:
        if "{}" not in self.pattern or len(self.sizes) < len(self.shares):
            raise UsageError("-o needs {} for the shares' names, which must differ")

    @property
    def sizes(self) -> dict[str, float | None]:
        """Size of each share by name, as `Splitter.assign` takes them."""
        return dict(map(parse_share, self.shares))

    @property
    def paths(self) -> list[str]:
        """Path of each share, in order."""
        return [self.pattern.replace("{}", name) for name in self.sizes]


def parse_share(text: str) -> tuple[str, float | None]:
    """Parse NAME or NAME=SIZE.

    >>> parse_share("test=1000"), parse_share("rest")
    (('test', 1000.0), ('rest', None))

    Raises:
        UsageError: the name is no part of a file name, or the size neither a whole
            number from 1 up nor a fraction between 0 and 1.
    """
    name, separator, size = text.partition("=")
    try:
        value = float(size) if separator else None
    except ValueError:
        value = 0.0
    good = value is None or 0 < value < 1 or (value >= 1 and value.is_integer())
    if not name or "/" in name or not good:
        raise UsageError(f"--share {text}: expected NAME, NAME=1000 or NAME=0.3")
    return name, value
