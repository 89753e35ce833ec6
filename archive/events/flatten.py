"""Flatten an event into rows: a record in, rows out, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.events.model import (
    ExceptionValue,
    Mechanism,
    Metadata,
    ReplayContext,
    Sdk,
    Stacktrace,
    TraceContext,
    User,
)
from archive.events.reading import ReadEvent, read_event
from archive.events.rows import EventRow, PayloadRow, Rows, Stack
from archive.events.scalars import (
    read_int64,
    read_text,
    read_timestamp,
)
from archive.exports.recognise import Export


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the owner says of events that do not tell it themselves."""

    organization_slug: str | None = None
    project_slug: str | None = None


def flatten_event(export: Export, load_id: str, defaults: Defaults) -> Rows:
    """The rows of one exported event.

    Raises InvalidEventId for an event without a usable ID, ValueError for text that is no JSON
    in UTF-8, RecursionError for JSON that nests too deeply.
    """
    read = read_event(export)
    event, event_id, project_id, group_id = (
        read.event,
        read.event_id,
        read.project_id,
        read.group_id,
    )
    timestamp = _first_timestamp(event.date_created, event.end_timestamp, event.date_received)
    owner = (event_id, read_int64(project_id), read_int64(group_id), timestamp)

    organization_slug = export.told.organization_slug or defaults.organization_slug
    project_slug = export.told.project_slug or defaults.project_slug
    tags = [tag for tag in event.tags or () if tag and tag.key and tag.value is not None]
    stacks = list(_list_stacks(read))
    row = _flatten_columns(read, {tag.key or "": tag.value for tag in reversed(tags)})
    received = read_timestamp(event.date_received)
    return Rows(
        event=EventRow(
            event_id=event_id,
            organization_slug=organization_slug,
            project_slug=project_slug,
            project_id=owner[1],
            group_id=owner[2],
            timestamp=timestamp,
            received=received,
            frame_count=sum(len(stack.frames) for stack in stacks),
            tag_count=len(tags),
            size=len(export.raw),
            load_id=load_id,
            **row,
        ),
        stacks=stacks,
        tags=tags,
        payload=PayloadRow(
            event_id=event_id,
            organization_slug=organization_slug,
            project_slug=project_slug,
            project_id=project_id,
            group_id=group_id,
            timestamp=timestamp,
            received=received,
            shape=export.shape.value,
            digest=read.digest,
            raw=export.raw,
        ),
    )


def _first_timestamp(*values: Any) -> int | None:
    return next((t for value in values if (t := read_timestamp(value)) is not None), None)


def _flatten_columns(read: ReadEvent, tags: dict[str, str | None]) -> dict[str, Any]:
    """The columns of `events` that are neither identity nor counts of rows.

    Promoted tags and names follow Snuba's errors table (snuba, storages/errors.yaml).
    """
    event, request = read.event, read.request
    user, sdk = event.user or User(), event.sdk or Sdk()
    contexts = event.contexts
    trace = (contexts and contexts.trace) or TraceContext()
    replay = (contexts and contexts.replay) or ReplayContext()
    main = read.exceptions[-1] if read.exceptions else ExceptionValue()
    mechanism = main.mechanism or Mechanism()
    metadata = event.metadata or Metadata()
    return {
        "type": event.type or event.event_type,
        "platform": event.platform,
        "level": tags.get("level"),
        "environment": tags.get("environment"),
        "release": tags.get("release"),
        "dist": event.dist or tags.get("dist"),
        "logger": tags.get("logger"),
        "transaction_name": tags.get("transaction"),
        "server_name": tags.get("server_name"),
        "url": tags.get("url") or request.url,
        "title": event.title,
        "message": event.message,
        "culprit": event.culprit,
        "location": event.location,
        "user": tags.get("user") or _name_user(user),
        "user_id": user.id,
        "user_name": user.username,
        "user_email": user.email,
        "ip_address": user.ip_address,
        "sdk_name": sdk.name,
        "sdk_version": sdk.version,
        "http_method": request.method,
        "http_referer": _find_referer(request.headers),
        "trace_id": trace.trace_id,
        "span_id": trace.span_id,
        "replay_id": replay.replay_id or tags.get("replayId"),
        "primary_hash": read_text(next(iter(event.fingerprints or ()), None)),
        "exception_type": main.type or metadata.type,
        "exception_value": main.value or metadata.value,
        "mechanism_type": mechanism.type,
        "handled": mechanism.handled,
        "exception_count": len(read.exceptions),
        "num_processing_errors": len(event.errors or ()),
    }


def _name_user(user: User) -> str | None:
    """The value of the tag `user` (Sentry, event_manager.py: get_tag for EventUser)."""
    for prefix, value in (
        ("id", user.id),
        ("username", user.username),
        ("email", user.email),
        ("ip", user.ip_address),
    ):
        if text := read_text(value):
            return f"{prefix}:{text}"
    return None


def _find_referer(headers: list[Any] | None) -> str | None:
    for header in headers or ():
        if isinstance(header, list) and len(header) == 2 and header[0] in _REFERER:
            return read_text(header[1])
    return None


_REFERER = ("Referer", "Referrer", "referer", "referrer")


def _list_stacks(read: ReadEvent) -> Iterator[Stack]:
    for level, value in enumerate(read.exceptions):
        stack = "exception", level, value.type, read_text(value.thread_id)
        yield from _read_stack(value.stacktrace, *stack)
    yield from _read_stack(read.stacktrace, "stacktrace", None, None, None)
    for thread in read.threads.values or ():
        if thread:
            yield from _read_stack(thread.stacktrace, "threads", None, None, read_text(thread.id))


def _read_stack(
    stacktrace: Stacktrace | None,
    source: str,
    level: int | None,
    exception_type: str | None,
    thread_id: str | None,
) -> Iterator[Stack]:
    frames = stacktrace and stacktrace.frames
    if frames:
        indexes = [index for index, frame in enumerate(frames) if frame is not None]
        present = [frame for frame in frames if frame is not None]
        if present:
            yield Stack(source, level, exception_type, thread_id, indexes, present)
