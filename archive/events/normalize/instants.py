"""Instants, stored as float seconds (Relay, protocol/types.rs `Timestamp`)."""

import re
from datetime import datetime
from typing import Any

from archive.events.normalize.meta import Meta, add_error, reject

COMMON_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))? ?(Z|z|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)
LATEST_SECOND = 8_210_266_876_799


def read_timestamp(value: Any, meta: Meta) -> float | None:
    """Read an instant as float seconds, rounded to microseconds (types.rs `Timestamp`)."""
    if isinstance(value, str):
        seconds = parse_instant(value)
        if seconds is None:
            reason = "input contains invalid characters"
            add_error(meta, "invalid_data", value, reason=reason)
        return seconds
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) < LATEST_SECOND:
            return round(float(value), 6)
        return add_error(meta, "invalid_data", value, reason="timestamp out of range")
    return reject(meta, "a timestamp", value)


def parse_instant(value: str) -> float | None:
    """Parse an RFC 3339 instant, UTC where no zone is given; None if it is none."""
    try:
        if COMMON_INSTANT.fullmatch(value):
            return datetime.fromisoformat(value).timestamp()
        match = INSTANT.fullmatch(value)
        if match is None:
            return None
        day, time, fraction, zone = match.groups()
        offset = zone if zone and zone[0] in "+-" else "+00:00"
        whole = datetime.fromisoformat(f"{day}T{time}{offset}").timestamp()
    except (ValueError, OverflowError):
        return None
    return whole + round(float(f"0.{fraction}") * 1e6) / 1e6 if fraction else whole
