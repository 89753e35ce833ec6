"""Types of single values: text, numbers, addresses, identifiers and the few enumerations.

Source: Relay 24.9, relay-protocol `impls.rs` and relay-event-schema `protocol/types.rs`.
"""

from datetime import datetime
from typing import Any

from archive.events.protocol.bag import trim_text
from archive.events.protocol.meta import Meta, add_error, reject
from archive.events.protocol.mode import Mode, Reader, Type, by_mode, checked, coerced, plain
from archive.events.protocol.values import (
    SIGNED_END,
    SIGNED_START,
    UNSIGNED_END,
    clean_number,
    clean_text,
    compile_once,
    to_json,
)

UNLIMITED = (1 << 30) - 1
PRECISE_END = 1 << 53
AUTO_ADDRESS = "{{auto}}"
EMPTY_NUMBER = "cannot parse integer from empty string"
HEX_DIGITS = "0123456789abcdef"
LOWER_HEX = r"0x0*(0|[1-9a-f][0-9a-f]*)"
ADDRESS = r"0[xX][0-9a-fA-F]{1,16}|\+?[0-9]{1,20}"
UUID = (
    r"(?i)(?:urn:uuid:)?\{?"
    r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?"
)
COMMON_INSTANT = r"(?a)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z"
INSTANT = r"(?a)(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))? ?(Z|z|UTC|[+-]\d\d:?\d\d)?"
LATEST_SECOND = 8_210_266_876_799
LEVELS = {name: name for name in ("debug", "info", "warning", "error", "fatal")}
LEVELS |= {"log": "info", "critical": "fatal"}
PYTHON_LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "fatal"}


def text(limit: int = UNLIMITED, allowance: int = 0) -> Type:
    """Make a type of strings, cut to `limit` characters when longer than limit and allowance.

    Relay attributes `max_chars` and `max_chars_allowance`.
    """
    longest = limit + allowance

    def read_sent(value: Any, meta: Meta) -> str | None:
        if type(value) is not str:
            return reject(meta, "a string", value)
        if not value.isascii():
            value = clean_text(value)
        return value if len(value) <= longest else trim_text(value, limit, meta)

    def read_stored(value: Any, meta: Meta) -> str | None:
        return value if type(value) is str else reject(meta, "a string", value)

    def compile_text(mode: Mode) -> Reader:
        read = read_stored if mode.is_renormalize else read_sent
        mode.longest_plain[read] = UNLIMITED if mode.is_renormalize else longest
        return read

    return compile_text


TEXT = text()
SYMBOL = text(256, 20)
PATH = text(256, 40)
ENUM = text(128)
NAME = text(128, 20)
MESSAGE = text(8192, 200)
"""The classes of Relay's `MaxChars` (relay-event-schema, processor/attrs.rs)."""


def lenient(kind: Type) -> Type:
    """Make a type of strings that also takes numbers and booleans, as Python's `str` would.

    Relay, types.rs `LenientString`; floats lose their fraction.
    """

    def compile_lenient(mode: Mode) -> Reader:
        read_text = mode.compile(kind)

        def read(value: Any, meta: Meta) -> Any:
            if type(value) is str:
                return read_text(value, meta)
            if type(value) is bool:
                return "True" if value else "False"
            if type(value) is not int and type(value) is not float:
                return reject(meta, "a primitive value", value)
            number = mode.clean_number(value)
            if type(number) is int:
                return str(number)
            if number is not None and abs(number) < PRECISE_END:
                return str(int(number))
            return reject(meta, "a number with JSON precision", value)

        return read

    return compile_lenient


def json_lenient(kind: Type) -> Type:
    """Make a type of strings that takes any other value as its JSON text.

    Relay, types.rs `JsonLenientString`.
    """
    return coerced(kind, lambda value, meta: value if type(value) is str else to_json(value))


def stripped(kind: Type) -> Type:
    """Make a type of strings that ingestion strips first (Relay attribute `trim_whitespace`)."""
    strip = coerced(kind, lambda value, meta: value.strip() if type(value) is str else value)
    return by_mode(ingest=strip, stored=kind)


def nonempty(kind: Type) -> Type:
    """Make a type whose empty values are rejected (Relay attribute `nonempty`)."""

    def check(value: Any, meta: Meta) -> Any:
        if value not in ("", [], {}) or meta:
            return value
        noun = "string" if type(value) is str else "value"
        return reject(meta, f"a non-empty {noun}", None)

    return checked(kind, check)


def without(denied: str, kind: Type) -> Type:
    """Make a type of strings that reject some characters (Relay attribute `deny_chars`)."""

    def check(value: Any, meta: Meta) -> Any:
        found = next((letter for letter in value or () if letter in denied), None)
        if found is None:
            return value
        return add_error(meta, "invalid_data", value, reason=f"invalid character {found!r}")

    return checked(kind, check)


def formatted(read: Reader) -> Type:
    """Make a type of strings in a format that is enforced at ingestion, and not again later."""
    return by_mode(ingest=plain(read), stored=TEXT)


@plain
def boolean(value: Any, meta: Meta) -> bool | None:
    """Read a boolean."""
    return value if type(value) is bool else reject(meta, "a boolean", value)


