"""Values as JSON can hold them: text without lone surrogates, numbers of 64 bits, no NaN."""

import json
import math
from typing import Any

UNSIGNED_END = 1 << 64
SIGNED_START = -(1 << 63)


def clean_text(value: str) -> str:
    """Replace lone surrogates, which no JSON parser of Sentry lets through, by `?`."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def cut(value: str, length: int) -> str:
    """Cut a string to a length, `...` included (Sentry, `trim` in src/sentry/utils/safe.py)."""
    return value if len(value) <= length else value[: length - 3] + "..."


def clean_number(value: int | float) -> int | float:
    """Keep what serde_json can hold: 64 bit integers and finite floats (NaN becomes 0)."""
    if isinstance(value, int):
        return value if SIGNED_START <= value < UNSIGNED_END else _to_float(value)
    return value if math.isfinite(value) else math.copysign(0.0, value)


def copy_cleanly(value: object) -> Any:
    """Copy any value as proper JSON; one nested too deeply for that is None."""
    text = to_json(value).encode("utf-8", "replace")
    try:
        return json.loads(text, parse_int=_read_integer, parse_constant=_read_constant)
    except RecursionError:
        return None


def to_json(value: object) -> str:
    """Write a value as compact JSON text, the way Relay puts too deep values into strings."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    except RecursionError:
        return "null"


def _to_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return 0.0


def _read_integer(digits: str) -> int | float:
    return clean_number(int(digits))


def _read_constant(constant: str) -> None:
    """Read NaN and the infinities as null."""
