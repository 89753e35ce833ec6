"""Format values as text and JSON, without control characters that affect a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archive.text import CONTROLS, escape_controls

if TYPE_CHECKING:
    from archive.events.exactness import Exactness

_NOUN = re.compile(r"(.*?)( (?:of|without|in|to|with|from) .*|$)", re.DOTALL)


def escape_lines(text: str) -> str:
    """Escape control characters other than line breaks."""
    return "\n".join(map(escape_controls, text.split("\n")))


def escape_json(text: bytes) -> bytes:
    """Escape control characters in JSON without changing its value."""
    return CONTROLS.sub(_escape_in_json, text.decode(errors="replace")).encode()


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


def dump_json(value: Any) -> str:
    """Write compact JSON; on a terminal in ASCII, so that data cannot affect it."""
    if sys.stdout.isatty():
        return json.dumps(value, separators=(",", ":"))

    from archive.jsontext import dump

    return dump(value, "backslashreplace").decode()


def _escape_in_json(match: re.Match[str]) -> str:
    return match[0] if match[0] in "\n\t" else f"\\u{ord(match[0]):04x}"
