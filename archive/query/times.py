"""Times as people write them: dates, `yesterday`, and how long ago: `30d`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from archive.errors import InvalidParameter

_PERIOD = re.compile(r"(\d{1,9})([smhdw])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"today": 0, "yesterday": 1}


def parse_time(text: str, now: datetime | None = None) -> datetime:
    """Parse a date, a time in ISO 8601 (in UTC unless it has a zone), `30d`, `now` or `yesterday`.

    A period counts back from now. Raises ValueError.
    """
    now = now or datetime.now(UTC)
    if text == "now":
        return now
    if text in _DAYS:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=_DAYS[text])
    try:
        if _PERIOD.fullmatch(text):
            return now - parse_period(text)
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        hint = "write it as 2026-11-01, 2026-11-01T08:30:00Z, 30d, today or yesterday"
        raise ValueError(f"invalid date {text!r}; {hint}") from error


def read_time(name: str, value: object) -> datetime:
    """Return the time that a parameter means: a text or a datetime. Raises InvalidParameter."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return parse_time(str(value))
    except ValueError as error:
        raise InvalidParameter(name=name, reason=str(error)) from error


def read_period(name: str, text: str) -> datetime:
    """Return the time at which the last `30d` began. Raises InvalidParameter."""
    try:
        return datetime.now(UTC) - parse_period(text)
    except (ValueError, OverflowError) as error:
        raise InvalidParameter(name=name, reason=str(error)) from error


def parse_period(text: str) -> timedelta:
    """Parse a length of time: `90m`, `24h`, `30d`, `2w`. Raises ValueError, OverflowError."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f"invalid period {text!r}; write it as 90m, 24h, 30d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
