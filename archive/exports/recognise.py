"""Recognise what a JSON object is, by its keys, and take the events out of their wrapping.

The keys are those that Sentry's serializers and exporters write; a file's name is never asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import msgspec

from archive.exports.records import Place, Record
from archive.exports.shapes import DETAIL_ONLY, Shape
from archive.jsontext import list_elements, list_members

MAX_WRAPPINGS = 4

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Export:
    """An event as it was exported, and what its surroundings say about it.

    raw: the event's exact bytes; for the eventids shape the whole answer's.
    """

    shape: Shape
    raw: bytes
    place: Place
    organization_slug: str | None = None
    project_slug: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that belongs to an export but is no event; `kind` says what."""

    kind: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An object that is no event of a known shape; `reason` names what it is, if that is known."""

    place: Place
    reason: str
    raw: bytes


Recognised = Export | Skipped | Unsupported

# What a lone object that is no event turns out to be, by keys that only it has.
_STRANGERS: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(keys.split()), reason)
    for keys, reason in (
        ("model pk fields", "a row of `sentry export`: pass that file with --projects"),
        ("shortId permalink", "an issue, not an event: export its events"),
        ("action installation data", "an integration-platform webhook: not supported yet"),
        ("project_slug project_name event", "a legacy WebHooks plugin body: not supported yet"),
        ("s3Url eventID", "a pointer to an event in S3, not the event: load the bucket"),
        ("time source event", "a Splunk HEC event: not supported yet"),
        ("userId properties event", "a Segment event, which holds a few fields only"),
        ("eventId properties", "a Segment event, which holds a few fields only"),
        ("event_id exception", "an event in Sentry's store shape: not supported yet"),
        ("event_id platform", "an event in Sentry's store shape: not supported yet"),
        ("event_id datetime", "Sentry's JSON download of an event: not supported yet"),
        ("event_id timestamp", "an event in Sentry's store shape: not supported yet"),
        ("event_id dsn", "the header of an SDK envelope: not supported yet"),
        ("event_id sent_at", "the header of an SDK envelope: not supported yet"),
        ("id slug platform", "a project, not an event: pass its file with --projects"),
        ("id slug organization", "a project, not an event: pass its file with --projects"),
        ("data meta", "a Discover or Explore table, which holds chosen columns only"),
        ("detail", "an error answer of the API"),
        ("key totalValues", "a tag's details, not an event"),
        ("key value count", "a tag value, not an event"),
    )
)


def recognise(record: Record) -> Iterator[Recognised]:
    """The events that a record is or holds: each wrapped event gets a place of its own."""
    yield from _unwrap(record.raw, record.place, Export(Shape.FULL, b"", record.place), 0)


def _unwrap(raw: bytes, place: Place, around: Export, wrappings: int) -> Iterator[Recognised]:
    try:
        keys = _read_keys(raw)
    except ValueError as error:
        yield Unsupported(place, f"not valid JSON: {error}", raw)
        return
    shape = _recognise_event(keys)
    if shape is not None:
        yield _tell_slugs(replace(around, shape=shape, raw=raw, place=place), keys)
    elif wrappings == MAX_WRAPPINGS:
        yield Unsupported(place, f"wrapped more than {MAX_WRAPPINGS} times over", raw)
    elif keys.get("type", b"")[1:-1] in (b"STATE", b"SCHEMA", b"LOG", b"CATALOG", b"TRACE"):
        yield Skipped(f"connector {keys['type'][1:-1].decode().lower()}")
    elif (inner := _find_wrapped(raw, keys)) is not None:
        around = _tell_wrapper(around, keys)
        for event, offset in inner:
            at = replace(
                place,
                line=place.line + raw.count(b"\n", 0, offset),
                offset=place.offset + offset,
            )
            yield from _unwrap(event, at, around, wrappings + 1)
    else:
        yield Unsupported(place, _name_stranger(keys), raw)


def _read_keys(raw: bytes) -> Mapping[str, bytes]:
    """The members of an object, their values unread; of equal keys the last counts."""
    try:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        return {key: bytes(value) for key, value in members.items()}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {member.key: raw[member.value_start : member.end] for member in list_members(raw)}


def _recognise_event(keys: Mapping[str, bytes]) -> Shape | None:
    if "organizationSlug" in keys and "projectSlug" in keys and _is_object(keys.get("event")):
        return Shape.EVENTIDS
    if "eventID" not in keys or "s3Url" in keys:
        return None
    if "entries" not in keys:
        return Shape.SIMPLE
    return Shape.FULL if DETAIL_ONLY.isdisjoint(keys) else Shape.DETAIL


def _find_wrapped(raw: bytes, keys: Mapping[str, bytes]) -> list[tuple[bytes, int]] | None:
    """What may be events inside a wrapper, and where; None if it is no known wrapper."""
    key = _find_wrapping_key(keys)
    if key is not None:
        return [(keys[key], raw.find(keys[key]))]
    data = keys.get("data", b"")
    if data[:1] == b"[" and ("hasMore" in keys or "nextCursor" in keys):  # Sentry's new CLI
        base = raw.find(data)
        return [(data[start:end], base + start) for start, end in list_elements(data)]
    return None


def _find_wrapping_key(keys: Mapping[str, bytes]) -> str | None:
    if _is_object(keys.get("latestEvent")):  # a hash of an issue
        return "latestEvent"
    if {"project", "group"} <= keys.keys() and _is_object(keys.get("event")):  # a service hook
        return "event"
    if keys.get("type") == b'"RECORD"' and _is_object(keys.get("record")):  # Singer, Airbyte
        return "record"
    if "stream" in keys and _is_object(keys.get("data")):
        return "data"
    return None


def _tell_slugs(export: Export, keys: Mapping[str, bytes]) -> Export:
    """Add what an event's own members, or its path in an S3 bucket, say about its project."""
    return replace(
        export,
        organization_slug=_read_text(keys.get("organizationSlug")) or export.organization_slug,
        project_slug=_read_text(keys.get("projectSlug"))
        or export.project_slug
        or _read_path(keys, export.place),
    )


