"""Flatten an event into rows: a record in, rows out, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.events.model import (
    ExceptionValue,
    Frame,
    Mechanism,
    Metadata,
    ReplayContext,
    Sdk,
    Stacktrace,
    TraceContext,
    User,
)
from archive.events.reading import ReadEvent, read_event
from archive.events.rows import EventRow, FrameRow, PayloadRow, Rows, TagRow
from archive.events.scalars import (
    read_bool,
    read_int32,
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
    tags = [
        TagRow(*owner, key, value)
        for tag in event.tags or ()
        if tag and (key := read_text(tag.key)) and (value := read_text(tag.value)) is not None
    ]
    frames = list(_flatten_frames(read, owner))
    row = _flatten_columns(read, {tag.key: tag.value for tag in reversed(tags)})
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
            frame_count=len(frames),
            tag_count=len(tags),
            size=len(export.raw),
            load_id=load_id,
            **row,
        ),
        frames=frames,
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
        "type": read_text(event.type) or read_text(event.event_type),
        "platform": read_text(event.platform),
        "level": tags.get("level"),
        "environment": tags.get("environment"),
        "release": tags.get("release"),
        "dist": read_text(event.dist) or tags.get("dist"),
        "logger": tags.get("logger"),
        "transaction_name": tags.get("transaction"),
        "server_name": tags.get("server_name"),
        "url": tags.get("url") or read_text(request.url),
        "title": read_text(event.title),
        "message": read_text(event.message),
        "culprit": read_text(event.culprit),
        "location": read_text(event.location),
        "user": tags.get("user") or _name_user(user),
        "user_id": read_text(user.id),
        "user_name": read_text(user.username),
        "user_email": read_text(user.email),
        "ip_address": read_text(user.ip_address),
        "sdk_name": read_text(sdk.name),
        "sdk_version": read_text(sdk.version),
        "http_method": read_text(request.method),
        "http_referer": _find_referer(request.headers),
        "trace_id": read_text(trace.trace_id),
        "span_id": read_text(trace.span_id),
        "replay_id": read_text(replay.replay_id) or tags.get("replayId"),
        "primary_hash": read_text(next(iter(event.fingerprints or ()), None)),
        "exception_type": read_text(main.type) or read_text(metadata.type),
        "exception_value": read_text(main.value) or read_text(metadata.value),
        "mechanism_type": read_text(mechanism.type),
        "handled": read_bool(mechanism.handled),
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
_Owner = tuple[str, int | None, int | None, int | None]
_Stack = tuple[str, int | None, str | None, str | None]  # source, stack_level, type, thread


def _flatten_frames(read: ReadEvent, owner: _Owner) -> Iterator[FrameRow]:
    for level, value in enumerate(read.exceptions):
        stack: _Stack = ("exception", level, read_text(value.type), read_text(value.thread_id))
        yield from _flatten_stack(value.stacktrace, owner, stack)
    yield from _flatten_stack(read.stacktrace, owner, ("stacktrace", None, None, None))
    for thread in read.threads.values or ():
        if thread:
            stack = ("threads", None, None, read_text(thread.id))
            yield from _flatten_stack(thread.stacktrace, owner, stack)


def _flatten_stack(
    stacktrace: Stacktrace | None, owner: _Owner, stack: _Stack
) -> Iterator[FrameRow]:
    """Rows of one stack; a null frame keeps its index and has no row."""
    frames = (stacktrace and stacktrace.frames) or ()
    last = max((index for index, frame in enumerate(frames) if frame), default=-1)
    for index, frame in enumerate(frames):
        if frame:
            lineno = read_int32(frame.line_no)
            yield FrameRow(
                *owner,
                *stack,
                index,
                index == last,
                read_text(frame.abs_path),
                read_text(frame.filename),
                read_text(frame.function),
                read_text(frame.raw_function),
                read_text(frame.module),
                read_text(frame.package),
                read_text(frame.platform),
                lineno,
                read_int32(frame.col_no),
                read_bool(frame.in_app),
                read_text(frame.instruction_addr),
                read_text(frame.symbol),
                read_text(frame.symbol_addr),
                read_text(frame.trust),
                _find_context_line(frame, lineno),
            )


def _find_context_line(frame: Frame, lineno: int | None) -> str | None:
    """The source line of a frame, out of the API's list of [line number, text]."""
    if lineno is None or not isinstance(frame.context, list):
        return None
    for line in frame.context:
        if isinstance(line, list) and len(line) == 2 and line[0] == lineno:
            return read_text(line[1])
    return None
