"""Answer for an event as Sentry's API does, from its exported bytes."""

from __future__ import annotations

from typing import NamedTuple

from archive.events.convert import convert_event
from archive.exports.shapes import DETAIL_ONLY, Shape
from archive.jsontext import dump, list_members


class Owner(NamedTuple):
    """The outer members of an answer; None if unknown."""

    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    group_id: str | None


def answer_event(exported: bytes, shape: Shape, event_id: str, owner: Owner) -> bytes:
    """The body of `GET /api/0/organizations/{org}/eventids/{event_id}/`, compact.

    exported: the exported JSON without white space outside strings.

    An exported answer is returned as it was exported. For other shapes, the outer members are in
    the live API's order. An event that the API wrote keeps its bytes, without the members that only
    event details have; a stored event is converted. The group ID of an event whose issue is not
    known is null, where Sentry writes the text "None".
    """
    if shape.traits.is_answer:
        return exported
    event = extract_event(exported, shape, event_id, owner)
    outer = {
        "organizationSlug": owner.organization_slug,
        "projectSlug": owner.project_slug,
        "groupId": owner.group_id,
        "eventId": event_id,
    }
    return b'%b,"event":%b}' % (dump(outer)[:-1], event)


def extract_event(exported: bytes, shape: Shape, event_id: str, owner: Owner) -> bytes:
    """Return the event in an answer, compact, as Sentry's EventSerializer writes it."""
    if shape.traits.is_answer:
        values = [m for m in list_members(exported) if m.key == "event"]
        return exported[values[-1].value_start : values[-1].end]
    if shape.traits.is_from_api:
        return _drop_details(exported) if shape.traits.has_details else exported
    return dump(
        convert_event(
            exported,
            shape,
            event_id=event_id,
            project_id=owner.project_id,
            group_id=owner.group_id,
        )
    )


def _drop_details(event: bytes) -> bytes:
    members = [
        event[member.start : member.end]
        for member in list_members(event)
        if member.key not in DETAIL_ONLY
    ]
    return b"{%b}" % b",".join(members)
