"""Flatten an event into rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgspec.structs import astuple

from archive.events.columns import first_timestamp, read_int64, read_text, read_timestamp
from archive.events.decode import DecodedEvent, decode_event
from archive.events.longtext import MAX_TEXT_CHARS, drop_long_texts
from archive.events.model import (
    ExceptionValue,
    Mechanism,
    Metadata,
    ReplayContext,
    Sdk,
    Stacktrace,
    Tag,
    TraceContext,
    User,
)
from archive.events.rows import EventRow, FlatEvent, PayloadRow, Stack, list_columns
from archive.exports.detect import Export


@dataclass(frozen=True, slots=True)
class Defaults:
    """Slugs for events that do not specify them, from options."""

    organization_slug: str | None = None
    project_slug: str | None = None


def flatten_event(export: Export, load_id: str, defaults: Defaults) -> FlatEvent:
    """Flatten one exported event.

    Raises InvalidEventId if it has no valid ID, ValueError if the text is not JSON in UTF-8,
    RecursionError if it nests too deeply.
    """
    read, hints = decode_event(export), export.hints
    event = read.event
    tags = [tag for tag in event.tags or () if tag and tag.key and tag.value is not None]
    stacks = list(_list_stacks(read))
    payload = PayloadRow(
        event_id=None if read.has_own_id else read.event_id,
        event_key=0,  # until it is staged
        organization_slug=hints.organization_slug or defaults.organization_slug,
        project_slug=hints.project_slug or defaults.project_slug,
        project_id=read.project_id,
        group_id=read.group_id,
        shape=export.shape.value,
        digest=read.digest,
        organization_given=not hints.organization_slug and defaults.organization_slug is not None,
        project_given=not hints.project_slug and defaults.project_slug is not None,
        raw=export.raw,
    )
    columns = _flatten_columns(read, payload, stacks, tags, load_id)
    columns.column_count = _count_values(columns)
    rows = FlatEvent(columns, stacks, tags, payload)
    return drop_long_texts(rows) if len(export.raw) > MAX_TEXT_CHARS else rows


def _count_values(columns: EventRow) -> int:
    """Count the columns that come from the event itself, not from hints or options."""
    values = astuple(columns)[_OWN_COLUMNS]
    return len(values) - values.count(None)


def _flatten_columns(
    read: DecodedEvent, payload: PayloadRow, stacks: list[Stack], tags: list[Tag], load_id: str
) -> EventRow:
    """Build the row of `events`.

    Promoted tags and names follow Snuba's errors table (snuba, storages/errors.yaml).
    """
    event, request, contexts = read.event, read.request, read.event.contexts
    user, sdk = event.user or _NO_USER, event.sdk or _NO_SDK
    trace = (contexts and contexts.trace) or _NO_TRACE
    replay = (contexts and contexts.replay) or _NO_REPLAY
    main = read.exceptions[-1] if read.exceptions else _NO_EXCEPTION
    mechanism, metadata = main.mechanism or _NO_MECHANISM, event.metadata or _NO_METADATA
    tag = {tag.key: tag.value for tag in reversed(tags)}
    return EventRow(
        event_id=read.event_id,
        event_key=payload.event_key,
        organization_slug=payload.organization_slug,
        project_slug=payload.project_slug,
        project_id=read_int64(payload.project_id),
        group_id=read_int64(payload.group_id),
        timestamp=first_timestamp(event.date_created, event.end_timestamp, event.date_received),
        received=read_timestamp(event.date_received),
        type=event.type or event.event_type,
        platform=event.platform,
        level=tag.get("level", event.level or None),
        environment=tag.get("environment", event.environment or None),
        release=tag.get("release", _read_release(event.release)),
        dist=event.dist or tag.get("dist"),
        logger=tag.get("logger", event.logger or None),
        transaction_name=tag.get("transaction", event.transaction or None),
        server_name=tag.get("server_name", event.server_name or None),
        url=tag.get("url") or request.url,
        title=event.title,
        message=event.message,
        culprit=event.culprit,
        location=event.location,
        user=tag.get("user") or _name_user(user),
        user_id=user.id,
        user_name=user.username,
        user_email=user.email,
        ip_address=user.ip_address,
        sdk_name=sdk.name,
        sdk_version=sdk.version,
        http_method=request.method,
        http_referer=_find_referer(request.headers),
        trace_id=trace.trace_id,
        span_id=trace.span_id,
        replay_id=replay.replay_id or tag.get("replayId"),
        primary_hash=read_text(event.fingerprints[0]) if event.fingerprints else None,
        exception_type=main.type or metadata.type,
        exception_value=main.value or metadata.value,
        mechanism_type=mechanism.type,
        handled=mechanism.handled,
        exception_count=len(read.exceptions),
        frame_count=sum(len(stack.frames) for stack in stacks),
        function_count=sum(1 for stack in stacks for frame in stack.frames if frame.function),
        tag_count=len(tags),
        entry_count=read.entry_count,
        column_count=0,  # until all columns are known
        num_processing_errors=len(event.errors or ()),
        size=len(payload.raw),
        load_id=load_id,
        organization_given=payload.organization_given,
        project_given=payload.project_given,
    )


def _name_user(user: User) -> str | None:
    """Return the value of the tag `user` (Sentry, event_manager.py: get_tag for EventUser)."""
    for prefix, value in (
        ("id", user.id),
        ("username", user.username),
        ("email", user.email),
        ("ip", user.ip_address),
    ):
        if text := read_text(value):
            return f"{prefix}:{text}"
    return None


def _read_release(release: Any) -> str | None:
    """Read a release's version; in event details the release is an object."""
    return read_text(release.get("version") if isinstance(release, dict) else release) or None


def _find_referer(headers: list[Any] | None) -> str | None:
    for header in headers or ():
        if isinstance(header, list) and len(header) == 2 and header[0] in _REFERER:
            return read_text(header[1])
    return None


_COLUMNS = list(list_columns(EventRow))
_OWN_COLUMNS = slice(_COLUMNS.index("type"), _COLUMNS.index("exception_count"))
_REFERER = ("Referer", "Referrer", "referer", "referrer")
_NO_USER, _NO_SDK, _NO_TRACE, _NO_REPLAY = User(), Sdk(), TraceContext(), ReplayContext()
_NO_EXCEPTION, _NO_MECHANISM, _NO_METADATA = ExceptionValue(), Mechanism(), Metadata()


def _list_stacks(read: DecodedEvent) -> Iterator[Stack]:
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
