"""Decode an export of any shape into a typed event."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import msgspec

from archive.errors import InvalidEventId
from archive.events.columns import read_text
from archive.events.convert import convert_for_tables
from archive.events.identity import digest_json, normalize_event_id
from archive.events.model import (
    Answer,
    Event,
    Exceptions,
    ExceptionValue,
    Request,
    Stacktrace,
    Threads,
    conform,
    decode,
)
from archive.exports.detect import Export
from archive.jsontext import compact_json, nests_deeper

MAX_DEPTH = 1_000
_PARSER_IS_BOUNDED = sys.version_info < (3, 12)  # by about the same depth

Entries = dict[str, Any]
"""The data of entries by type: raw JSON, or plain objects if the event was converted."""


@dataclass(frozen=True, slots=True)
class DecodedEvent:
    """An event, its IDs as text, and the entries that become rows or columns.

    has_own_id: whether the JSON contains the event's ID.
    """

    event: Event
    event_id: str
    has_own_id: bool
    project_id: str | None
    group_id: str | None
    digest: bytes
    entry_count: int
    exceptions: list[ExceptionValue]
    stacktrace: Stacktrace
    threads: Threads
    request: Request


def decode_event(export: Export) -> DecodedEvent:
    """Decode an exported event; one in a store shape is first converted to the API's shape.

    Raises InvalidEventId, ValueError if the text is not JSON in UTF-8, RecursionError.
    """
    if not export.raw.isascii():
        export.raw.decode()
    if not _PARSER_IS_BOUNDED and nests_deeper(export.raw, MAX_DEPTH):
        raise RecursionError("nested too deeply")
    digest = digest_json(compact_json(export.raw))
    event, group_id, entries = _decode_event(export)
    exceptions = _decode_entry(entries, "exception", Exceptions)
    own_id = _read_event_id(event.event_id)
    return DecodedEvent(
        event=event,
        event_id=own_id or _find_event_id(export, digest),
        has_own_id=own_id is not None,
        project_id=event.project_id or export.hints.project_id,
        group_id=None if group_id == "None" else group_id,
        digest=digest,
        entry_count=len(entries),
        exceptions=[value for value in exceptions.values or () if value],
        stacktrace=_decode_entry(entries, "stacktrace", Stacktrace),
        threads=_decode_entry(entries, "threads", Threads),
        request=_decode_entry(entries, "request", Request),
    )


def _decode_event(export: Export) -> tuple[Event, str | None, Entries]:
    """Decode the event, its group ID, and the first of its entries of each type."""
    hints = export.hints
    if export.shape.traits.is_answer:
        answer = decode(export.raw, Answer)
        event = answer.event or Event()
        return event, event.group_id or answer.group_id, _list_entries(event)
    if export.shape.traits.is_from_api:
        event = decode(export.raw, Event)
        return event, event.group_id or hints.group_id, _list_entries(event)
    converted = convert_for_tables(
        export.raw, export.shape, project_id=hints.project_id, group_id=hints.group_id
    )
    entries = {entry["type"]: entry["data"] for entry in reversed(converted.pop("entries"))}
    event = conform(converted, Event)
    return event, event.group_id or hints.group_id, entries


def _list_entries(event: Event) -> Entries:
    entries: Entries = {}
    for entry in event.entries or ():
        if entry and isinstance(entry.type, str):
            entries.setdefault(entry.type, entry.data)
    return entries


def _read_event_id(value: object) -> str | None:
    try:
        return normalize_event_id(read_text(value) or "")
    except InvalidEventId:
        return None


def _find_event_id(export: Export, digest: bytes) -> str:
    """Find the ID of an event without one; that of an SDK's event is the digest of its JSON.

    Sentry assigns a random ID; the digest gives the same event the same ID.
    """
    hinted = _read_event_id(export.hints.event_id)
    if hinted:
        return hinted
    if export.shape.traits.may_lack_id:
        return digest.hex()
    raise InvalidEventId()


def _decode_entry(entries: Entries, kind: str, model: type[Any]) -> Any:
    data = entries.get(kind)
    if isinstance(data, dict):
        return conform(data, model)
    try:
        return decode(data, model) if isinstance(data, msgspec.Raw) else model()
    except ValueError:
        return model()
