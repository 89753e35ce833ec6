"""Readers of single values: each returns the value in stored form, or None and a note."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from archive.events.normalize.clean import (
    SIGNED_START,
    UNSIGNED_END,
    clean_number,
    clean_text,
    to_json,
)
from archive.events.normalize.meta import Meta, add_error, reject
from archive.events.normalize.trim import trim_text

Reader = Callable[[Any, Meta], Any]

UNLIMITED = 1 << 62
SIGNED_END = 1 << 63
PRECISE_END = 1 << 53
AUTO_ADDRESS = "{{auto}}"
EMPTY_NUMBER = "cannot parse integer from empty string"
ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{1,16}|\+?[0-9]{1,20}", re.ASCII)
LOWER_HEX = re.compile(r"0x0*(0|[1-9a-f][0-9a-f]*)")
UUID = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?",
    re.IGNORECASE,
)
LEVELS = {
    "debug": "debug",
    "info": "info",
    "log": "info",
    "warning": "warning",
    "error": "error",
    "fatal": "fatal",
    "critical": "fatal",
}
PYTHON_LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "fatal"}


def text(limit: int = UNLIMITED, allowance: int = 0) -> Reader:
    """Make a reader of strings, cut to `limit` when longer than limit and allowance."""
    longest = limit + allowance

    def read(value: Any, meta: Meta) -> str | None:
        if not isinstance(value, str):
            return reject(meta, "a string", value)
        if not value.isascii():
            value = clean_text(value)
        return value if len(value) <= longest else trim_text(value, limit, meta)

    LONGEST_PLAIN[read] = longest
    return read


LONGEST_PLAIN: dict[Reader, int] = {}
"""Of each reader of plain text: how long one in ASCII may be to be read as it is."""

TEXT = text()
SYMBOL = text(256, 20)
PATH = text(256, 40)
ENUM = text(128)
NAME = text(128, 20)
MESSAGE = text(8192, 200)
"""The classes of Relay's `MaxChars` (relay-event-schema, processor/attrs.rs)."""


def lenient(reader: Reader) -> Reader:
    """Make a string reader that also takes numbers and booleans, as Python's `str` would.

    Relay, types.rs `LenientString`; floats lose their fraction.
    """

    def read(value: Any, meta: Meta) -> Any:
        return _read_as_text(value, meta, reader)

    return read


def json_lenient(reader: Reader) -> Reader:
    """Make a string reader that takes any other value as its JSON text.

    Relay, types.rs `JsonLenientString`.
    """

    def read(value: Any, meta: Meta) -> Any:
        return reader(value if isinstance(value, str) else to_json(value), meta)

    return read


def stripped(reader: Reader) -> Reader:
    """Make a string reader that strips white space first (Relay attribute `trim_whitespace`)."""

    def read(value: Any, meta: Meta) -> Any:
        return reader(value.strip() if isinstance(value, str) else value, meta)

    return read


def filled(reader: Reader) -> Reader:
    """Make a reader that rejects empty values (Relay attribute `nonempty`, schema.rs)."""

    def read(value: Any, meta: Meta) -> Any:
        result = reader(value, meta)
        if result not in ("", [], {}) or meta:
            return result
        kind = "string" if isinstance(result, str) else "value"
        return reject(meta, f"a non-empty {kind}", None)

    return read


def without(denied: str, reader: Reader) -> Reader:
    """Make a string reader that rejects some characters (Relay attribute `deny_chars`)."""

    def read(value: Any, meta: Meta) -> Any:
        result = reader(value, meta)
        if isinstance(result, str):
            for character in result:
                if character in denied:
                    reason = f"invalid character {character!r}"
                    return add_error(meta, "invalid_data", result, reason=reason)
        return result

    return read


def read_bool(value: Any, meta: Meta) -> bool | None:
    """Read a boolean."""
    return value if isinstance(value, bool) else reject(meta, "a boolean", value)


def read_unsigned(value: Any, meta: Meta) -> int | None:
    """Read a 64 bit unsigned integer; floats are truncated as Rust's numeric cast does."""
    if type(value) is int and 0 <= value < UNSIGNED_END:
        return value
    return _read_integer(value, meta, 0, UNSIGNED_END, "an unsigned integer")


def read_signed(value: Any, meta: Meta) -> int | None:
    """Read a 64 bit signed integer."""
    return _read_integer(value, meta, SIGNED_START, SIGNED_END, "a signed integer")


