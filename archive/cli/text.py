"""Format values as text and JSON, without control characters that affect a terminal."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.events.exactness import Exactness

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOUN = re.compile(r"(.*?)( (?:of|without|in|to|with|from) .*|$)", re.DOTALL)


def escape_controls(text: str) -> str:
    """Show control characters as escapes, so that data cannot affect the terminal."""
    return _CONTROLS.sub(_escape, text)


def escape_lines(text: str) -> str:
    """Escape control characters other than line breaks."""
    return "\n".join(map(escape_controls, text.split("\n")))


def escape_json(text: bytes) -> bytes:
    """Escape control characters in JSON without changing its value."""
    return _CONTROLS.sub(_escape_in_json, text.decode(errors="replace")).encode()


def format_bytes(size: float) -> str:
    """Format a size, as in 1.5 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def format_exactness(exactness: Exactness) -> str:
    """Format how exactly events are answered; empty if there are no events."""
    counts = {
        "byte for byte": exactness.exact,
        "converted": exactness.converted,
        "as rows of lists": exactness.listed,
        "without a known issue": exactness.without_issue,
        "without an organization slug": exactness.without_organization,
        "without a project slug": exactness.without_project,
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def format_kinds(kinds: Mapping[str, int]) -> str:
    """Format counts, as in "7 replays, 1 API error"."""
    return ", ".join(f"{count:,} {_inflect(kind, count)}" for kind, count in kinds.items())


def _inflect(kind: str, count: int) -> str:
    noun, rest = _NOUN.findall(kind)[0]
    if count == 1 or noun.endswith("feedback") or re.search("[^s]s$", noun):
        return kind
    if noun.endswith(("ss", "x", "ch")):
        return f"{noun}es{rest}"
    return f"{noun[:-1]}ies{rest}" if re.search("[^aeiou]y$", noun) else f"{noun}s{rest}"


def make_plain(value: Any) -> Any:
    """Convert to a JSON value: timestamps to ISO 8601 in UTC, bytes to text or base64."""
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        return utc.replace(tzinfo=None).isoformat() + "Z"
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): make_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [make_plain(inner) for inner in value]
    if isinstance(value, Decimal):  # as a number only if that is exact
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def dump_json(value: Any) -> str:
    """Write compact JSON; on a terminal in ASCII, so that data cannot affect it."""
    if sys.stdout.isatty():
        return json.dumps(value, separators=(",", ":"))

    from archive.jsontext import dump

    return dump(value, "backslashreplace").decode()


def _escape_in_json(match: re.Match[str]) -> str:
    return match[0] if match[0] in "\n\t" else f"\\u{ord(match[0]):04x}"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(character)
    return known.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
