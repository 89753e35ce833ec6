"""SDK envelopes: a header, then items, each a header of its own and a payload.

    {"event_id": "…", "dsn": "https://key@host/42"}
    {"type": "event", "length": 41}
    {"event_id": "…", "message": "hello"}

Lengths may be left out; a payload then ends with its line (the SDK documentation, Envelopes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from archive.exports.limits import Limits
from archive.exports.members import Members, read_members, read_text
from archive.exports.shapes import Shape, Told
from archive.exports.window import Record, Reject, Skipped, Window

EVENT_ITEMS = frozenset({"event", "transaction", "feedback"})
HEADER_BYTES = 1 << 16

_ITEM = re.compile(rb'\A\s*\{[^\n]*"type"\s*:\s*"[^\n]*\}\s*\Z')
_HEADER_KEYS = frozenset({"event_id", "dsn", "sent_at", "sdk", "trace", "retry", "items"})


def is_envelope(head: bytes) -> bool:
    """Whether a text begins as an envelope does: a header's line, then an item header's."""
    first, _, rest = head.partition(b"\n")
    second = rest.lstrip(b"\r\n").partition(b"\n")[0]
    if not _ITEM.match(second):
        return False
    try:
        header, item = read_members(first), read_members(second)
    except ValueError:
        return False
    return header.keys() <= _HEADER_KEYS and "type" in item and "event_id" not in item


def split_envelope(window: Window, limits: Limits) -> Iterator[Record | Reject | Skipped]:
    """The events of an envelope, what its header tells beside them, and a word for each other item.

    A second envelope may follow the first.
    """
    told = Told(shape=Shape.SDK)
    while window.skip_separators() is not None:
        line = _read_line(window)
        try:
            members = read_members(window.text[window.at : line])
        except ValueError:
            yield window.reject("not an envelope's header", line)
            continue
        if "type" not in members:
            told = _read_header(members)
            window.at = line
            continue
        kind = read_text(members.get("type")) or "unknown"
        window.at = line
        length = read_text(members.get("length"))
        yield from _read_payload(window, kind, length, told, limits)


def _read_payload(
    window: Window, kind: str, length: str | None, told: Told, limits: Limits
) -> Iterator[Record | Reject | Skipped]:
    window.at += window.text[window.at : window.at + 1] == b"\n"
    if length is not None and length.isdecimal():
        size = int(length)
        if size > limits.event_bytes:
            yield window.skip(size, f"envelope {kind} larger than {limits.event_bytes:,} bytes")
            return
        while len(window.text) - window.at < size and window.more():
            pass
        end = min(window.at + size, len(window.text))
        cut = end - window.at < size
    else:
        end, cut = _read_line(window), False
    if cut:
        yield window.reject(f"the envelope ends in the middle of its {kind}", end)
    elif kind in EVENT_ITEMS:
        yield window.take(end, told)
    else:
        window.at = end
        yield Skipped(f"envelope {kind}")


def _read_line(window: Window) -> int:
    """The end of the line that begins here."""
    while (end := window.text.find(b"\n", window.at)) < 0:
        if not window.more():
            return len(window.text)
    return end


def _read_header(members: Members) -> Told:
    """The project is in the path of the DSN, `https://key@host/42`."""
    path = urlsplit(read_text(members.get("dsn")) or "").path.rstrip("/")
    project_id = path.rpartition("/")[2]
    return Told(
        shape=Shape.SDK,
        event_id=read_text(members.get("event_id")),
        project_id=project_id if project_id.isdecimal() else None,
    )
