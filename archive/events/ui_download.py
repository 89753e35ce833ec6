"""Restore the stored body of an event from the JSON download of Sentry's UI.

Source: Sentry 2024-09, `eventstore/models.py` (as_dict), the response of EventJsonEndpoint;
webhooks add links to it (`tasks/sentry_apps.py`).
"""

from __future__ import annotations

from typing import Any

_ADDED = frozenset(("message", "datetime", "url", "web_url", "issue_url", "issue_id"))
_SHOWN = frozenset(("title", "location", "culprit"))
_FIRST = frozenset(
    ("event_id", "project", "release", "dist", "platform", "message", "datetime", "tags")
)
_PREFIX = "sentry:"
_PREFIXED = frozenset(("release", "dist", "user"))


def restore_body(download: dict[str, Any]) -> dict[str, Any]:
    """Remove the members that the download adds, and restore the stored keys of tags.

    The `_meta` of tags is dropped: it refers to their stored order, which the download loses.
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
    stored = [key for key in download if key not in _FIRST | _SHOWN | _ADDED]
    if stored != sorted(stored):
        return set()
    appended: set[str] = set()
    last = ""
    for key in download:
        if key in _SHOWN and (appended or key < last):
            appended.add(key)
        elif key not in _FIRST | _ADDED:
            last = key
    return appended


def _restore_tag(tag: Any) -> Any:
    if type(tag) is list and len(tag) == 2 and type(tag[0]) is str and tag[0] in _PREFIXED:
        return [_PREFIX + tag[0], tag[1]]
    return tag
