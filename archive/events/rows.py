"""The tables' columns, in one place: a row class a table, each column with its type and meaning.

Names are Snuba's and Discover's where they exist. The types are Arrow's, as text, so that this
layer needs no Arrow. All timestamps are microseconds since 1970 in UTC. A value that does not
fit its column, or a text of more than a million characters, is null; the exact one is in
`payloads.raw`.
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
    """A column's Arrow type and what it holds."""

    type: str
    meaning: str


_Text = str | None
_Int = int | None

_EventId = Annotated[str, Column("string", "The event's ID: 32 lower-case hex digits.")]
_ProjectId = Annotated[_Int, Column("int64", "Numeric ID of the project; null if not numeric.")]
_GroupId = Annotated[_Int, Column("int64", "Numeric ID of the issue; null if there is none.")]
_Timestamp = Annotated[_Int, Column("timestamp", "When the event happened.")]
_OrganizationGiven = Annotated[
    bool | None, Column("bool", "Whether the organization's slug is from --org, not from the data.")
]
_ProjectGiven = Annotated[
    bool | None, Column("bool", "Whether the project's slug is from --project, not from the data.")
]
_FunctionCount = Annotated[_Int, Column("int32", "Number of frames that have a function.")]
_TagCount = Annotated[_Int, Column("int32", "Number of tags.")]
_EntryCount = Annotated[_Int, Column("int32", "Number of entries: exception, breadcrumbs, …")]
_ColumnCount = Annotated[
    _Int, Column("int32", "Number of columns of `events`, from `type` to `handled`, with a value.")
]
_Digest = Annotated[bytes, Column("digest", "BLAKE2b-128 of the compact JSON.")]


class Row(msgspec.Struct, gc=False):
    """A row of a table; its members stand in the order of the columns."""


class EventRow(Row):
    """One row an event."""

    event_id: _EventId
    organization_slug: Annotated[_Text, Column("string", "Slug of the organization.")]
    project_slug: Annotated[_Text, Column("string", "Slug of the project.")]
    project_id: _ProjectId
    group_id: _GroupId
    timestamp: _Timestamp
    received: Annotated[_Int, Column("timestamp", "When Sentry received the event.")]
    type: Annotated[_Text, Column("string", "error, default, transaction, csp, …")]
    platform: Annotated[_Text, Column("string", "Platform of the SDK: python, javascript, …")]
    level: Annotated[_Text, Column("string", "fatal, error, warning, info or debug.")]
    environment: Annotated[_Text, Column("string", "Environment: production, staging, …")]
    release: Annotated[_Text, Column("string", "Release, as the tag says it.")]
    dist: Annotated[_Text, Column("string", "Distribution of the release.")]
    logger: Annotated[_Text, Column("string", "Name of the logger.")]
    transaction_name: Annotated[_Text, Column("string", "Transaction: the route or task.")]
    server_name: Annotated[_Text, Column("string", "Host that sent the event.")]
    url: Annotated[_Text, Column("string", "URL of the request, as the tag says it.")]
    title: Annotated[_Text, Column("string", "Title, as the issue list shows it.")]
    message: Annotated[_Text, Column("string", "Log message.")]
    culprit: Annotated[_Text, Column("string", "Where Sentry saw the fault.")]
    location: Annotated[_Text, Column("string", "File or URI that the title belongs to.")]
    user: Annotated[_Text, Column("string", "User as the tag says: id:1, email:a@b.c, …")]
    user_id: Annotated[_Text, Column("string", "ID of the user.")]
    user_name: Annotated[_Text, Column("string", "User name.")]
    user_email: Annotated[_Text, Column("string", "E-mail address of the user.")]
    ip_address: Annotated[_Text, Column("string", "IP address of the user.")]
    sdk_name: Annotated[_Text, Column("string", "Name of the SDK.")]
    sdk_version: Annotated[_Text, Column("string", "Version of the SDK.")]
    http_method: Annotated[_Text, Column("string", "Method of the HTTP request.")]
    http_referer: Annotated[_Text, Column("string", "Referer header of the HTTP request.")]
    trace_id: Annotated[_Text, Column("string", "Trace that the event belongs to.")]
    span_id: Annotated[_Text, Column("string", "Span in which the event happened.")]
    replay_id: Annotated[_Text, Column("string", "Session replay that shows the event.")]
    primary_hash: Annotated[_Text, Column("string", "First grouping hash.")]
    exception_type: Annotated[_Text, Column("string", "Type of the last exception.")]
    exception_value: Annotated[_Text, Column("string", "Message of the last exception.")]
    mechanism_type: Annotated[_Text, Column("string", "How the SDK caught the last exception.")]
    handled: Annotated[bool | None, Column("bool", "Whether the code handled it.")]
    exception_count: Annotated[int, Column("int32", "Number of exceptions in the chain.")]
    frame_count: Annotated[int, Column("int32", "Number of this event's rows in `frames`.")]
    tag_count: Annotated[int, Column("int32", "Number of this event's rows in `tags`.")]
    num_processing_errors: Annotated[int, Column("int32", "Number of processing errors.")]
    size: Annotated[int, Column("int64", "Size of the exported JSON, in bytes.")]
    load_id: Annotated[str, Column("string", "The load that brought this version in.")]
    organization_given: _OrganizationGiven
    project_given: _ProjectGiven


