"""Times as RFC 3339 has them, and as seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_seconds(seconds: float) -> str:
    """Return a time in UTC.

    >>> from_seconds(1700000000)
    '2023-11-14T22:13:20Z'

    Raises:
        OverflowError: it is no time of this era.
    """
    if type(seconds) is int:
        minutes, second = divmod(seconds, 60)
        return f"{_minute(minutes)}:{second:02}Z"
    days, rest = divmod(seconds, 86400)
    time = _EPOCH + timedelta(days=days, seconds=rest)
    return time.isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=1000)  # votes that follow one another are of few minutes
def _minute(minutes: int) -> str:
    return (_EPOCH + timedelta(minutes=minutes)).isoformat()[:16]


def to_seconds(time: object) -> float | None:
    """Return seconds since 1970, a whole number where it is one; None: it is no time.

    >>> to_seconds("2023-11-14T23:13:20+01:00")
    1700000000
    """
    try:
        found = datetime.fromisoformat(time)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if found.tzinfo is None:  # no machine's own zone: same records, same output
        found = found.replace(tzinfo=UTC)
    seconds = found.timestamp()
    return int(seconds) if seconds.is_integer() else seconds
