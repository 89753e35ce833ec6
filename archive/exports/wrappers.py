"""What events come wrapped in: answers, webhooks, connector records, messages of a queue."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from archive.exports.members import (
    Members,
    find_opening,
    is_object,
    read_inner,
    read_members,
    read_text,
)
from archive.exports.shapes import Shape, Told
from archive.jsontext import list_elements, list_members

_EVENT_URL = re.compile(r"/projects/([^/]+)/([^/]+)/events/")


class Wrapped(NamedTuple):
    """What may be an event inside a wrapper, where it begins there, and what is told of it."""

    raw: bytes
    offset: int
    told: Told


class Wrapper(NamedTuple):
    """A wrapper known by the keys it must have; `key` is the member that holds the event.

    is_kept: the event stays in it, for it tells what the event does not.
    """

    name: str
    keys: frozenset[str]
    key: str
    tell: Callable[[Members], Told] = lambda members: Told()
    is_kept: bool = False


def find_wrapped(raw: bytes, members: Members) -> list[Wrapped] | None:
    """What a wrapper holds; None if it is none that is known."""
    for wrapper in _WRAPPERS:
        if wrapper.keys <= members.keys() and is_object(members[wrapper.key]):
            if wrapper.is_kept:
                return [Wrapped(raw, 0, wrapper.tell(members))]
            inner = bytes(members[wrapper.key])
            offset = _find_value(raw, wrapper.key, inner)
            return [Wrapped(inner, offset, wrapper.tell(members))]
    if members.keys() & {"action", "installation"} and is_object(members.get("data")):
        return _open_webhook(raw, bytes(members["data"]))
    if find_opening(members.get("data")) == b"[" and members.keys() & {"hasMore", "nextCursor"}:
        data = bytes(members["data"])
        base = _find_value(raw, "data", data)
        return [Wrapped(data[a:b], base + a, Told()) for a, b in list_elements(data)]
    return None


def _find_value(raw: bytes, key: str, value: bytes) -> int:
    """Where a member's value stands, also where the same bytes stand elsewhere too."""
    offset = raw.find(value)
    if raw.find(value, offset + 1) >= 0:
        offset = max(member.value_start for member in list_members(raw) if member.key == key)
    return offset


def _open_webhook(raw: bytes, data: bytes) -> list[Wrapped] | None:
    """An integration platform's webhook (Sentry, tasks/sentry_apps.py)."""
    inner = read_members(data)
    for key in ("event", "error"):
        if is_object(inner.get(key)):
            event = bytes(inner[key])
            members = read_members(event)
            url = _EVENT_URL.search(read_text(members.get("url")) or "")
            told = Told(
                shape=Shape.DOWNLOAD,
                organization_slug=url[1] if url else None,
                project_slug=url[2] if url else None,
                group_id=read_text(members.get("issue_id")),
            )
            return [Wrapped(event, raw.find(event), told)]
    return None


def _tell_hook(members: Members) -> Told:
    """A service hook (Sentry, tasks/servicehooks.py)."""
    return Told(
        project_slug=read_inner(members["project"], "slug"),
        group_id=read_inner(members["group"], "id"),
    )


def _tell_plugin(members: Members) -> Told:
    """The legacy WebHooks plugin (Sentry, plugins/sentry_webhooks/plugin.py)."""
    return Told(
        shape=Shape.STORE,
        project_slug=read_text(members["project_slug"]),
        group_id=read_text(members.get("id")),
    )


def _tell_message(members: Members) -> Told:
    """A message of the queue `events` (Sentry, eventstream/base.py)."""
    return Told(
        shape=Shape.STORE,
        event_id=read_text(members["event_id"]),
        project_id=read_text(members["project_id"]),
        group_id=read_text(members.get("group_id")),
    )


def _tell_splunk(members: Members) -> Told:
    """An HTTP event collector's event; its `project_id` is the project's slug (Sentry, the
    Splunk forwarder)."""
    event = members["event"]
    return Told(
        shape=Shape.SPLUNK,
        project_slug=read_inner(event, "project_id"),
        group_id=read_inner(event, "issue_id"),
    )


_WRAPPERS = (
    Wrapper("hash of an issue", frozenset({"latestEvent"}), "latestEvent"),
    Wrapper("service hook", frozenset({"project", "group", "event"}), "event", _tell_hook),
    Wrapper("WebHooks plugin", frozenset({"project_slug", "event"}), "event", _tell_plugin),
    Wrapper("queue", frozenset({"project_id", "event_id", "data"}), "data", _tell_message),
    Wrapper("Splunk", frozenset({"time", "source", "event"}), "event", _tell_splunk, True),
    Wrapper("Singer or Airbyte record", frozenset({"type", "record"}), "record"),
    Wrapper("connector row", frozenset({"stream", "data"}), "data"),
)