class FrameRow(Row):
    """One row a stack frame, of exceptions, of the top-level stacktrace and of threads."""

    event_id: _EventId
    project_id: _ProjectId
    group_id: _GroupId
    timestamp: _Timestamp
    release: Annotated[_Text, Column("string", "Release of the event.")]
    source: Annotated[str, Column("string", "exception, stacktrace or threads.")]
    stack_level: Annotated[_Int, Column("int32", "Index of the exception; 0 is the cause.")]
    exception_type: Annotated[_Text, Column("string", "Type of the frame's exception.")]
    thread_id: Annotated[_Text, Column("string", "Thread of the frame's stack.")]
    frame_index: Annotated[int, Column("int32", "Place in the stack; 0 is the oldest call.")]
    is_last: Annotated[bool, Column("bool", "Whether it is the newest call of its stack.")]
    first_in_event: Annotated[
        bool,
        Column(
            "bool",
            "Whether no frame before it in the event is of the same function, module "
            "(or file) and in_app: these are counted to count events.",
        ),
    ]
    abs_path: Annotated[_Text, Column("string", "Absolute path or URL of the file.")]
    filename: Annotated[_Text, Column("string", "File, as the title shows it.")]
    function: Annotated[_Text, Column("string", "Function.")]
    raw_function: Annotated[_Text, Column("string", "Function with its full signature.")]
    module: Annotated[_Text, Column("string", "Module.")]
    package: Annotated[_Text, Column("string", "Package or binary image.")]
    platform: Annotated[_Text, Column("string", "Platform, where it is not the event's.")]
    lineno: Annotated[_Int, Column("int32", "Line, from 1.")]
    colno: Annotated[_Int, Column("int32", "Column.")]
    in_app: Annotated[bool | None, Column("bool", "Whether it is the application's own code.")]
    instruction_addr: Annotated[_Text, Column("string", "Instruction address, in hex.")]
    symbol: Annotated[_Text, Column("string", "Symbol before demangling.")]
    symbol_addr: Annotated[_Text, Column("string", "Address of the symbol, in hex.")]
    trust: Annotated[_Text, Column("string", "How a native stack walker found the frame.")]
    context_line: Annotated[_Text, Column("string", "The line of source code.")]