def unsigned(mode: Mode) -> Reader:
    """Compile the type of unsigned 64-bit integers; floats are truncated as Rust casts them."""
    clean = mode.clean_number

    def read(value: Any, meta: Meta) -> Any:
        if type(value) is int and 0 <= value < SIGNED_END:
            return value
        number = _to_integer(value)
        if number is None or not 0 <= number < UNSIGNED_END:
            return reject(meta, "an unsigned integer", value)
        return clean(number)

    return read


@plain
def signed(value: Any, meta: Meta) -> int | None:
    """Read a signed 64-bit integer."""
    number = _to_integer(value)
    if number is None or not SIGNED_START <= number < SIGNED_END:
        return reject(meta, "a signed integer", value)
    return number


def _to_integer(value: Any) -> int | None:
    if type(value) is int:
        return value
    return int(value) if type(value) is float and value - value == 0 else None


def floating(mode: Mode) -> Reader:
    """Compile the type of floating point numbers."""

    def read(value: Any, meta: Meta) -> float | None:
        if type(value) is int or type(value) is float:
            try:
                number = float(value if mode.is_renormalize else clean_number(value))
            except OverflowError:
                return reject(meta, "a floating point number", value)
            if number - number == 0:
                return number
        return reject(meta, "a floating point number", value)

    return read


def address(expectation: str) -> Type:
    """Make a type of addresses, stored as hexadecimal text (Relay, types.rs `Addr`)."""

    def read(value: Any, meta: Meta) -> str | None:
        if (
            type(value) is str
            and len(value) <= 18
            and (match := compile_once(LOWER_HEX).fullmatch(value))
        ):
            return value if match.start(1) == len("0x") else f"0x{match[1]}"
        number = _parse_address(value)
        if number is not None:
            return hex(number)
        if type(value) is str:
            reason = "invalid digit found in string" if value else EMPTY_NUMBER
            return add_error(meta, "invalid_data", value, reason=reason)
        return reject(meta, expectation, value)

    return plain(read)


def _parse_address(value: Any) -> int | None:
    if type(value) is str and compile_once(ADDRESS).fullmatch(value):
        number = int(value, 16) if value[:2] in ("0x", "0X") else int(value)
        return number if number < UNSIGNED_END else None
    if type(value) is int and SIGNED_START <= value < UNSIGNED_END:
        return value % UNSIGNED_END
    return None


ADDR = address("address")
REGISTER = address("register value")


@plain
def level(value: Any, meta: Meta) -> str | None:
    """Read a severity: a name, a synonym or Python's number (types.rs `Level`)."""
    if type(value) is str:
        return LEVELS.get(value) or add_error(meta, "invalid_data", value, reason="invalid level")
    if type(value) is int:
        return PYTHON_LEVELS.get(value) or add_error(meta, "invalid_data", value)
    return reject(meta, "a level", value)


def is_hex(value: str) -> bool:
    """Return whether a text consists of lower-case hexadecimal digits."""
    return not value.strip(HEX_DIGITS)


def uuid(expectation: str, separator: str) -> Reader:
    """Make a reader of UUIDs in any notation, whose groups are joined by a separator."""

    def read(value: Any, meta: Meta) -> str | None:
        if type(value) is not str:
            return reject(meta, expectation, value)
        if not separator and len(value) == 32 and is_hex(value):
            return value
        match = compile_once(UUID).fullmatch(value)
        if match is None:
            return add_error(meta, "invalid_data", value, reason="invalid uuid")
        return separator.join(match.groups()).lower()

    return read


read_event_id = uuid("an event id", "")
EVENT_ID = formatted(read_event_id)


@plain
def ip_address(value: Any, meta: Meta) -> str | None:
    """Read an IP address or the marker `{{auto}}` (types.rs `IpAddr`)."""
    if type(value) is str and is_ip_address(value):
        return value
    return reject(meta, "an ip address", value)


def is_ip_address(value: str) -> bool:
    """Return whether Relay takes a string for an IP address."""
    if ":" not in value:
        parts = value.split(".")
        return value == AUTO_ADDRESS or (len(parts) == 4 and all(map(_is_byte, parts)))
    import ipaddress  # takes a while, and most addresses do not need it

    try:
        return "%" not in value and bool(ipaddress.IPv6Address(value))
    except ValueError:
        return False


def _is_byte(digits: str) -> bool:
    if not digits.isascii() or not digits.isdecimal() or len(digits) > len("255"):
        return False
    return int(digits) < 256 and (digits == "0" or digits[0] != "0")


def one_of(names: frozenset[str], fallback: str | None, expectation: str) -> Type:
    """Make a type of an enumeration, unknown names becoming `fallback`."""

    def read(value: Any, meta: Meta) -> str | None:
        if type(value) is not str or (value not in names and fallback is None):
            return reject(meta, expectation, value)
        return value if value in names else fallback

    return formatted(read)


@plain
def timestamp(value: Any, meta: Meta) -> float | None:
    """Read an instant as seconds, rounded to microseconds (types.rs `Timestamp`)."""
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
