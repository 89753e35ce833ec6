"""SDK envelopes: a header, then items, each a header of its own and a payload.

    {"event_id": "…", "dsn": "https://key@host/42"}
    {"type": "event", "length": 41}
    {"event_id": "…", "message": "hello"}

A payload is as long as its item says, or else ends with its line (the SDK documentation,
Envelopes). Where a length cannot be right, an event is read as JSON, and so is whatever stands
where a header should.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard
from urllib.parse import urlsplit

from archive.exports.limits import Limits
from archive.exports.members import Members, read_members, read_text
from archive.exports.objects import OBJECT_LINE, read_object, take_object
from archive.exports.records import Record, Reject, Skipped
from archive.exports.shapes import Shape, Told
from archive.exports.window import Window

EVENT_ITEMS = frozenset({"event", "transaction", "feedback"})
HEADER_BYTES = 1 << 16

_KIND = re.compile(r"[a-z0-9_]{1,32}")
_LENGTH = re.compile(r"[0-9]{1,18}")
# The header's own members and those that Relay adds to it (relay-server, envelope.rs).
_HEADER_KEYS = frozenset(
    {"event_id", "dsn", "sent_at", "sdk", "trace", "retry", "retention", "required_features"}
    | {"version", "origin", "remote_addr", "forwarded_for", "user_agent", "client", "start_time"}
)
_PAYLOAD_KEYS = frozenset({"event_id", "timestamp", "contexts", "exception", "message"})


def is_envelope(head: bytes) -> bool:
    """Whether a text begins as an envelope does: a header's line, and an item header's."""
    first, _, rest = head.partition(b"\n")
    header = _read_line(first)
    if not _is_header(header):
        return False
    second = rest.lstrip().partition(b"\n")[0]
    return bool(header.keys() & {"dsn", "sent_at"}) or _is_item(_read_line(second))


def split_envelopes(window: Window, limits: Limits) -> Iterator[Record | Reject | Skipped]:
    """The events of envelopes, what the header tells beside them; a word for each other item."""
    told = Told()
    empty: Reject | None = None  # the envelope's header, until an item is found
    while (first := window.skip_separators()) is not None:
        end = window.find_line_end(HEADER_BYTES)
        members = _read_line(window.text[window.at : end])
        if _is_header(members):
            if empty:
                yield empty
            empty, told = window.reject("an envelope without items", end), _read_header(members)
            continue
        empty = None
        if _is_item(members):
            window.at = end
            found = _read_item(window, members, told, limits)
            yield found
            if isinstance(found, Record):  # a header's ID is that of the first event
                told = told._replace(event_id=None)
        elif first == b"{":
            yield read_object(window, limits, Told(project_id=told.project_id))
        else:
            yield window.reject_to(OBJECT_LINE, "not the header of an envelope or of its items")
    if empty:
        yield empty


def _read_line(line: bytes) -> Members | None:
    try:
        return read_members(line)
    except ValueError:
        return None


def _is_header(members: Members | None) -> TypeGuard[Members]:
    return members is not None and members.keys() <= _HEADER_KEYS


def _is_item(members: Members | None) -> TypeGuard[Members]:
    return members is not None and "type" in members and _PAYLOAD_KEYS.isdisjoint(members)


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


def _read_item(
    window: Window, item: Members, told: Told, limits: Limits
) -> Record | Reject | Skipped:
    """What the item is whose header ends here."""
    kind, length = read_text(item.get("type")) or "", read_text(item.get("length")) or ""
    size = int(length) if _LENGTH.fullmatch(length) else None
    window.hold(1)
    window.at += window.text[window.at : window.at + 1] == b"\n"
    end = None if size is None else _find_end(window, size, limits)
    if kind not in EVENT_ITEMS:
        return _skip_item(window, kind if _KIND.fullmatch(kind) else "unknown", size, end, limits)
    window.hold(1)
    if end is not None and end > window.at:
        return take_object(window, end, limits, told)
    if window.text[window.at : window.at + 1] == b"{":
        return read_object(window, limits, told)
    return window.reject_to(OBJECT_LINE, f"an item of type {kind} without an event in it")


def _find_end(window: Window, size: int, limits: Limits) -> int | None:
    """Where a payload ends; None where it is too large, or nothing ends at its size."""
    if size > limits.event_bytes:
        return None
    window.hold(size + 2)
    end = window.at + size
    rest = window.text[end : end + 2]
    is_right = end <= len(window.text) and (rest[:1] in (b"", b"\n") or rest == b"\r\n")
    return end if is_right else None


def _skip_item(
    window: Window, kind: str, size: int | None, end: int | None, limits: Limits
) -> Skipped | Reject:
    """Pass over an item that holds no event, without holding what is large."""
    place, head = window.mark()
    if end is not None:
        window.at, is_whole = end, True
    elif size is not None and size > limits.event_bytes:
        is_whole = window.pass_over(size)
    else:
        window.skip_to(OBJECT_LINE)
        is_whole = size is None or not window.exhausted
    if is_whole:
        return Skipped(f"envelope {kind}")
    return window.reject_through(place, head, f"the envelope ends in the middle of its {kind}")
