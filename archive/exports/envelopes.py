"""SDK envelopes: a header, then items, each a header of its own and a payload.

    {"event_id": "…", "dsn": "https://key@host/42"}
    {"type": "event", "length": 41}
    {"event_id": "…", "message": "hello"}

Lengths may be left out; a payload then ends with its line (the SDK documentation, Envelopes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from archive.exports.limits import Limits
from archive.exports.members import Members, read_members, read_text
from archive.exports.records import Record, Reject, Skipped
from archive.exports.shapes import Shape, Told
from archive.exports.window import Window

EVENT_ITEMS = frozenset({"event", "transaction", "feedback"})

_ITEM = re.compile(rb'\A\s*\{[^\n]*"type"\s*:\s*"[^\n]*\}\s*\Z')
_HEADER_KEYS = frozenset({"event_id", "dsn", "sent_at", "sdk", "trace", "retry"})


def is_envelope(head: bytes) -> bool:
    """Whether a text begins as an envelope does: a header's line, then an item header's."""
    first, _, rest = head.partition(b"\n")
    second = rest.lstrip(b"\r\n").partition(b"\n")[0]
    if not first.startswith(b"{") or (second and not _ITEM.match(second)):
        return False
    try:
        header = read_members(first)
        item = read_members(second) if second else {}
    except ValueError:
        return False
    if not header.keys() <= _HEADER_KEYS or "event_id" in item:
        return False
    return bool(item) or bool(header.keys() & {"dsn", "sent_at"})


def split_envelopes(window: Window, limits: Limits) -> Iterator[Record | Reject | Skipped]:
    """The events of envelopes, what the header tells beside them; a word for each other item."""
    told, items = Told(shape=Shape.SDK), 0
    while window.skip_separators() is not None:
        line = window.find_line_end(limits.event_bytes)
        try:
            members = read_members(window.text[window.at : line])
        except ValueError:
            yield window.reject("not the header of an envelope or of an item in it", line)
            continue
        window.at = line
        if "type" not in members:
            told = _read_header(members)
            continue
        items += 1
        yield _read_payload(window, members, told, limits)
    if not items:
        yield Skipped("envelope without items")


def _read_payload(
    window: Window, item: Members, told: Told, limits: Limits
) -> Record | Reject | Skipped:
    kind, length = read_text(item.get("type")) or "unknown", read_text(item.get("length"))
    window.hold(1)
    window.at += window.text[window.at : window.at + 1] == b"\n"
    is_event = kind in EVENT_ITEMS
    if length is None or not length.isdecimal() or len(length) > 18:
        end = window.find_line_end(limits.event_bytes)
        if is_event:
            return window.take(end, told)
        window.at = end
        return Skipped(f"envelope {kind}")
    size = int(length)
    if is_event and size <= limits.event_bytes:
        window.hold(size)
        if len(window.text) - window.at >= size:
            return window.take(window.at + size, told)
    passed = window.skip(size, f"larger than {limits.event_bytes:,} bytes")
    if passed.size < size:
        return replace(passed, reason=f"the envelope ends in the middle of its {kind}")
    return passed if is_event else Skipped(f"envelope {kind}")


def _read_header(members: Members) -> Told:
    """The project is in the path of the DSN, `https://key@host/42`."""
    try:
        path = urlsplit(read_text(members.get("dsn")) or "").path.rstrip("/")
    except ValueError:
        path = ""
    project_id = path.rpartition("/")[2]
    return Told(
        shape=Shape.SDK,
        event_id=read_text(members.get("event_id")),
        project_id=project_id if project_id.isdecimal() and project_id.isascii() else None,
    )
