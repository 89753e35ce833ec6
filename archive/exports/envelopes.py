"""Split SDK envelopes: a header, then items, each with its own header and a payload.

    {"event_id": "…", "dsn": "https://key@host/42"}
    {"type": "event", "length": 41}
    {"event_id": "…", "message": "hello"}

A payload has the length in its item's header, or else ends with its line (the SDK documentation,
Envelopes). If a length cannot be right, an event is read as JSON, and so is an object where a
header should be. Attachments and user reports are learned; other items are skipped by type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard
from urllib.parse import urlsplit

from archive.exports.attachments import Payload, describe_attachment
from archive.exports.buffer import Buffer
from archive.exports.layout import OBJECT_LINE
from archive.exports.limits import Limits
from archive.exports.objects import read_object, take_object
from archive.exports.raw_members import Members, read_members, read_text
from archive.exports.records import (
    REJECT_SAMPLE_BYTES,
    Item,
    Learned,
    LearnedKind,
    Record,
    Reject,
    Skipped,
)
from archive.exports.shapes import Hints, Shape

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
    """Whether a text begins like an envelope, with a line for its header and one for an item's."""
    first, _, rest = head.partition(b"\n")
    header = _read_line(first)
    if not _is_header(header):
        return False
    second = rest.lstrip().partition(b"\n")[0]
    return bool(header.keys() & {"dsn", "sent_at"}) or _is_item(_read_line(second))


def split_envelopes(buffer: Buffer, limits: Limits) -> Iterator[Item]:
    """Yield the events of envelopes with hints from the header, and an item for everything else."""
    hints = owner = Hints()  # for the next event, and for the other items of its envelope
    empty: Reject | None = None  # the envelope's header, until an item is found
    while (first := buffer.skip_separators()) is not None:
        end = buffer.find_line_end(HEADER_BYTES)
        members = _read_line(buffer.text[buffer.at : end])
        if _is_header(members):
            if empty:
                yield empty
            empty, hints = buffer.reject("an envelope without items", end), _read_header(members)
            owner = hints._replace(shape=None)
            continue
        empty = None
        if _is_item(members):
            buffer.at = end
            found = _read_item(buffer, members, hints, owner, limits)
            yield found
            if isinstance(found, Record):  # the header's ID belongs to the first event
                hints = hints._replace(event_id=None)
                owner = owner if owner.event_id else owner._replace(event_id=_read_id(found.raw))
        elif first == b"{":
            yield read_object(buffer, limits, Hints(project_id=hints.project_id))
        else:
            yield buffer.reject_to(OBJECT_LINE, "not the header of an envelope or of its items")
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


def _read_header(members: Members) -> Hints:
    """Read hints from a header; the DSN, `https://key@host/42`, ends with the project ID."""
    try:
        path = urlsplit(read_text(members.get("dsn")) or "").path.rstrip("/")
    except ValueError:
        path = ""
    project_id = path.rpartition("/")[2]
    return Hints(
        shape=Shape.SDK,
        event_id=read_text(members.get("event_id")),
        project_id=project_id if project_id.isdecimal() and project_id.isascii() else None,
    )


def _read_id(event: bytes) -> str | None:
    return read_text((_read_line(event) or {}).get("event_id"))


def _read_item(buffer: Buffer, item: Members, hints: Hints, owner: Hints, limits: Limits) -> Item:
    """What the item is whose header ends here."""
    kind, length = read_text(item.get("type")) or "", read_text(item.get("length")) or ""
    size = int(length) if _LENGTH.fullmatch(length) else None
    buffer.hold(1)
    buffer.at += buffer.text[buffer.at : buffer.at + 1] == b"\n"
    if kind in EVENT_ITEMS:
        return _read_object(buffer, kind, size, hints, limits)
    if kind == "user_report":
        found = _read_object(buffer, kind, size, owner, limits)
        if isinstance(found, Reject):
            return found
        if _read_line(found.raw) is None:
            reason = "a user report that is not an object"
            return Reject(found.place, reason, found.raw[:REJECT_SAMPLE_BYTES], len(found.raw))
        return Learned(LearnedKind.FEEDBACK, found.raw, found.place, owner)
    place, head = buffer.mark()
    payload = _skip_payload(buffer, size, limits)
    name = kind if _KIND.fullmatch(kind) else "unknown"
    if size is not None and payload.size < size and buffer.exhausted:
        return buffer.reject_through(place, head, f"the envelope ends in the middle of its {name}")
    if kind == "attachment":
        return describe_attachment(item, payload, place, owner)
    return Skipped(f"envelope {name}")


def _skip_payload(buffer: Buffer, size: int | None, limits: Limits) -> Payload:
    """Read a payload that is not an event, without holding a large one in memory.

    A length that cannot be right is used only if the payload is too large to check; otherwise the
    payload extends to the next line that may be a header.
    """
    bound = limits.attachment_bytes
    if size is None or (size <= bound and _find_end(buffer, size, bound) is None):
        return Payload(buffer.pieces_to(OBJECT_LINE), limits, is_line=True)
    return Payload(buffer.pieces_of(size), limits, is_line=False)


def _read_object(
    buffer: Buffer, kind: str, size: int | None, hints: Hints, limits: Limits
) -> Record | Reject:
    """Read the object that is the payload of an item."""
    end = None if size is None else _find_end(buffer, size, limits.event_bytes)
    buffer.hold(1)
    if end is not None and end > buffer.at:
        return take_object(buffer, end, limits, hints)
    if buffer.text[buffer.at : buffer.at + 1] == b"{":
        return read_object(buffer, limits, hints)
    what = "an event" if kind in EVENT_ITEMS else "an object"
    return buffer.reject_to(OBJECT_LINE, f"an item of type {kind} without {what} in it")


def _find_end(buffer: Buffer, size: int, bound: int) -> int | None:
    """Find the end of a payload; None if it is too large or its size cannot be right."""
    if size > bound:
        return None
    buffer.hold(size + 2)
    end = buffer.at + size
    rest = buffer.text[end : end + 2]
    is_right = end <= len(buffer.text) and (rest[:1] in (b"", b"\n") or rest == b"\r\n")
    return end if is_right else None
