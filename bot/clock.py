"""The only place that reads the time, so that everything else can be given one."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC, without microseconds."""
    return datetime.now(UTC).replace(microsecond=0)
