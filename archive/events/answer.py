"""Answer for an event as Sentry's API does, from the bytes that were exported."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from archive.events.convert import convert_event
from archive.exports.shapes import DETAIL_ONLY, Shape
from archive.jsontext import list_members

# The end of a number that is spelled otherwise by others than Python: 1e22 for 1e+22.
_EXPONENT = re.compile(rb"e(?<=[0-9]e)-?[0-9]+[,}\]]")


class Owner(NamedTuple):
    """What the outer members of an answer say; what an archive does not know is None."""

    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    group_id: str | None


def answer_event(exported: bytes, shape: Shape, event_id: str, owner: Owner) -> bytes:
    """The body of `GET /api/0/organizations/{org}/eventids/{event_id}/`, compact.

    exported: the exported JSON without white space outside strings.

    An exported answer comes back as it was exported. Around any other shape the outer members
    stand in the live API's order. The event's own members keep their bytes where the API wrote
    them, those that only event details carry are left out, and a stored event is converted. The
    group ID of an event whose issue is not known is null; Sentry has the text "None" there.
    """
    if shape is Shape.EVENTIDS:
        return exported
    event = extract_event(exported, shape, event_id, owner)
    outer = {
        "organizationSlug": owner.organization_slug,
        "projectSlug": owner.project_slug,
        "groupId": owner.group_id,
        "eventId": event_id,
    }
    return b'%b,"event":%b}' % (_dump(outer)[:-1], event)


def extract_event(exported: bytes, shape: Shape, event_id: str, owner: Owner) -> bytes:
    """The event in an answer, compact: what Sentry's EventSerializer gives."""
    if shape is Shape.EVENTIDS:
        values = [m for m in list_members(exported) if m.key == "event"]
        return exported[values[-1].value_start : values[-1].end]
    if shape is Shape.FULL:  # it has no details
        return exported
    if shape.is_answered_from_bytes:
        return _drop_details(exported)
    return _dump(
        convert_event(
            exported,
            shape,
            event_id=event_id,
            project_id=owner.project_id,
            group_id=owner.group_id,
        )
    )


def _dump(value: dict[str, Any]) -> bytes:
    """Compact JSON as Python writes it, which is how Sentry does, by the fast way where it can.

    A lone surrogate becomes a question mark, as where Sentry takes events in.
    """
    try:
        text = msgspec.json.encode(value)
        if b"0.0000" not in text and not _EXPONENT.search(text):
            return text
    except ValueError:  # a lone surrogate
        pass
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _drop_details(event: bytes) -> bytes:
    members = [
        event[member.start : member.end]
        for member in list_members(event)
        if member.key not in DETAIL_ONLY
    ]
    return b"{%b}" % b",".join(members)
