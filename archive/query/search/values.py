"""The values of filters that are not texts: numbers, booleans and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from archive.errors import InvalidEventId, InvalidSearch
from archive.events.identity import normalize_event_id
from archive.query.times import parse_period

_NUMBER = re.compile(r"(-?\d{1,300}(?:\.\d*)?)([kmb]?)", re.ASCII)
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?P<time>T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_AGO = re.compile(r"([+-])(\d+[wdhm])", re.ASCII)
_BEFORE, _AFTER = timedelta(minutes=5), timedelta(minutes=6)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INT64 = 1 << 63


class Bound(NamedTuple):
    """A comparison with a value."""

    operator: str
    value: int | float | datetime


def parse_number(key: str, operator: str, text: str) -> Bound:
    """Parse a number with an optional k, m or b. Raises InvalidSearch."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise InvalidSearch(
            reason=f"{key}: Invalid number: {_show(operator, text)}. "
            "Expected number then optional k, m, or b suffix (e.g. 500k)."
        )
    number = float(match[1]) * _FACTORS[match[2]]
    if number.is_integer() and "." not in match[1]:
        whole = int(match[1]) * _FACTORS[match[2]]
        return Bound(operator, whole if -_INT64 <= whole < _INT64 else number)
    return Bound(operator, number)


def parse_boolean(key: str, operator: str, text: str) -> bool:
    """Parse true, false, 1 or 0. Raises InvalidSearch."""
    value = _BOOLEANS.get(text.lower()) if operator == "=" else None
    if value is None:
        shown = _show(operator, text)
        reason = f"{key}: Invalid boolean: {shown}. Expected true, 1, false, or 0."
        raise InvalidSearch(reason=reason)
    return value


def parse_id(key: str, text: str) -> str:
    """Parse an event ID. Raises InvalidSearch."""
    try:
        return normalize_event_id(text)
    except InvalidEventId as error:
        raise InvalidSearch(reason=str(error).replace("Event ID", key)) from error


def parse_moment(key: str, operator: str, text: str, now: datetime) -> list[Bound]:
    """Parse a date or a time, or how long ago: `-24h` is later, and `+24h` is earlier than that.

    A date alone means the whole day, a time some minutes around it, as in Sentry
    (search/utils.py). Raises InvalidSearch.
    """
    try:
        if operator == "=" and (ago := _AGO.fullmatch(text)):
            return [Bound(">=" if ago[1] == "-" else "<=", now - parse_period(ago[2]))]
        if written := _DATE.fullmatch(text):
            time = datetime.fromisoformat(text)
            time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
            if operator != "=":
                return [Bound(operator, time)]
            if written["time"]:
                return [Bound(">=", time - _BEFORE), Bound("<", time + _AFTER)]
            return [Bound(">=", time), Bound("<", time + timedelta(days=1))]
    except (ValueError, OverflowError):
        pass  # a date that the calendar does not have
    example = now.replace(tzinfo=None).isoformat(timespec="microseconds")[:-4]
    raise InvalidSearch(
        reason=f"{key}: Invalid date: {_show(operator, text)}. Expected +/-duration (e.g. +1h) "
        f"or ISO 8601-like (e.g. {example})."
    )


def _show(operator: str, text: str) -> str:
    return text if operator == "=" else f"{operator}{text}"
