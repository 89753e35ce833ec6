"""Write an event as the responses of Sentry's API and the download of its UI do."""

from __future__ import annotations

from typing import Any, NamedTuple

from archive.exports.shapes import DETAIL_ONLY, Shape
from archive.jsontext import dump, list_elements, list_members, parse

# Members of an event in a list, in the API's order (Sentry, SimpleEventSerializer).
_LISTED = (
    "id",
    "event.type",
    "groupID",
    "eventID",
    "projectID",
    "message",
    "title",
    "location",
    "culprit",
    "user",
    "tags",
    "platform",
    "dateCreated",
    "crashFile",
    "metadata",
)
# The members that event details add (Sentry, IssueEventSerializer), and their defaults.
_DETAILS = {"release": b"null", "userReport": b"null", "sdkUpdates": b"[]", "resolvedWith": b"[]"}


class Owner(NamedTuple):
    """The outer members of an answer; None if unknown."""

    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    group_id: str | None


def answer_event(exported: bytes, shape: Shape, event_id: str, owner: Owner) -> bytes:
    """Return the body of `GET /api/0/organizations/{org}/eventids/{event_id}/`, compact.

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

    from archive.events.convert import convert_event

    return dump(
        convert_event(
            exported,
            shape,
            event_id=event_id,
            project_id=owner.project_id,
            group_id=owner.group_id,
        )
    )


def summarize_event(event: bytes) -> bytes:
    """Write an event for a list without `full`; values keep their bytes.

    Tags without a key or a value are dropped, because sentry-cli would reject the page.

    event: an event from `extract_event`.
    """
    members = _read_members(event)
    members.setdefault("event.type", members.get("type", b'"default"'))
    if "dateCreated" not in members:  # as in a transaction
        members["dateCreated"] = _read_end(members.get("endTimestamp", b"null"))
    members["tags"] = _drop_null_tags(members.get("tags", b"[]"))
    return _join({key: members.get(key, b"null") for key in _LISTED})


def detail_event(
    event: bytes, exported: bytes, shape: Shape, previous: str | None, following: str | None
) -> bytes:
    """Write an event as event details do: with its release and the IDs of its neighbors.

    event: an event from `extract_event`. exported: the compact JSON it was made from, whose details
    are kept. previous, following: the IDs of its neighbors in the archive. A release that the
    export does not describe is `{"version": …}`, as in Sentry for a release it does not have.
    """
    members = _read_members(event)
    known = _read_members(exported) if shape is Shape.DETAIL else {}
    details = {key: known.get(key, default) for key, default in _DETAILS.items()}
    if "release" not in known:
        details["release"] = _find_release(members.get("tags", b"null"))
    details["nextEventID"] = dump(following)
    details["previousEventID"] = dump(previous)
    return b"%b,%b" % (event[:-1], _join(details)[1:]) if members else _join(details)


def download_event(
    exported: bytes, shape: Shape, event_id: str, project_id: str | None
) -> bytes | None:
    """Write the JSON download of Sentry's UI; None if the export does not contain enough.

    The stored body cannot be restored from an event in the API's shape.
    """
    if shape is Shape.DOWNLOAD:
        return exported
    if not shape.traits.has_download:
        return None

    from archive.events.convert import convert_to_download

    return dump(convert_to_download(exported, shape, event_id=event_id, project_id=project_id))


def _drop_details(event: bytes) -> bytes:
    members = [
        event[member.start : member.end]
        for member in list_members(event)
        if member.key not in DETAIL_ONLY
    ]
    return b"{%b}" % b",".join(members)


def _drop_null_tags(tags: bytes) -> bytes:
    if not tags.startswith(b"["):
        return b"[]"
    elements = [tags[start:end] for start, end in list_elements(tags)]
    kept = [element for element in elements if _is_whole(parse(element))]
    return tags if len(kept) == len(elements) else b"[%b]" % b",".join(kept)


def _is_whole(tag: Any) -> bool:
    return isinstance(tag, dict) and None not in (tag.get("key"), tag.get("value"))


def _find_release(tags: bytes) -> bytes:
    found = parse(tags)
    for tag in found if isinstance(found, list) else ():
        if isinstance(tag, dict) and tag.get("key") == "release":
            return dump({"version": tag.get("value")})
    return b"null"


def _read_end(timestamp: bytes) -> bytes:
    from archive.events.api.generation import NEWEST, format_instant

    seconds = parse(timestamp)
    try:
        return dump(format_instant(seconds, NEWEST.date_created_digits))
    except (TypeError, ValueError, OverflowError):
        return b"null"


def _read_members(text: bytes) -> dict[str, bytes]:
    """Read the values of an object; of duplicate keys, the last counts. Empty for `null`."""
    if not text.startswith(b"{"):
        return {}
    return {member.key: text[member.value_start : member.end] for member in list_members(text)}


def _join(members: dict[str, bytes]) -> bytes:
    return b"{%b}" % b",".join(b"%b:%b" % (dump(key), value) for key, value in members.items())
