"""Recognise what a JSON object is, by its keys, and take the events out of their wrapping.

The keys are those that Sentry's serializers and exporters write; a file's name is never asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from archive.exports.members import Members, find_opening, is_object, read_members, read_text
from archive.exports.records import Place, Record, Skipped
from archive.exports.shapes import DETAIL_ONLY, NOTHING_TOLD, Shape, Told
from archive.exports.wrappers import find_wrapped

MAX_WRAPPINGS = 4

_ID = re.compile(r"[0-9a-fA-F]{32}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLUG = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Export:
    """An event as it was exported, and what its surroundings say about it.

    raw: the event's exact bytes; for the eventids shape the whole answer's.
    """

    shape: Shape
    raw: bytes
    place: Place
    told: Told = NOTHING_TOLD


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An object that is no event of a known shape; `reason` names what it is, if that is known."""

    place: Place
    reason: str
    raw: bytes


Recognised = Export | Skipped | Unsupported

# Members that only ingestion adds: no SDK sends them (Relay, processing; Sentry, event_manager.py).
_STORED_ONLY = frozenset({"received", "hashes", "nodestore_insert", "_ref"})
# Members of an event as an SDK sends it (Relay, event schema).
_INTERFACES = frozenset(
    {"exception", "stacktrace", "threads", "logentry", "breadcrumbs", "request", "spans"}
)
_REPORTS = frozenset({"csp", "hpkp", "expectct", "expectstaple", "nel"})
_SENT = (
    _INTERFACES
    | _REPORTS
    | {
        "template",
        "debug_meta",
        "platform",
        "message",
        "timestamp",
        "level",
        "type",
        "sdk",
        "tags",
        "contexts",
        "transaction",
        "user",
        "extra",
        "release",
        "environment",
        "culprit",
    }
)
_ENVELOPE_HEADER = frozenset({"event_id", "dsn", "sent_at", "sdk", "trace"})
_QUEUE_OPERATION = frozenset({"transaction_id", "project_id", "datetime"})
_CONNECTOR_TYPES = {"STATE", "SCHEMA", "LOG", "CATALOG", "TRACE", "ACTIVATE_VERSION"}

# What an object that is no event turns out to be, by keys that only it has.
_STRANGERS: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(keys.split()), reason)
    for keys, reason in (
        ("model pk fields", "a row of `sentry export`: pass that file with --projects"),
        ("shortId permalink", "an issue, not an event: export its events"),
        ("s3Url eventID", "a pointer to an event in S3, not the event: load the bucket"),
        ("userId properties event", "a Segment event, which holds a few fields only"),
        ("eventId properties", "a Segment event, which holds a few fields only"),
        ("id slug platform", "a project, not an event: pass its file with --projects"),
        ("id slug organization", "a project, not an event: pass its file with --projects"),
        ("data meta", "a Discover or Explore table, which holds chosen columns only"),
        ("action installation data", "a webhook about something else than an event"),
        ("detail", "an error answer of the API"),
        ("key totalValues", "a tag's details, not an event"),
        ("key value count", "a tag value, not an event"),
    )
)


def recognise(record: Record) -> Iterator[Recognised]:
    """The events that a record is or holds: each wrapped event gets a place of its own."""
    yield from _unwrap(record.raw, record.members, record.place, record.told, 0)


def _unwrap(
    raw: bytes, known: Members | None, place: Place, told: Told, wrappings: int
) -> Iterator[Recognised]:
    try:
        members = known or read_members(raw)
        wrapped = None if (shape := _find_shape(members, told)) else find_wrapped(raw, members)
    except ValueError as error:
        yield Unsupported(place, f"not valid JSON: {error}", raw)
        return
    if shape:
        yield Export(shape, raw, place, told.add(_tell_slugs(members, place)))
    elif wrapped is not None and wrappings == MAX_WRAPPINGS:
        yield Unsupported(place, f"wrapped more than {MAX_WRAPPINGS} times over", raw)
    elif wrapped is not None:
        for inner in wrapped:
            line = place.line + raw.count(b"\n", 0, inner.offset)
            at = replace(place, line=line, offset=place.offset + inner.offset)
            yield from _unwrap(inner.raw, None, at, told.add(inner.told), wrappings + 1)
    elif (kind := read_text(members.get("type"))) in _CONNECTOR_TYPES:
        yield Skipped(f"connector {kind.lower()}")
    elif members.keys() & {"skip_consume", "group_states"} or members.keys() >= _QUEUE_OPERATION:
        yield Skipped("queue state")
    else:
        yield Unsupported(place, _name_stranger(members), raw)


def _find_shape(members: Members, told: Told) -> Shape | None:
    if "organizationSlug" in members and "projectSlug" in members:
        return Shape.EVENTIDS if is_object(members.get("event")) else None
    if "eventID" in members and "s3Url" not in members:
        if "entries" not in members:
            return Shape.SIMPLE
        return Shape.FULL if DETAIL_ONLY.isdisjoint(members) else Shape.DETAIL
    if told.shape:
        return told.shape
    return _find_stored_shape(members)


def _find_stored_shape(members: Members) -> Shape | None:
    """Which of the snake_case shapes it is.

    An SDK's event without an ID must show that it is one: application logs, too, have a level,
    a message and an exception.
    """
    keys = members.keys()
    is_legacy = any(key.startswith("sentry.interfaces.") for key in keys)
    if "event_id" in keys:
        if {"project_id", "data"} <= keys or keys <= _ENVELOPE_HEADER:
            return None
        if not (is_legacy or keys & _SENT):
            return None
        if "project" in keys and find_opening(members.get("datetime")) == b'"':
            return Shape.DOWNLOAD
        stored = {"title", "location"} <= keys or bool(keys & _STORED_ONLY)
        return Shape.STORE if stored else Shape.SDK
    sent = (
        is_legacy
        or {"_meta", "request"} <= keys
        or bool(keys & _INTERFACES and keys & {"platform", "sdk", "debug_meta"})
        or {"platform", "sdk"} <= keys
    )
    return Shape.SDK if sent else None


def _tell_slugs(members: Members, place: Place) -> Told:
    """What an event's own members, or its path in an S3 bucket, say about its project."""
    organization_slug = read_text(members.get("organizationSlug"))
    project_slug = read_text(members.get("projectSlug")) or _read_path(members, place)
    if not organization_slug and not project_slug:
        return NOTHING_TOLD
    return Told(organization_slug=organization_slug, project_slug=project_slug)


def _read_path(members: Members, place: Place) -> str | None:
    """The project slug of an S3 object, `{project_slug}/{YYYY-MM-DD}/{event_id}`.

    The path counts only where it ends in the event's own ID (Sentry, the Amazon S3 forwarder).
    """
    path = place.member or place.source
    if not _ID.fullmatch(path[-32:]):
        return None
    event_id = (read_text(members.get("eventID")) or "").replace("-", "").lower()
    if not event_id or not path.lower().endswith(event_id):
        return None
    parts = PurePosixPath(path if place.member else Path(path).absolute().as_posix()).parts
    if len(parts) >= 3 and _DAY.fullmatch(parts[-2]):
        slug = parts[-3].rpartition("!")[2]
        return slug if _SLUG.fullmatch(slug) else None
    return None


def _name_stranger(members: Members) -> str:
    if not members:
        return "an empty object"
    if members.keys() <= _ENVELOPE_HEADER:
        return "the header of an SDK envelope without its items"
    for known, reason in _STRANGERS:
        if known <= members.keys():
            return reason
    shown = ", ".join(list(members)[:8])
    return f"not an event of a known shape (an object with {shown})"
