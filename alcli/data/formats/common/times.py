"""Conversion of times between RFC 3339 and seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_seconds(seconds: float) -> str:
    """Convert seconds since 1970 to RFC 3339, in UTC.

    >>> from_seconds(1700000000)
    '2023-11-14T22:13:20Z'

    Raises:
        OverflowError: the year is outside 1 to 9999.
    """
    if type(seconds) is int:
        minutes, second = divmod(seconds, 60)
        return f"{_minute(minutes)}:{second:02}Z"
    days, rest = divmod(seconds, 86400)
    time = _EPOCH + timedelta(days=days, seconds=rest)
    return time.isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=1000)  # consecutive votes share few minutes
def _minute(minutes: int) -> str:
    return (_EPOCH + timedelta(minutes=minutes)).isoformat()[:16]


def to_seconds(time: object) -> float | None:
    """Convert an RFC 3339 time to seconds since 1970, or None if it is invalid.

    Whole seconds are an int; a time without zone is UTC.

    >>> to_seconds("2023-11-14T23:13:20+01:00")
    1700000000
    """
    try:
        found = datetime.fromisoformat(time)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if (
        found.tzinfo is None
    ):  # not the local zone: output must not depend on the machine
        found = found.replace(tzinfo=UTC)
    seconds = found.timestamp()
    return int(seconds) if seconds.is_integer() else seconds
