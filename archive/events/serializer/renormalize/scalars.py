"""Rules for single values: text, numbers, dates, addresses and the few enumerations.

Source: Relay 24.9, relay-protocol `impls.rs` and relay-event-schema `protocol/types.rs`.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from archive.events.serializer.renormalize.rules import (
    Meta,
    Rule,
    own_note,
    reject,
    sort_keys,
    wrap_integer,
)

_LEVELS = {
    **dict.fromkeys(("debug", 10), "debug"),
    **dict.fromkeys(("info", "log", 20), "info"),
    **dict.fromkeys(("warning", 30), "warning"),
    **dict.fromkeys(("error", 40), "error"),
    **dict.fromkeys(("fatal", "critical", 50), "fatal"),
}
_TYPES = frozenset(
    (
        "default",
        "error",
        "csp",
        "hpkp",
        "expectct",
        "expectstaple",
        "nel",
        "transaction",
        "feedback",
    )
)
_HEX_DIGITS = frozenset("0123456789abcdef")
_HEX_GROUPS = frozenset("0123456789abcdefABCDEF:")
_STORED_ADDRESS = re.compile(r"0x(?:0|[1-9a-f][0-9a-f]{0,15})")
_LOCKS = (1, 2, 4, 8)
_LAST_SECOND = 253_402_300_799.0
_FIRST_SECOND = -62_135_596_800.0


class Invalid(Exception):
    """A value that cannot be read; its text is the reason written to `_meta`."""


def scalar(parse: Callable[[Any], Any]) -> Rule:
    """The rule of a single value read by a function that raises `Invalid` when it cannot."""

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        note = own_note(meta) if meta else None
        if value is None:
            return None, note
        try:
            return parse(value), note
        except Invalid as invalid:
            return reject(value, note, str(invalid) or None)

    return read


def _parse_lenient(value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is bool:
        return str(value)
    if type(value) is int:
        value = wrap_integer(value)
    if type(value) is int:
        return str(value)
    if type(value) is not float:
        raise Invalid("expected a primitive value")
    if not abs(value) < 1 << 53:
        raise Invalid("expected a number with JSON precision")
    return str(int(value))


def _parse_json_text(value: Any) -> str:
    if type(value) is str:
        return value
    return json.dumps(sort_keys(value), ensure_ascii=False, separators=(",", ":"))


def _parse_boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise Invalid("expected a boolean")
    return value


def _parse_unsigned(value: Any) -> Any:
    number = _to_integer(value)
    if number is None or not 0 <= number < 1 << 64:
        raise Invalid("expected an unsigned integer")
    return wrap_integer(number)


def _parse_signed(value: Any) -> int:
    number = _to_integer(value)
    if number is None or not -(1 << 63) <= number < 1 << 63:
        raise Invalid("expected a signed integer")
    return number


def _to_integer(value: Any) -> int | None:
    if type(value) is int:
        return value
    if type(value) is float and value - value == 0:
        return int(value)
    return None


def _parse_floating(value: Any) -> float:
    try:
        number = float(value) if type(value) in (int, float) else None
    except OverflowError:
        number = None
    if number is None or number - number != 0:
        raise Invalid("expected a floating point number")
    return number


def _parse_timestamp(value: Any) -> float:
    if type(value) is str:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise Invalid("input contains invalid characters") from error
        if "T" not in value.upper():
            raise Invalid("input contains invalid characters")
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (OverflowError, ValueError) as error:
            raise Invalid("timestamp out of range") from error
    if type(value) not in (int, float):
        raise Invalid("expected a timestamp")
    if not _FIRST_SECOND <= value <= _LAST_SECOND:
        raise Invalid("timestamp out of range")
    return round(float(value), 6)


def address(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """An address, stored as hexadecimal text."""
    if not meta and type(value) is str and _STORED_ADDRESS.fullmatch(value):
        return value, None
    return _address(value, meta)


def _parse_address(value: Any) -> str:
    if type(value) is str:
        try:
            number = int(value, 16 if value[:2] in ("0x", "0X") else 10)
        except ValueError as error:
            raise Invalid("invalid digit found in string") from error
    elif type(value) is int:
        number = value
    else:
        raise Invalid("expected address")
    if not -(1 << 63) <= number < 1 << 64:
        raise Invalid("number too large to fit in target type")
    return hex(number % (1 << 64))


def _parse_event_id(value: Any) -> str:
    if type(value) is not str:
        raise Invalid("expected an event id")
    digits = value.replace("-", "").lower()
    if len(digits) != 32 or not _HEX_DIGITS.issuperset(digits):
        raise Invalid("invalid event id")
    return digits


def _parse_level(value: Any) -> str:
    if type(value) not in (str, int):
        raise Invalid("expected a level")
    if value not in _LEVELS:
        raise Invalid("invalid level" if type(value) is str else "")
    return _LEVELS[value]


def _parse_event_type(value: Any) -> str:
    if type(value) is not str or value not in _TYPES:
        raise Invalid
    return value


def _parse_thread_id(value: Any) -> Any:
    if type(value) is str:
        return value
    if type(value) is not int or not -(1 << 63) <= value < 1 << 64:
        raise Invalid("expected a thread id")
    return wrap_integer(value)


def _parse_lock(value: Any) -> int:
    if type(value) is not int:
        raise Invalid("expected lock reason type")
    if value not in _LOCKS:
        raise Invalid
    return value


def _parse_ip(value: Any) -> str:
    if type(value) is not str or not (value == "{{auto}}" or _is_ip(value)):
        raise Invalid("expected an ip address")
    return value


def _is_ip(value: str) -> bool:
    head, _, tail = value.rpartition(":")
    if ":" in head:
        return _HEX_GROUPS.issuperset(head) and (_HEX_GROUPS.issuperset(tail) or _is_ip(tail))
    parts = value.split(".")
    return len(parts) == 4 and all(
        part.isascii() and part.isdecimal() and int(part[:4]) < 256 for part in parts
    )


lenient_text = scalar(_parse_lenient)
json_text = scalar(_parse_json_text)
boolean = scalar(_parse_boolean)
unsigned = scalar(_parse_unsigned)
signed = scalar(_parse_signed)
floating = scalar(_parse_floating)
timestamp = scalar(_parse_timestamp)
_address = scalar(_parse_address)
event_id = scalar(_parse_event_id)
level = scalar(_parse_level)
event_type = scalar(_parse_event_type)
thread_id = scalar(_parse_thread_id)
lock_type = scalar(_parse_lock)
ip_address = scalar(_parse_ip)
