"""Restore the body of an event from forms that Sentry gives to others."""

from __future__ import annotations

from typing import Any

_ADDED = frozenset(("message", "datetime", "url", "web_url", "issue_url", "issue_id"))
_SHOWN = frozenset(("title", "location", "culprit"))
_FIRST = _ADDED | {"event_id", "project", "release", "dist", "platform", "tags"}
_PREFIXED = frozenset(("release", "dist", "user"))


def restore_body(download: dict[str, Any]) -> dict[str, Any]:
    """Restore the stored body from the JSON download of Sentry's UI, or from a webhook.

    Removes the members that were added, and restores the stored keys of tags. The `_meta` of tags
    is dropped: it refers to their stored order, which the download loses.

    Source: Sentry 2024-09, `eventstore/models.py` (as_dict), the response of EventJsonEndpoint;
    webhooks add links to it (`tasks/sentry_apps.py`).
    """
    added = _ADDED | _list_appended(download)
    body = {key: download[key] for key in download if key not in added}
    if "datetime" in download:
        body.setdefault("timestamp", download["datetime"])
    tags, meta = body.get("tags"), body.get("_meta")
    if type(tags) is list:
        body["tags"] = [_restore_tag(tag) for tag in tags]
    if type(meta) is dict:
        body["_meta"] = {key: meta[key] for key in meta if key != "tags"}
    return body


def _list_appended(download: dict[str, Any]) -> set[str]:
    """Find which of title, location and culprit the download added.

    Stored members are in alphabetical order, unless a tool sorted the download; the added ones are
    appended, with the group's culprit if the body has none.
    """
    stored = [key for key in download if key not in _FIRST | _SHOWN]
    if stored != sorted(stored):
        return set()
    appended: set[str] = set()
    last = ""
    for key in download:
        if key in _SHOWN and (appended or key < last):
            appended.add(key)
        elif key not in _FIRST:
            last = key
    return appended


def _restore_tag(tag: Any) -> Any:
    if type(tag) is list and len(tag) == 2 and type(tag[0]) is str and tag[0] in _PREFIXED:
        return [f"sentry:{tag[0]}", tag[1]]
    return tag


def expand_splunk(body: dict[str, Any]) -> dict[str, Any]:
    """Convert an event that was forwarded to Splunk to the shape that an SDK sends.

    body: the request to Splunk's HTTP event collector, which contains the event: a time and a few
    flat members (Sentry, integrations/data_forwarding/splunk/forwarder.py).
    """
    inner = body.get("event")
    event = inner if isinstance(inner, dict) else {}
    csp = {name: event[name] for name in event if name.startswith("csp_")}
    sent = {
        "event_id": event.get("event_id"),
        "timestamp": body.get("time"),
        "type": event.get("type"),
        **_find_tags(event.get("tags"), ("level", "logger", "server_name", "dist")),
        "transaction": event.get("transaction"),
        "release": event.get("release"),
        "environment": event.get("environment"),
        "tags": event.get("tags"),
        "message": event.get("message"),
        "request": _drop_absent(
            {
                "url": event.get("request_url"),
                "method": event.get("request_method"),
                "headers": _drop_absent({"Referer": event.get("request_referer")}),
            }
        ),
        "user": _drop_absent({"id": event.get("user_id")}),
        "exception": _drop_absent(
            {"type": event.get("exception_type"), "value": event.get("exception_value")}
        ),
        "csp": _drop_absent({name.removeprefix("csp_"): csp[name] for name in csp}),
    }
    return _drop_absent(sent)


def _find_tags(tags: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    """Find the members that Sentry converted to tags."""
    listed = tags if isinstance(tags, list) else []
    pairs = [tag for tag in listed if isinstance(tag, list) and len(tag) == 2]
    return {key: value for key, value in pairs if key in keys}


def _drop_absent(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", {}, [])}