def _tell_wrapper(around: Export, keys: Mapping[str, bytes]) -> Export:
    """Add what a service hook says beside its event."""
    project, group = keys.get("project"), keys.get("group")
    return replace(
        around,
        project_slug=_read_member(project, "slug") or around.project_slug,
        group_id=_read_member(group, "id") or around.group_id,
    )


def _read_member(value: bytes | None, name: str) -> str | None:
    return _read_text(_read_keys(value).get(name)) if value and _is_object(value) else None


def _read_path(keys: Mapping[str, bytes], place: Place) -> str | None:
    """The project slug of an S3 object, `{project_slug}/{YYYY-MM-DD}/{event_id}`.

    The path counts only where it ends in the event's own ID (Sentry, the Amazon S3 forwarder).
    """
    event_id = (_read_text(keys.get("eventID")) or "").replace("-", "").lower()
    path = place.member or place.source
    if not event_id or not path.lower().endswith(event_id):
        return None
    parts = PurePosixPath(path if place.member else Path(path).absolute().as_posix()).parts
    if len(parts) >= 3 and _DAY.fullmatch(parts[-2]):
        return parts[-3].rpartition("!")[2]
    return None


def _name_stranger(keys: Mapping[str, bytes]) -> str:
    for known, reason in _STRANGERS:
        if known <= keys.keys():
            return reason
    shown = ", ".join(list(keys)[:8]) or "no members at all"
    return f"not an event of a known shape (an object with {shown})"


def _is_object(value: bytes | None) -> bool:
    return value is not None and value[:1] == b"{"


def _read_text(value: bytes | None) -> str | None:
    """A string or a number as text; anything else, and the empty string, is None."""
    if value is None:
        return None
    try:
        text = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return str(text) or None if isinstance(text, str | int) and not isinstance(text, bool) else None