class FrameCountRow(Row):
    """One row a function of an issue, release and day: its frames, counted."""

    day: Annotated[date | None, Column("date", "Day (UTC) on which the events happened.")]
    project_id: _ProjectId
    group_id: _GroupId
    release: Annotated[_Text, Column("string", "Release of the events.")]
    function: Annotated[_Text, Column("string", "Function.")]
    module: Annotated[_Text, Column("string", "Module, or the file where there is no module.")]
    in_app: Annotated[bool | None, Column("bool", "Whether it is the application's own code.")]
    events: Annotated[int, Column("int64", "Events with the function on a stack.")]
    frames: Annotated[int, Column("int64", "Frames; more than events where it recurses.")]
    crashes: Annotated[int, Column("int64", "Exceptions whose stack it was the newest call of.")]
    last_seen: Annotated[_Int, Column("timestamp", "When the newest of the events happened.")]


class TagRow(Row):
    """One row a tag."""

    event_id: _EventId
    project_id: _ProjectId
    group_id: _GroupId
    timestamp: _Timestamp
    key: Annotated[str, Column("string", "Key as the API shows it, without `sentry:`.")]
    value: Annotated[_Text, Column("string", "Value.")]


class PayloadRow(Row):
    """One row an event, in the order of `events`: the exported bytes, the truth."""

    event_id: _EventId
    organization_slug: Annotated[_Text, Column("string", "Slug that the export told, if any.")]
    project_slug: Annotated[_Text, Column("string", "Slug that the export told, if any.")]
    project_id: Annotated[_Text, Column("string", "ID of the project, as text.")]
    group_id: Annotated[_Text, Column("string", "ID of the issue, as text.")]
    timestamp: _Timestamp
    received: Annotated[_Int, Column("timestamp", "When Sentry received the event.")]
    shape: Annotated[
        str, Column("string", "Shape of the export: eventids, detail, full, simple, store, …")
    ]
    digest: _Digest
    organization_given: _OrganizationGiven
    project_given: _ProjectGiven
    function_count: _FunctionCount
    tag_count: _TagCount
    entry_count: _EntryCount
    column_count: _ColumnCount
    raw: Annotated[bytes, Column("binary", "The JSON, byte for byte as it was exported.")]


class IndexRow(Row):
    """One row an event, sorted by event_id: where its payload is, and what settles which wins."""

    event_id: _EventId
    organization_slug: Annotated[_Text, Column("string", "Slug that the export told, if any.")]
    project_slug: Annotated[_Text, Column("string", "Slug that the export told, if any.")]
    project_id: Annotated[_Text, Column("string", "ID of the project, as text.")]
    timestamp: _Timestamp
    received: Annotated[_Int, Column("timestamp", "When Sentry received the event.")]
    shape: Annotated[
        str, Column("string", "Shape of the export: eventids, detail, full, simple, store, …")
    ]
    digest: _Digest
    organization_given: _OrganizationGiven
    project_given: _ProjectGiven
    function_count: _FunctionCount
    tag_count: _TagCount
    entry_count: _EntryCount
    column_count: _ColumnCount
    part: Annotated[str, Column("string", "The part, `payloads/<part>.parquet`.")]
    row: Annotated[int, Column("int64", "Row in that part, from 0.")]


class SupersededRow(Row):
    """One row per version of an event that was replaced, or that is fuller in some way."""

    event_id: _EventId
    project_id: Annotated[_Text, Column("string", "ID of the project, as text.")]
    shape: Annotated[str, Column("string", "Shape of the export.")]
    digest: _Digest
    replaced_at: Annotated[int, Column("timestamp", "When a load replaced it.")]
    load_id: Annotated[str, Column("string", "The load that replaced it.")]
    raw: Annotated[bytes, Column("binary", "The JSON, byte for byte as it was exported.")]


