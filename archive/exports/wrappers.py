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
    read_inner,
    read_members,
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


def _hint_issue(members: Members) -> Hints:
    """Read an issue of the API; its permalink contains the organization's slug."""
    linked = read_link(read_text(members.get("permalink")))
    return linked.add(
        Hints(
            project_slug=read_inner(members.get("project"), "slug"),
            project_id=read_inner(members.get("project"), "id"),
            group_id=read_text(members.get("id")),
        )
    )


def _hint_sibling_issue(members: Members) -> Hints:
    return _hint_issue(read_members(bytes(members["issue"])))


def _hint_latest(members: Members) -> Hints:
    """Read an issue with its latest event; an issue's hash has no permalink and no hints."""
    return _hint_issue(members) if "permalink" in members else NO_HINTS


def _hint_short_id(members: Members) -> Hints:
    return Hints(
        organization_slug=read_text(members["organizationSlug"]),
        project_slug=read_text(members["projectSlug"]),
    )


def _hint_hook(members: Members) -> Hints:
    return read_link(read_inner(members["event"], "url")).add(
        Hints(
            project_slug=read_inner(members["project"], "slug"),
            group_id=read_inner(members["group"], "id"),
        )
    )


def _hint_plugin(members: Members) -> Hints:
    return read_link(read_text(members.get("url"))).add(
        Hints(
            shape=Shape.STORE,
            project_slug=read_text(members["project_slug"]),
            group_id=read_text(members.get("id")),
        )
    )


def _hint_webhook(members: Members) -> Hints:
    data = read_members(bytes(members["data"]))
    event = data.get("event", data.get("error"))
    linked = read_link(read_inner(event, "url"))
    return linked.add(Hints(shape=Shape.DOWNLOAD, group_id=read_inner(event, "issue_id")))


def _hint_message(members: Members) -> Hints:
    return Hints(
        shape=Shape.STORE,
        event_id=read_text(members["event_id"]),
        project_id=read_text(members["project_id"]),
        group_id=read_text(members.get("group_id")),
    )


def _hint_occurrence(members: Members) -> Hints:
    return Hints(
        shape=Shape.SDK,
        event_id=read_text(members.get("event_id")),
        project_id=read_text(members.get("project_id")),
    )


def _hint_bugsink(members: Members) -> Hints:
    return Hints(
        shape=Shape.SDK,
        event_id=read_text(members.get("event_id")) or read_text(members["id"]),
        project_id=read_text(members.get("project")),
    )


def hint_forwarded(members: Members) -> Hints:
    """Read hints from a forwarded event; its `project_id` is a slug (Sentry, Splunk forwarder)."""
    event = members["event"]
    return Hints(
        shape=Shape.SPLUNK,
        project_slug=read_inner(event, "project_id"),
        group_id=read_inner(event, "issue_id"),
    )


def _hint_request(members: Members) -> Hints:
    return read_link(read_inner(members["request"], "url"))


WRAPPERS = (
    # Sentry's API and its command line.
    _wrapper("issue with its latest event", "latestEvent{}", "latestEvent", _hint_latest),
    _wrapper(
        "issue by its short ID", "group{} organizationSlug projectSlug", "group", _hint_short_id
    ),
    # Webhooks and forwarding.
    _wrapper("service hook", "project{} group{} event{}", "event", _hint_hook),
    _wrapper("WebHooks plugin", "project_slug event{} project", "event", _hint_plugin),
    _wrapper(
        "webhook of an integration",
        "data{}",
        "data.event data.error data.issue",
        _hint_webhook,
        one_of="action installation",
        holds_more=True,
    ),
    _wrapper(
        "message of the queue `events`",
        "data{} event_id project_id",
        "data",
        _hint_message,
        one_of="group_id platform datetime primary_hash retention_days",
    ),
    _wrapper("occurrence with its event", "evidence_data event{}", "event", _hint_occurrence),
    _wrapper("event of Splunk's HTTP event collector", "time source event{}", "event"),
    # Bugsink.
    _wrapper(
        "Bugsink's event",
        'data{}"" id issue',
        "data",
        _hint_bugsink,
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
        _hint_request,
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
