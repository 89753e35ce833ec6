"""Recognize wrappers of events: pages, webhooks, connector records, queue messages, HAR files.

A wrapper is recognized by its members. Its paths lead to the members that hold events: an object,
an array of objects, or a string of JSON text, each of which may be a wrapper again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from archive.exports.hints import read_link
from archive.exports.non_events import find_non_event
from archive.exports.patterns import Pattern, PatternTable, pattern
from archive.exports.raw_members import (
    Members,
    find_opening,
    is_object,
    read_members,
    read_path,
    read_string,
    read_text,
)
from archive.exports.shapes import NO_HINTS, Hints, Shape
from archive.jsontext import list_members


def _give_no_hints(members: Members) -> Hints:
    return NO_HINTS


class Wrapper(NamedTuple):
    """A kind of wrapper: its name, its pattern, and the paths to the members that hold events.

    hint: reads hints about the events from the wrapper's members.
    holds_more: whether it also holds unrelated content, such as responses of other sites in a HAR
    file, which is skipped, not rejected.
    """

    name: str
    pattern: Pattern
    paths: tuple[str, ...]
    hint: Callable[[Members], Hints] = _give_no_hints
    holds_more: bool = False

    def matches(self, members: Members) -> bool:
        """Whether an object is a wrapper of this kind."""
        return self.pattern.matches(members)


def _wrapper(
    name: str,
    required: str,
    paths: str,
    hint: Callable[[Members], Hints] = _give_no_hints,
    *,
    one_of: str = "",
    none_of: str = "",
    only: str | None = None,
    holds_more: bool = False,
) -> Wrapper:
    known = pattern(required, one_of=one_of, none_of=none_of, only=only)
    return Wrapper(name, known, tuple(paths.split()), hint, holds_more)


def _hint(text: str, shape: Shape | None = None) -> Callable[[Members], Hints]:
    """Return a function that reads hints from members, given as `hint=path|path` and so on.

    The first path to a text counts. `link` is a link to Sentry; other hints take precedence over
    what it contains.
    """
    hints = [(name, paths.split("|")) for name, paths in (part.split("=") for part in text.split())]

    def read(members: Members) -> Hints:
        found = {
            name: next(filter(None, (read_path(members, path) for path in paths)), None)
            for name, paths in hints
        }
        return read_link(found.pop("link", None)).add(Hints(shape, **found))

    return read


_hint_issue = _hint("link=permalink project_slug=project.slug project_id=project.id group_id=id")
_hint_sibling_issue = _hint(
    "link=issue.permalink project_slug=issue.project.slug project_id=issue.project.id "
    "group_id=issue.id"
)
# A forwarded event's `project_id` is a slug (Sentry, Splunk forwarder).
hint_forwarded = _hint("project_slug=event.project_id group_id=event.issue_id", Shape.SPLUNK)

WRAPPERS = (
    # Sentry's API and its command line.
    _wrapper("issue with its latest event", "latestEvent{} permalink", "latestEvent", _hint_issue),
    _wrapper("issue's hash with its latest event", "latestEvent{}", "latestEvent"),
    _wrapper(
        "issue by its short ID",
        "group{} organizationSlug projectSlug",
        "group",
        _hint("organization_slug=organizationSlug project_slug=projectSlug"),
    ),
    # Webhooks and forwarding.
    _wrapper(
        "service hook",
        "project{} group{} event{}",
        "event",
        _hint("link=event.url project_slug=project.slug group_id=group.id"),
    ),
    _wrapper(
        "WebHooks plugin",
        "project_slug event{} project",
        "event",
        _hint("link=url project_slug=project_slug group_id=id", Shape.STORE),
    ),
    _wrapper(
        "webhook of an integration",
        "data{}",
        "data.event data.error data.issue",
        _hint(
            "link=data.event.url|data.error.url group_id=data.event.issue_id|data.error.issue_id",
            Shape.DOWNLOAD,
        ),
        one_of="action installation",
        holds_more=True,
    ),
    _wrapper(
        "message of the queue `events`",
        "data{} event_id project_id",
        "data",
        _hint("event_id=event_id project_id=project_id group_id=group_id", Shape.STORE),
        one_of="group_id platform datetime primary_hash retention_days",
    ),
    _wrapper(
        "occurrence with its event",
        "evidence_data event{}",
        "event",
        _hint("event_id=event_id project_id=project_id", Shape.SDK),
    ),
    _wrapper("event of Splunk's HTTP event collector", "time source event{}", "event"),
    # Bugsink.
    _wrapper(
        "Bugsink's event",
        'data{}"" id issue',
        "data",
        _hint("event_id=event_id|id project_id=project", Shape.SDK),
        one_of="stacktrace_md digest_order grouping event_id",
    ),
    # Connectors.
    _wrapper("record of Singer or Airbyte", "record{} type", "record"),
    _wrapper("row of a connector", 'data{}"" stream', "data"),
    _wrapper("raw row of Airbyte", '_airbyte_data{}""', "_airbyte_data"),
    # Messages of queues.
    _wrapper("messages of SQS", "Messages[]", "Messages"),
    _wrapper("message of SQS", 'Body{}[]""', "Body"),
    _wrapper("messages of Lambda", "Records[]", "Records"),
    _wrapper(
        "record of Lambda", 'body{}[]""', "body", one_of="messageId eventSource receiptHandle"
    ),
    _wrapper("record of Lambda", 'body{}[]""', "body", only=""),
    _wrapper("record of Lambda from SNS", "Sns{}", "Sns.Message"),
    _wrapper("message of SNS", 'Message{}[]"" Type=Notification', "Message"),
    _wrapper("push of Pub/Sub", "message{} subscription", "message.data|base64"),
    _wrapper("message of Pub/Sub", "message{} ackId", "message.data|base64"),
    _wrapper("messages of Pub/Sub", "receivedMessages[]", "receivedMessages"),
    _wrapper("message of kcat", 'payload{}"" topic offset', "payload"),
    # Logs of requests, search engines, databases.
    _wrapper("HAR file", "log{}", "log.entries", only=""),
    _wrapper(
        "entry of a HAR file",
        "response{} request{}",
        "response.content.text|encoding",
        _hint("link=request.url"),
        holds_more=True,
    ),
    _wrapper(
        "log of requests",
        "headers{}[]",
        "body content payload",
        one_of='body{}[]"" content{}[]"" payload{}[]""',
        holds_more=True,
    ),
    _wrapper("answer of Elasticsearch", "hits{}", "hits.hits"),
    _wrapper("document of Elasticsearch", "_source{}", "_source"),
    _wrapper("result of a Splunk search", "result{}", "result"),
    _wrapper("row of a Splunk search", '_raw""', "_raw"),
    # Output of scripts.
    _wrapper("issue with its events", "issue{} events[]", "issue events", _hint_sibling_issue),
    _wrapper("issue with its event", "issue{} event{}", "issue event", _hint_sibling_issue),
    _wrapper("page of events", "events[]", "events"),
    _wrapper("page of results", "results[]", "results"),
    _wrapper("page of data", "data[]", "data"),
    _wrapper("event alone", "event{}", "event", none_of="properties"),
    _wrapper("data alone", "data{}", "data", only="status"),
)

_TABLE = PatternTable(WRAPPERS)

# The paths above that lead to lists, which are read from wrappers too large to hold in memory.
LIST_PATHS = frozenset(
    ["Messages", "Records", "data", "events", "hits.hits", "log.entries", "results"]
)

# Members that the forwarder to Splunk always writes (Sentry, data_forwarding/splunk/forwarder.py).
_FORWARDED = pattern("event_id issue_id project_id")

# Keys of a map from IDs to events or lists of them: IDs of events and issues, and short IDs.
_KEY = re.compile(r"[0-9a-fA-F-]{32,36}|\d+|[A-Z0-9_-]+-[0-9A-Z]+")


def find_wrapper(members: Members) -> Wrapper | None:
    """Find the kind of a wrapper; None if the object is not a known one."""
    return _TABLE.find(members)


def is_forwarded(members: Members) -> bool:
    """Whether an object is an event that Sentry forwarded to Splunk, in its wrapper."""
    event = members.get("event")
    if not is_object(event) or not {"time", "source"} <= members.keys():
        return False
    inner = read_members(bytes(members["event"]))
    return _FORWARDED.matches(inner) and find_non_event(inner) is None


def restore_forwarded(members: Members) -> bytes | None:
    """Restore a forwarded event from a row of a Splunk search; None if it is not one."""
    text = members.get("_raw")
    if find_opening(text) != b'"':
        return None
    raw = read_string(bytes(members["_raw"])).strip()
    try:
        event = read_members(raw)
    except ValueError:
        return None
    if not _FORWARDED.matches(event) or find_non_event(event):
        return None
    happened = bytes(members.get("_time", b"null"))
    return b'{"time":%b,"source":"sentry","event":%b}' % (happened, raw)


def is_map_key(key: str) -> bool:
    """Whether a key is an ID, so that its value may be an event or a list of events."""
    return _KEY.fullmatch(key) is not None


def is_map(members: Members) -> bool:
    """Whether an object maps IDs to objects or arrays."""
    return bool(members) and all(
        is_map_key(key) and find_opening(value) in (b"{", b"[") for key, value in members.items()
    )


class Inner(NamedTuple):
    """A value in a wrapper: its bytes, their offset, the path to it, and its encoding."""

    raw: bytes
    offset: int
    path: str
    is_base64: bool


def open_path(
    raw: bytes, members: Members, path: str, follow: Callable[[int], None]
) -> Inner | None:
    """Find the value at a path; None if the object has no such member.

    follow: as in `read_members`.
    """
    names, _, encoding = path.partition("|")
    text, offset, inside = raw, 0, members
    for depth, name in enumerate(names.split(".")):
        if depth:
            inside = read_members(text, follow) if text[:1] == b"{" else {}
        if name not in inside:
            return None
        value = bytes(inside[name])
        offset += _find_value(text, name, value)
        text = value
    is_base64 = "base64" in (encoding, encoding and read_text(inside.get(encoding)))
    return Inner(text, offset, names, is_base64)


def _find_value(raw: bytes, key: str, value: bytes) -> int:
    """Find where a member's value begins, even if the same bytes occur elsewhere."""
    offset = raw.find(value)
    if raw.find(value, offset + 1) >= 0:
        offset = max(member.value_start for member in list_members(raw) if member.key == key)
    return offset