class SourceRow(Row):
    """One row a file that was loaded."""

    load_id: Annotated[str, Column("string", "The load.")]
    path: Annotated[str, Column("string", "Path as it was given; - for standard input.")]
    size: Annotated[int, Column("int64", "Size in bytes.")]
    sha256: Annotated[str, Column("string", "SHA-256 of the file, in hex.")]
    read: Annotated[int, Column("int64", "Records read from it.")]
    rejected: Annotated[int, Column("int64", "Records of it that were rejected.")]
    skipped: Annotated[int, Column("int64", "Records of it that are not events and were skipped.")]
    organization_slug: Annotated[_Text, Column("string", "What the load's --org said.")]
    project_slug: Annotated[_Text, Column("string", "What the load's --project said.")]


class IssueRow(Row):
    """One row per issue in each export that describes it."""

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
    times_seen: Annotated[_Int, Column("int64", "Events that Sentry counted.")]
    user_count: Annotated[_Int, Column("int64", "Users that Sentry counted.")]
    first_seen: Annotated[_Int, Column("timestamp", "First event that Sentry saw.")]
    last_seen: Annotated[_Int, Column("timestamp", "Last event that Sentry saw.")]
    as_of: Annotated[
        int, Column("timestamp", "When the exported file was last modified, or else loaded.")
    ]
    load_id: Annotated[str, Column("string", "The load.")]


class FeedbackRow(Row):
    """One row per user feedback in each export that has it."""

    event_id: Annotated[_Text, Column("string", "ID of the event that it is about.")]
    project_id: _ProjectId
    group_id: _GroupId
    id: Annotated[_Text, Column("string", "ID of the feedback.")]
    name: Annotated[_Text, Column("string", "Name of the user.")]
    email: Annotated[_Text, Column("string", "Email address of the user.")]
    comments: Annotated[_Text, Column("string", "What the user wrote.")]
    timestamp: Annotated[_Int, Column("timestamp", "When the user wrote it.")]
    load_id: Annotated[str, Column("string", "The load.")]


class AttachmentRow(Row):
    """One row per attachment in each export that has or lists it."""

    event_id: Annotated[_Text, Column("string", "ID of the event that it belongs to.")]
    project_id: _ProjectId
    id: Annotated[_Text, Column("string", "ID of the attachment.")]
    name: Annotated[_Text, Column("string", "Name of the file.")]
    type: Annotated[_Text, Column("string", "event.attachment, event.minidump, …")]
    size: Annotated[_Int, Column("int64", "Size in bytes.")]
    sha1: Annotated[_Text, Column("string", "SHA-1 of the file, in hex.")]
    content_type: Annotated[_Text, Column("string", "Content type: text/plain, image/png, …")]
    timestamp: Annotated[_Int, Column("timestamp", "When Sentry stored it.")]
    data: Annotated[bytes | None, Column("binary", "The file; null if it was not exported.")]
    load_id: Annotated[str, Column("string", "The load.")]


class Stack(NamedTuple):
    """A stack, the oldest call first: each frame becomes a row of `frames`.

    indexes: the frames' places in the stack; a null among them has a place and is no frame.
    """

    source: str
    stack_level: int | None
    exception_type: str | None
    thread_id: str | None
    indexes: Sequence[int]
    frames: list[Frame]


class FlatEvent(NamedTuple):
    """An event as rows of every table, those of `frames` and `tags` still nested."""

    event: EventRow
    stacks: list[Stack]
    tags: list[Tag]
    payload: PayloadRow


def cluster_key(
    project_slug: str | None, project_id: str | None, group_id: str | None, timestamp: int | None
) -> tuple[str, str, str, int]:
    """The order of events in a part: like stands by like, and compresses well."""
    return project_slug or "", project_id or "", group_id or "", timestamp or 0


CONTENT_COUNTS = ("function_count", "tag_count", "entry_count", "column_count")
"""Columns by which the contents of two versions of an event are compared."""


@cache
def list_columns(row: type[Row]) -> dict[str, Column]:
    """The columns of a row class, in order."""
    hints = get_type_hints(row, include_extras=True)
    return {name: _find_column(hint) for name, hint in hints.items()}


def _find_column(hint: Any) -> Column:
    column: Column = hint.__metadata__[0]
    return column
