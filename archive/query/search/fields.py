"""The keys of a search: where the tables have their values, and of which kind these are."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """How the values of a key are written and compared."""

    TEXT = "text"
    PART = "part of a text"
    ID = "event ID"
    NUMBER = "number"
    BOOLEAN = "true, false"
    TIME = "date"


class Table(Enum):
    """Where a value is found: an event has several frames, and belongs to an issue."""

    EVENTS = "events"
    FRAMES = "frames"
    ISSUES = "issues"


class Column(NamedTuple):
    """An expression over the columns of a table."""

    expression: str
    table: Table = Table.EVENTS


class Field(NamedTuple):
    """A key that is not a tag. aliases: other names of it. own: whether Sentry does not have it."""

    key: str
    columns: tuple[Column, ...]
    meaning: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    own: bool = False


class State(NamedTuple):
    """What `is:` means for the columns of `issues`."""

    condition: str
    meaning: str


def _of(*expressions: str, table: Table = Table.EVENTS) -> tuple[Column, ...]:
    return tuple(Column(expression, table) for expression in expressions)


def _frame(expression: str) -> tuple[Column, ...]:
    return _of(expression, table=Table.FRAMES)


def _issue(expression: str) -> tuple[Column, ...]:
    return _of(expression, table=Table.ISSUES)


_NUMBER, _BOOLEAN, _TIME = Kind.NUMBER, Kind.BOOLEAN, Kind.TIME
_FIRST_SEEN = "least(first_seen, exported_first_seen)"
_LAST_SEEN = "greatest(last_seen, exported_last_seen)"

FIELDS = (
    Field(
        "message",
        _of("title", "message", "exception_value", "culprit"),
        "Title, message, value of the last exception, culprit; text without a key searches it.",
        Kind.PART,
    ),
    Field("id", _of("event_id"), "Event ID.", Kind.ID),
    Field("timestamp", _of("timestamp"), "When the event happened.", _TIME),
    Field("timestamp.to_hour", _of("date_trunc('hour', timestamp)"), "Its hour.", _TIME),
    Field("timestamp.to_day", _of("date_trunc('day', timestamp)"), "Its day.", _TIME),
    Field("error.received", _of("received"), "When Sentry received the event.", _TIME),
    Field("title", _of("title"), "Title."),
    Field("culprit", _of("culprit"), "Culprit."),
    Field("location", _of("location"), "File or URI of the title.", own=True),
    Field("event.type", _of("type"), "error, default, csp, …"),
    Field("platform", _of("platform"), "Platform.", aliases=("platform.name",)),
    Field("level", _of("level"), "Level."),
    Field("environment", _of("environment"), "Environment."),
    Field("release", _of("release"), "Release."),
    Field("dist", _of("dist"), "Distribution of the release."),
    Field("logger", _of("logger"), "Logger."),
    Field("transaction", _of("transaction_name"), "Transaction."),
    Field("server_name", _of("server_name"), "Host."),
    Field("url", _of("url"), "URL of the request.", aliases=("http.url",)),
    Field("http.method", _of("http_method"), "HTTP method."),
    Field("http.referer", _of("http_referer"), "HTTP referer."),
    Field("sdk.name", _of("sdk_name"), "Name of the SDK."),
    Field("sdk.version", _of("sdk_version"), "Version of the SDK."),
    Field("user", _of('"user"'), "The tag `user`: id:1, email:a@b.c, …"),
    Field("user.id", _of("user_id"), "ID of the user."),
    Field("user.username", _of("user_name"), "User name."),
    Field("user.email", _of("user_email"), "Email address of the user."),
    Field("user.ip", _of("ip_address"), "IP address of the user."),
    Field(
        "user.display",
        _of("coalesce(user_email, user_name, user_id, ip_address)"),
        "What Sentry shows of the user.",
    ),
    Field("trace", _of("trace_id"), "Trace ID."),
    Field("trace.span", _of("span_id"), "Span ID."),
    Field("replayId", _of("replay_id"), "Replay ID.", aliases=("replay_id", "replay.id")),
    Field("hash", _of("primary_hash"), "First grouping hash.", own=True),
    Field("organization", _of("organization_slug"), "Slug of the organization.", own=True),
    Field("project", _of("project_slug"), "Slug of the project.", aliases=("project.name",)),
    Field("project.id", _of("project_id"), "ID of the project.", _NUMBER, aliases=("project_id",)),
    Field(
        "error.type",
        (Column("exception_type"), Column("exception_type", Table.FRAMES)),
        "Type of the last exception, or of any exception with frames.",
    ),
    Field("error.value", _of("exception_value"), "Message of the last exception."),
    Field("error.mechanism", _of("mechanism_type"), "How the SDK caught the last exception."),
    Field(
        "error.handled",
        _of("coalesce(handled, true)"),
        "Whether the last exception was handled; unknown counts as handled.",
        _BOOLEAN,
    ),
    Field("error.unhandled", _of("handled = false"), "Whether it was not handled.", _BOOLEAN),
    Field("stack.function", _frame("function"), "Function of any frame."),
    Field("stack.filename", _frame("filename"), "File of any frame."),
    Field("stack.module", _frame("module"), "Module of any frame."),
    Field("stack.abs_path", _frame("abs_path"), "Absolute path of any frame."),
    Field("stack.package", _frame("package"), "Package of any frame."),
    Field("stack.lineno", _frame("lineno"), "Line number of any frame.", _NUMBER),
    Field("stack.colno", _frame("colno"), "Column number of any frame.", _NUMBER),
    Field("stack.in_app", _frame("in_app"), "Whether any frame is in-app, or is not.", _BOOLEAN),
    Field("stack.stack_level", _frame("stack_level"), "Index of the exception.", _NUMBER),
    Field("stack.context_line", _frame("context_line"), "Source line of any frame.", own=True),
    Field("stack.symbol", _frame("symbol"), "Mangled symbol of any frame.", own=True),
    Field("issue.id", _of("group_id"), "ID of the issue.", _NUMBER),
    Field("issue", _issue("short_id"), "Short ID of the issue."),
    Field("assigned", _issue("assignee"), "To whom it is assigned.", aliases=("assigned_to",)),
    Field(
        "firstSeen",
        _issue(_FIRST_SEEN),
        "When the issue was first seen.",
        _TIME,
        aliases=("first_seen", "age"),
    ),
    Field(
        "lastSeen",
        _issue(_LAST_SEEN),
        "When the issue was last seen.",
        _TIME,
        aliases=("last_seen",),
    ),
    Field(
        "timesSeen",
        _issue("greatest(times_seen, events)"),
        "Events of the issue, in Sentry or here.",
        _NUMBER,
        aliases=("times_seen",),
    ),
)
BY_KEY = {name: field for field in FIELDS for name in (field.key, *field.aliases)}

STATES = {
    "unresolved": State("status = 'unresolved'", "Open."),
    "resolved": State("status = 'resolved'", "Resolved."),
    "archived": State("status = 'ignored'", "Archived."),
    "ignored": State("status = 'ignored'", "The same, as Sentry called it before."),
    "new": State("substatus = 'new'", "New."),
    "ongoing": State("substatus = 'ongoing'", "Ongoing."),
    "escalating": State("substatus = 'escalating'", "Escalating."),
    "regressed": State("substatus = 'regressed'", "Regressed."),
    "assigned": State("assignee IS NOT NULL", "Assigned to anybody."),
    "unassigned": State("assignee IS NULL AND as_of IS NOT NULL", "Exported, and not assigned."),
}
