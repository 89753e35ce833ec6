"""Instants, stored as float seconds (Relay 24.9, protocol/types.rs `Timestamp`)."""

from datetime import datetime
from typing import Any

from archive.events.protocol.meta import Meta, add_error, reject
from archive.events.protocol.mode import plain
from archive.events.protocol.values import compile_once

COMMON_INSTANT = r"(?a)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z"
INSTANT = r"(?a)(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))? ?(Z|z|UTC|[+-]\d\d:?\d\d)?"
LATEST_SECOND = 8_210_266_876_799


@plain
def timestamp(value: Any, meta: Meta) -> float | None:
    """Read an instant, rounded to microseconds."""
    if type(value) is str:
        seconds = parse_instant(value)
        if seconds is None:
            reason = "input contains invalid characters"
            return add_error(meta, "invalid_data", value, reason=reason)
        return seconds
    if type(value) is int or type(value) is float:
        if abs(value) < LATEST_SECOND:
            return round(float(value), 6)
        return add_error(meta, "invalid_data", value, reason="timestamp out of range")
    return reject(meta, "a timestamp", value)


def parse_instant(value: str) -> float | None:
    """Parse an RFC 3339 instant, in UTC where it has no zone; None if it is not one."""
    try:
        if compile_once(COMMON_INSTANT).fullmatch(value):
            return datetime.fromisoformat(value).timestamp()
        match = compile_once(INSTANT).fullmatch(value)
        if match is None:
            return None
        day, time, fraction, zone = match.groups()
        offset = zone if zone and zone[0] in "+-" else "+00:00"
        whole = datetime.fromisoformat(f"{day}T{time}{offset}").timestamp()
    except (ValueError, OverflowError):
        return None
    return whole + round(float(f"0.{fraction}") * 1e6) / 1e6 if fraction else whole
