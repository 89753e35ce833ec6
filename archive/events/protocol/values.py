"""Values as JSON and Relay can hold them: proper text, numbers of 64 bits, sorted keys."""

import json
import math
import re
from functools import cache
from typing import Any

UNSIGNED_END = 1 << 64
SIGNED_START, SIGNED_END = -(1 << 63), 1 << 63
MAX_DEPTH = 128
"""Relay's JSON parser refuses deeper values, so none can have been stored."""

compile_once = cache(re.compile)
"""Compiles a pattern when it is first needed: many readers are never used."""


def list_items(holder: Any, key: str) -> list[dict[str, Any]]:
    """List the objects in a member of an object, without those that are null or empty."""
    return [item for item in (holder or {}).get(key) or () if item]


def clean_text(value: str) -> str:
    """Replace lone surrogates, which no JSON parser of Sentry lets through, by `?`."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def clean_number(value: int | float) -> int | float:
    """Keep what serde_json can hold: 64-bit integers and finite floats (NaN becomes 0)."""
    if isinstance(value, int):
        return value if SIGNED_START <= value < UNSIGNED_END else _to_float(value)
    return value if math.isfinite(value) else math.copysign(0.0, value)


def wrap_number(value: int | float) -> int | float | None:
    """Write a number as sentry-relay 0.9.1 does: unsigned integers become signed ones."""
    if type(value) is int:
        if SIGNED_START <= value < SIGNED_END:
            return value
        if 0 < value < UNSIGNED_END:
            return value - UNSIGNED_END
        try:
            return float(value)
        except OverflowError:
            return None
    return value if value - value == 0 else None


def sort_keys(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Copy a value with the keys of its objects sorted and its numbers wrapped."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int:
        return value if SIGNED_START <= value < SIGNED_END else wrap_number(value)
    if kind is float:
        return value if value - value == 0 else None
    if not depth:
        return None
    if kind is dict:
        return {
            key: member if type(member := value[key]) is str else sort_keys(member, depth - 1)
            for key in sorted(value)
        }
    if kind is list:
        return [item if type(item) is str else sort_keys(item, depth - 1) for item in value]
    return None


def copy_cleanly(value: object) -> Any:
    """Copy any value as proper JSON; one nested too deeply for that is None."""
    text = to_json(value).encode("utf-8", "replace")
    try:
        return json.loads(
            text,
            parse_int=lambda digits: clean_number(int(digits)),
            parse_constant=lambda constant: None,
        )
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