def read_float(value: Any, meta: Meta) -> float | None:
    """Read a floating point number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(clean_number(value))
    return reject(meta, "a floating point number", value)


def address(expectation: str) -> Reader:
    """Make a reader of addresses, stored as hexadecimal text (Relay, types.rs `Addr`)."""

    def read(value: Any, meta: Meta) -> str | None:
        if isinstance(value, str) and len(value) <= 18 and (match := LOWER_HEX.fullmatch(value)):
            return value if match.start(1) == len("0x") else f"0x{match[1]}"
        number = _parse_address(value)
        if number is not None:
            return hex(number)
        if isinstance(value, str):
            reason = "invalid digit found in string" if value else EMPTY_NUMBER
            return add_error(meta, "invalid_data", value, reason=reason)
        return reject(meta, expectation, value)

    return read


read_address = address("address")
read_register = address("register value")


def read_level(value: Any, meta: Meta) -> str | None:
    """Read a severity: a name, one of its synonyms or Python's number (types.rs `Level`)."""
    if isinstance(value, str):
        level = LEVELS.get(value)
        if level is None:
            add_error(meta, "invalid_data", value, reason="invalid level")
        return level
    if isinstance(value, int) and not isinstance(value, bool):
        if value not in PYTHON_LEVELS:
            add_error(meta, "invalid_data", value)
        return PYTHON_LEVELS.get(value)
    return reject(meta, "a level", value)


def read_event_id(value: Any, meta: Meta) -> str | None:
    """Read an event id: a UUID in any notation, stored as 32 hexadecimal digits."""
    return _read_uuid(value, meta, "an event id", "")


def read_uuid(value: Any, meta: Meta) -> str | None:
    """Read a UUID, stored with dashes."""
    return _read_uuid(value, meta, "a uuid", "-")


def read_ip_address(value: Any, meta: Meta) -> str | None:
    """Read an IP address or the marker `{{auto}}` (types.rs `IpAddr`)."""
    if isinstance(value, str) and is_ip_address(value):
        return value
    return reject(meta, "an ip address", value)


def is_ip_address(value: str) -> bool:
    """Tell whether Relay takes a string for an IP address."""
    if value == AUTO_ADDRESS:
        return True
    try:
        return "%" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def read_thread_id(value: Any, meta: Meta) -> int | str | None:
    """Read a thread id: a number or a string, kept as it is (thread.rs `ThreadId`)."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < UNSIGNED_END:
        return value % UNSIGNED_END
    return reject(meta, "a thread id", value)


def one_of(names: frozenset[str], fallback: str | None, expectation: str) -> Reader:
    """Make a reader of an enumeration, unknown names becoming `fallback`."""

    def read(value: Any, meta: Meta) -> str | None:
        if not isinstance(value, str):
            return reject(meta, expectation, value)
        if value in names:
            return value
        if fallback is None:
            reject(meta, expectation, value)
        return fallback

    return read


def _read_as_text(value: Any, meta: Meta, reader: Reader) -> Any:
    if isinstance(value, str):
        return reader(value, meta)
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int) and SIGNED_START <= value < UNSIGNED_END:
        return str(value)
    if isinstance(value, (int, float)):
        number = clean_number(value)
        if abs(number) < PRECISE_END:
            return str(int(number))
        return reject(meta, "a number with JSON precision", value)
    return reject(meta, "a primitive value", value)


def _read_integer(value: Any, meta: Meta, start: int, end: int, expectation: str) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and start <= value < end:
        return value
    if isinstance(value, float) and start - 1 < value < end:
        return int(value)
    return reject(meta, expectation, value)


def _parse_address(value: Any) -> int | None:
    if isinstance(value, str) and ADDRESS.fullmatch(value):
        number = int(value, 16) if value[:2] in ("0x", "0X") else int(value)
        return number if number < UNSIGNED_END else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value % UNSIGNED_END if SIGNED_START <= value < UNSIGNED_END else None
    return None


def _read_uuid(value: Any, meta: Meta, expectation: str, separator: str) -> str | None:
    if not isinstance(value, str):
        return reject(meta, expectation, value)
    match = UUID.fullmatch(value)
    if match is None:
        return add_error(meta, "invalid_data", value, reason="invalid uuid")
    return separator.join(match.groups()).lower()
