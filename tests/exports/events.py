"""Small events in each shape, with the members that their serializers always write."""

from __future__ import annotations

import json
from typing import Any

from archive.exports.detect import Detected, detect
from archive.exports.records import Record, SourceLocation

ID = "8e8379fcff434080b488b56cc4832ced"
OTHER_ID = "b0a1c2d3e4f5061728394a5b6c7d8e9f"
SIMPLE: dict[str, Any] = {
    "id": ID,
    "event.type": "error",
    "groupID": "7",
    "eventID": ID,
    "projectID": "2",
    "message": "",
    "title": "KeyError: 'x'",
    "tags": [{"key": "level", "value": "error"}],
    "platform": "python",
    "dateCreated": "2026-01-31T08:30:00Z",
}
FULL: dict[str, Any] = {"id": ID, "eventID": ID, "projectID": "2", "entries": [], "_meta": {}}
DETAIL: dict[str, Any] = FULL | {"nextEventID": None, "previousEventID": None, "release": None}
ANSWER: dict[str, Any] = {
    "organizationSlug": "acme",
    "projectSlug": "web",
    "groupId": "7",
    "eventId": ID,
    "event": FULL,
}
STORED: dict[str, Any] = {"event_id": ID, "platform": "python", "exception": {"values": []}}
DOWNLOAD = STORED | {"project": 2, "datetime": "2026-01-31T08:30:00+00:00"}
WEBHOOK = DOWNLOAD | {"url": f"/api/0/projects/acme/web/events/{ID}/", "issue_id": "7"}
SPLUNK: dict[str, Any] = {"event_id": ID, "issue_id": 7, "project_id": "web", "tags": []}
GLITCHTIP: dict[str, Any] = {
    "id": ID,
    "eventId": ID,
    "projectId": 2,
    "groupId": "7",
    "dateCreated": "2026-01-31T08:30:00Z",
    "dateReceived": "2026-01-31T08:30:01Z",
    "type": "error",
    "message": "KeyError",
    "tags": [],
    "entries": [{"type": "message", "data": {"formatted": "x"}}],
}
ISSUE: dict[str, Any] = {
    "id": "7",
    "shortId": "WEB-1",
    "title": "KeyError: 'x'",
    "permalink": "https://sentry.io/organizations/acme/issues/7/",
    "project": {"id": "2", "slug": "web", "name": "Web"},
    "status": "unresolved",
    "statusDetails": {},
    "firstSeen": "2026-01-31T08:30:00Z",
    "lastSeen": "2026-01-31T08:30:00Z",
    "count": "1",
    "userCount": 1,
}


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def recognize(raw: bytes, source: str = "export.json", member: str | None = None) -> list[Detected]:
    """Detect the items in a record of these bytes."""
    return list(detect(Record(raw, SourceLocation(source, member, 1, 0))))
