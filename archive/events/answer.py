"""Answer for an event as Sentry's API does, from the bytes that were exported."""

from __future__ import annotations

import json
from typing import NamedTuple

from archive.exports.shapes import DETAIL_ONLY, Shape
from archive.jsontext import compact, list_members


class Owner(NamedTuple):
    """What the outer members of an answer say; what an archive does not know is None."""

    organization_slug: str | None
    project_slug: str | None
    group_id: str | None


def answer_event(raw: bytes, shape: Shape, event_id: str, owner: Owner) -> bytes:
    """The body of `GET /api/0/organizations/{org}/eventids/{event_id}/`, compact.

    An exported answer comes back as it was exported. Around any other shape the outer members
    stand in the live API's order, and the event's own keep their bytes; those that only event
    details carry are left out. An event without a group has the group ID "None", as in the API
    (Sentry, api/endpoints/organization_eventid.py: str(event.group_id)).
    """
    if shape is Shape.EVENTIDS:
        return compact(raw)
    outer = {
        "organizationSlug": owner.organization_slug,
        "projectSlug": owner.project_slug,
        "groupId": str(owner.group_id),
        "eventId": event_id,
    }
    head = json.dumps(outer, ensure_ascii=False, separators=(",", ":")).encode()
    return b'%b,"event":%b}' % (head[:-1], _drop_details(compact(raw)))


def _drop_details(event: bytes) -> bytes:
    members = [
        event[member.start : member.end]
        for member in list_members(event)
        if member.key not in DETAIL_ONLY
    ]
    return b"{%b}" % b",".join(members)
