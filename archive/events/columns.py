"""Convert scalars of unknown type to column values; a value that does not fit is null."""

from __future__ import annotations

from datetime import UTC, datetime
from math import floor
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_1, _YEAR_10000 = -62_135_596_800.0, 253_402_300_800.0
_INT32, _INT64 = 1 << 31, 1 << 63


def read_text(value: Any) -> str | None:
    """Read a string unchanged, a number or boolean as its JSON text; None for anything else."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def read_int32(value: Any) -> int | None:
    """Read a 32-bit integer from a number or decimal text."""
    return _read_int(value, _INT32)


def read_int64(value: Any) -> int | None:
    """Read a 64-bit integer from a number or decimal text."""
    return _read_int(value, _INT64)


def _read_int(value: Any, bound: int) -> int | None:
    if isinstance(value, str):
        value = int(value) if len(value) <= 20 and value.isdecimal() and value.isascii() else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if -bound <= value < bound else None


def read_bool(value: Any) -> bool | None:
    """Read a boolean; None for anything else."""
    return value if isinstance(value, bool) else None


def _count_microseconds(seconds: float) -> int:
    """Round to microseconds; the fraction separately, because the product would lose precision."""
    whole = floor(seconds)
    return whole * 1_000_000 + round((seconds - whole) * 1_000_000)


def read_timestamp(value: Any) -> int | None:
    """Read microseconds since 1970 from ISO 8601 text (UTC if it has no zone) or epoch seconds."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        since = moment - _EPOCH
        seconds = since.days * 86_400 + since.seconds
        in_range = _YEAR_1 <= seconds < _YEAR_10000
        return seconds * 1_000_000 + since.microseconds if in_range else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _count_microseconds(value) if _YEAR_1 <= value < _YEAR_10000 else None
    return None


def first_timestamp(*values: Any) -> int | None:
    """Read the first value that is a timestamp."""
    timestamps = map(read_timestamp, values)
    return next((timestamp for timestamp in timestamps if timestamp is not None), None)
