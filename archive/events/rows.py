"""The columns of every table: one row class per table, each column with its type and meaning.

Column names follow Snuba and Discover. Types are Arrow's, as text, so this layer does not import
Arrow. Timestamps are microseconds since 1970 in UTC. A value that does not fit its column, or a
text of more than a million characters, is null; the exact value is in `payloads.raw`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

import msgspec

from archive.events.model import Frame, Tag


@dataclass(frozen=True, slots=True)
class Column:
    """The Arrow type and the meaning of a column."""

    type: str
    meaning: str


_Text = str | None
_Int = int | None

_EventId = Annotated[str, Column("string", "The event's ID: 32 lower-case hex digits.")]
_EventKey = Annotated[
    int,
    Column(
        "int64",
        "Number of the event, for joins: unique in the archive until `compact` assigns new ones.",
    ),
]
_ProjectId = Annotated[_Int, Column("int64", "Numeric ID of the project; null if not numeric.")]
_GroupId = Annotated[_Int, Column("int64", "Numeric ID of the issue; null if there is none.")]
_ExportedSlug = Annotated[_Text, Column("string", "Slug contained in the export, if any.")]
_ProjectIdText = Annotated[_Text, Column("string", "ID of the project, as text.")]
_Timestamp = Annotated[_Int, Column("timestamp", "When the event happened.")]
_Received = Annotated[_Int, Column("timestamp", "When Sentry received the event.")]
_Shape = Annotated[
    str, Column("string", "Shape of the export: eventids, detail, full, simple, store, …")
]
_Raw = Annotated[bytes, Column("binary", "The exported JSON, byte for byte.")]
_OrganizationGiven = Annotated[
    bool | None, Column("bool", "Whether the organization slug comes from --org.")
]
_ProjectGiven = Annotated[
    bool | None, Column("bool", "Whether the project slug comes from --project.")
]
_Digest = Annotated[bytes, Column("digest", "BLAKE2b-128 of the compact JSON.")]


class Row(msgspec.Struct, gc=False):
    """A row of a table; its members are in column order."""


class EventRow(Row):
    """One row per event."""

    event_id: _EventId
    event_key: _EventKey
    organization_slug: Annotated[_Text, Column("string", "Slug of the organization.")]
    project_slug: Annotated[_Text, Column("string", "Slug of the project.")]
    project_id: _ProjectId
    group_id: _GroupId
    timestamp: _Timestamp
    received: _Received
    type: Annotated[_Text, Column("string", "error, default, transaction, csp, …")]
    platform: Annotated[_Text, Column("string", "Platform of the SDK: python, javascript, …")]
    level: Annotated[_Text, Column("string", "fatal, error, warning, info or debug.")]
    environment: Annotated[_Text, Column("string", "Environment: production, staging, …")]
    release: Annotated[_Text, Column("string", "Release, from the `release` tag.")]
    dist: Annotated[_Text, Column("string", "Distribution of the release.")]
    logger: Annotated[_Text, Column("string", "Name of the logger.")]
    transaction_name: Annotated[_Text, Column("string", "Transaction: the route or task.")]
    server_name: Annotated[_Text, Column("string", "Host that sent the event.")]
    url: Annotated[_Text, Column("string", "URL of the request, from the `url` tag.")]
    title: Annotated[_Text, Column("string", "Title, as shown in the issue list.")]
    message: Annotated[_Text, Column("string", "Log message.")]
    culprit: Annotated[_Text, Column("string", "Culprit: the function or route Sentry blames.")]
    location: Annotated[_Text, Column("string", "File or URI that belongs to the title.")]
    user: Annotated[_Text, Column("string", "User, from the `user` tag: id:1, email:a@b.c, …")]
    user_id: Annotated[_Text, Column("string", "ID of the user.")]
    user_name: Annotated[_Text, Column("string", "User name.")]
    user_email: Annotated[_Text, Column("string", "Email address of the user.")]
    ip_address: Annotated[_Text, Column("string", "IP address of the user.")]
    sdk_name: Annotated[_Text, Column("string", "Name of the SDK.")]
    sdk_version: Annotated[_Text, Column("string", "Version of the SDK.")]
    http_method: Annotated[_Text, Column("string", "Method of the HTTP request.")]
    http_referer: Annotated[_Text, Column("string", "Referer header of the HTTP request.")]
    trace_id: Annotated[_Text, Column("string", "ID of the trace.")]
    span_id: Annotated[_Text, Column("string", "ID of the span the event happened in.")]
    replay_id: Annotated[_Text, Column("string", "ID of the session replay.")]
    primary_hash: Annotated[_Text, Column("string", "First grouping hash.")]
    exception_type: Annotated[_Text, Column("string", "Type of the last exception.")]
    exception_value: Annotated[_Text, Column("string", "Message of the last exception.")]
    mechanism_type: Annotated[_Text, Column("string", "How the SDK caught the last exception.")]
    handled: Annotated[bool | None, Column("bool", "Whether the last exception was handled.")]
    exception_count: Annotated[int, Column("int32", "Number of exceptions in the chain.")]
    frame_count: Annotated[int, Column("int32", "Number of rows in `frames`.")]
    function_count: Annotated[int, Column("int32", "Number of frames with a function.")]
    tag_count: Annotated[int, Column("int32", "Number of rows in `tags`.")]
    entry_count: Annotated[int, Column("int32", "Number of entries: exception, breadcrumbs, …")]
    column_count: Annotated[
        int, Column("int32", "Number of non-null columns from `type` to `handled`.")
    ]
    num_processing_errors: Annotated[int, Column("int32", "Number of processing errors.")]
    size: Annotated[int, Column("int64", "Size of the exported JSON, in bytes.")]
    load_id: Annotated[str, Column("string", "Load that stored this version.")]
    organization_given: _OrganizationGiven
    project_given: _ProjectGiven


class FrameRow(Row):
    """One row per stack frame of exceptions, the top-level stacktrace and threads."""

    event_id: _EventId
    event_key: _EventKey
    project_id: _ProjectId
    group_id: _GroupId
    timestamp: _Timestamp
    release: Annotated[_Text, Column("string", "Release of the event.")]
    source: Annotated[str, Column("string", "exception, stacktrace or threads.")]
    stack_level: Annotated[_Int, Column("int32", "Index of the exception; 0 is the cause.")]
    exception_type: Annotated[_Text, Column("string", "Type of the frame's exception.")]
    thread_id: Annotated[_Text, Column("string", "Thread of the frame's stack.")]
    frame_index: Annotated[int, Column("int32", "Index in the stack; 0 is the oldest call.")]
    is_last: Annotated[bool, Column("bool", "Whether this is the newest call of its stack.")]
    first_in_event: Annotated[
        bool,
        Column(
            "bool",
            "Whether no earlier frame of the event has the same function, module "
            "and in_app. Counting these rows counts events.",
        ),
    ]
    is_crash: Annotated[
        bool,
        Column(
            "bool",
            "Whether the event crashed here: the last in-app frame, or the last frame if none is "
            "in-app, of the reported exception, else of its causes, the top-level stacktrace or "
            "the threads. At most one frame of an event.",
        ),
    ]
    abs_path: Annotated[_Text, Column("string", "Absolute path or URL of the file.")]
    filename: Annotated[_Text, Column("string", "File name.")]
    function: Annotated[_Text, Column("string", "Function.")]
    raw_function: Annotated[_Text, Column("string", "Function with its full signature.")]
    module: Annotated[_Text, Column("string", "Module.")]
    package: Annotated[_Text, Column("string", "Package or binary image.")]
    platform: Annotated[_Text, Column("string", "Platform, if it differs from the event's.")]
    lineno: Annotated[_Int, Column("int32", "Line number, from 1.")]
    colno: Annotated[_Int, Column("int32", "Column number.")]
    in_app: Annotated[bool | None, Column("bool", "Whether this is the application's own code.")]
    instruction_addr: Annotated[_Text, Column("string", "Instruction address, in hex.")]
    symbol: Annotated[_Text, Column("string", "Mangled symbol.")]
    symbol_addr: Annotated[_Text, Column("string", "Address of the symbol, in hex.")]
    trust: Annotated[_Text, Column("string", "How the stack walker found the frame (native).")]
    context_line: Annotated[_Text, Column("string", "Source line.")]


class FrameCountRow(Row):
    """Frame counts: one row per function, issue, release and day."""

    day: Annotated[date | None, Column("date", "Day of the events, in UTC.")]
    project_id: _ProjectId
    group_id: _GroupId
    release: Annotated[_Text, Column("string", "Release of the events.")]
    function: Annotated[_Text, Column("string", "Function.")]
    module: Annotated[_Text, Column("string", "Module, else the file, else the package.")]
    in_app: Annotated[bool | None, Column("bool", "Whether this is the application's own code.")]
    events: Annotated[int, Column("int64", "Events with the function on a stack.")]
    frames: Annotated[
        int, Column("int64", "Number of frames; more than events if the function recurses.")
    ]
    crashes: Annotated[int, Column("int64", "Events that crashed in it: see `frames.is_crash`.")]
    last_seen: Annotated[_Int, Column("timestamp", "Time of the newest of these events.")]


class TagRow(Row):
    """One row per tag."""

    event_id: _EventId
    event_key: _EventKey
    project_id: _ProjectId
    group_id: _GroupId
    timestamp: _Timestamp
    release: Annotated[_Text, Column("string", "Release of the event.")]
    key: Annotated[str, Column("string", "Key, as in the API, without `sentry:`.")]
    value: Annotated[_Text, Column("string", "Value.")]
    first_in_event: Annotated[
        bool,
        Column(
            "bool",
            "Whether no earlier tag of the event has the same key and value. Counting these rows "
            "counts events.",
        ),
    ]


class PayloadRow(Row):
    """One row per event, in the order of `events`: what was exported."""

    event_id: Annotated[_Text, Column("string", "The event's ID, if its JSON does not contain it.")]
    event_key: _EventKey
    organization_slug: _ExportedSlug
    project_slug: _ExportedSlug
    project_id: _ProjectIdText
    group_id: Annotated[_Text, Column("string", "ID of the issue, as text.")]
    shape: _Shape
    digest: _Digest
    organization_given: _OrganizationGiven
    project_given: _ProjectGiven
    raw: _Raw


class SupersededRow(Row):
    """One row per version of an event that was replaced, or not stored though it has more."""

    event_id: _EventId
    project_id: _ProjectIdText
    shape: Annotated[str, Column("string", "Shape of the export.")]
    digest: _Digest
    replaced_at: Annotated[int, Column("timestamp", "When a load replaced it.")]
    load_id: Annotated[str, Column("string", "The load that replaced it.")]
    raw: _Raw


class SourceRow(Row):
    """One row per loaded file."""

    load_id: Annotated[str, Column("string", "The load.")]
    path: Annotated[str, Column("string", "Path as specified; - for standard input.")]
    size: Annotated[int, Column("int64", "Size in bytes.")]
    sha256: Annotated[
        str,
        Column(
            "string",
            "SHA-256 of the file, in hex; if it has more than 4 MiB, of the SHA-256 digests of its "
            "blocks of 4 MiB.",
        ),
    ]
    read: Annotated[int, Column("int64", "Records read.")]
    rejected: Annotated[int, Column("int64", "Records rejected.")]
    skipped: Annotated[int, Column("int64", "Records skipped because they are not events.")]
    organization_slug: Annotated[_Text, Column("string", "Value of --org.")]
    project_slug: Annotated[_Text, Column("string", "Value of --project.")]


class LoadRow(Row):
    """One row per load."""

    load_id: Annotated[
        str, Column("string", "ID of the load: the number of its manifest and four random digits.")
    ]
    started: Annotated[int, Column("timestamp", "When it started.")]
    finished: Annotated[int, Column("timestamp", "When it was committed.")]
    version: Annotated[str, Column("string", "Version of Event Archive that ran the load.")]
    sources: Annotated[int, Column("int64", "Number of files read.")]
    read: Annotated[
        int,
        Column(
            "int64",
            "Records read: stored + updated + duplicate + learned + skipped + rejected.",
        ),
    ]
    stored: Annotated[int, Column("int64", "New events.")]
    updated: Annotated[int, Column("int64", "Events that replaced a less complete version.")]
    duplicate: Annotated[
        int, Column("int64", "Events already stored in this version or a better one.")
    ]
    rejected: Annotated[int, Column("int64", "Records written to `rejects/`.")]
    skipped: Annotated[int, Column("int64", "Records that are not events and are not kept.")]
    learned: Annotated[
        int,
        Column("int64", "Records that describe issues, projects, feedback or attachments."),
    ]
    learned_by_kind: Annotated[_Text, Column("string", "Number of learned records by kind.")]
    skipped_by_kind: Annotated[_Text, Column("string", "Number of skipped records by kind.")]


class IssueRow(Row):
    """One row per issue and export."""

    project_id: _ProjectId
    project_slug: Annotated[_Text, Column("string", "Slug of the project.")]
    organization_slug: Annotated[_Text, Column("string", "Slug of the organization.")]
    group_id: Annotated[int, Column("int64", "Numeric ID of the issue.")]
    short_id: Annotated[_Text, Column("string", "Short ID: CHECKOUT-API-1A.")]
    title: Annotated[_Text, Column("string", "Title.")]
    culprit: Annotated[_Text, Column("string", "Culprit.")]
    type: Annotated[_Text, Column("string", "error, default, csp, …")]
    level: Annotated[_Text, Column("string", "fatal, error, warning, info or debug.")]
    platform: Annotated[_Text, Column("string", "Platform: python, javascript, …")]
    logger: Annotated[_Text, Column("string", "Name of the logger.")]
    status: Annotated[_Text, Column("string", "unresolved, resolved, ignored, …")]
    substatus: Annotated[_Text, Column("string", "new, ongoing, escalating, regressed, …")]
    assignee: Annotated[_Text, Column("string", "Email or name of the user or team assigned.")]
    permalink: Annotated[_Text, Column("string", "URL of the issue in Sentry.")]
    times_seen: Annotated[_Int, Column("int64", "Number of events counted by Sentry.")]
    user_count: Annotated[_Int, Column("int64", "Number of users counted by Sentry.")]
    first_seen: Annotated[_Int, Column("timestamp", "First event seen by Sentry.")]
    last_seen: Annotated[_Int, Column("timestamp", "Last event seen by Sentry.")]
    as_of: Annotated[
        int, Column("timestamp", "When the exported file was last modified, or loaded if unknown.")
    ]
    load_id: Annotated[str, Column("string", "The load.")]


class FeedbackRow(Row):
    """One row per user feedback and export."""

    event_id: Annotated[_Text, Column("string", "ID of the event it is about.")]
    project_id: _ProjectId
    group_id: _GroupId
    id: Annotated[_Text, Column("string", "ID of the feedback.")]
    name: Annotated[_Text, Column("string", "Name of the user.")]
    email: Annotated[_Text, Column("string", "Email address of the user.")]
    comments: Annotated[_Text, Column("string", "Text of the feedback.")]
    timestamp: Annotated[_Int, Column("timestamp", "When it was written.")]
    load_id: Annotated[str, Column("string", "The load.")]


class AttachmentRow(Row):
    """One row per attachment and export."""

    event_id: Annotated[_Text, Column("string", "ID of the event it belongs to.")]
    project_id: _ProjectId
    id: Annotated[_Text, Column("string", "ID of the attachment.")]
    name: Annotated[_Text, Column("string", "Name of the file.")]
    type: Annotated[_Text, Column("string", "event.attachment, event.minidump, …")]
    size: Annotated[_Int, Column("int64", "Size in bytes.")]
    sha1: Annotated[_Text, Column("string", "SHA-1 of the file, in hex.")]
    content_type: Annotated[_Text, Column("string", "Content type: text/plain, image/png, …")]
    timestamp: Annotated[_Int, Column("timestamp", "When Sentry stored it.")]
    data: Annotated[
        bytes | None, Column("binary", "Content of the file; null if it was not exported.")
    ]
    load_id: Annotated[str, Column("string", "The load.")]


class Stack(NamedTuple):
    """A stack, oldest call first. Each frame becomes a row of `frames`.

    indexes: the position of each frame in the exported list, where nulls count but are dropped.
    """

    source: str
    stack_level: int | None
    exception_type: str | None
    thread_id: str | None
    indexes: Sequence[int]
    frames: list[Frame]


class FlatEvent(NamedTuple):
    """The rows of an event for every table; those of `frames` and `tags` are still nested."""

    event: EventRow
    stacks: list[Stack]
    tags: list[Tag]
    payload: PayloadRow


def cluster_key(
    project_slug: str | None, project_id: str | None, group_id: str | None, timestamp: int | None
) -> tuple[str, str, str, int]:
    """Return the sort key of events in a part: similar events are adjacent and compress well."""
    return project_slug or "", project_id or "", group_id or "", timestamp or 0


@cache
def list_columns(row: type[Row]) -> dict[str, Column]:
    """List the columns of a row class, in order."""
    hints = get_type_hints(row, include_extras=True)
    return {name: _find_column(hint) for name, hint in hints.items()}


def _find_column(hint: Any) -> Column:
    column: Column = hint.__metadata__[0]
    return column
