"""Read projects, issues, feedback and attachments from records that are not events.

The members are those that Sentry's serializers write (sentry, api/serializers/models: group.py,
project.py, team.py, release.py, organization.py, userreport.py, eventattachment.py), and those of
`sentry export` and of envelopes. Any of them can be missing or have any type.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from archive.errors import InvalidEventId
from archive.events.columns import first_timestamp, read_int64, read_text, read_timestamp
from archive.events.flatten import Defaults
from archive.events.identity import normalize_event_id
from archive.events.longtext import MAX_TEXT_CHARS
from archive.events.rows import AttachmentRow, FeedbackRow, IssueRow, Row
from archive.exports.hints import read_link
from archive.exports.project_map import (
    Organization,
    Project,
    open_row,
    read_id,
    read_organization,
    read_project,
    read_slug,
)
from archive.exports.records import Learned, LearnedKind
from archive.jsontext import parse


@dataclass(frozen=True, slots=True)
class Facts:
    """The contents of a record: projects, organizations, and rows by table."""

    projects: list[Project] = field(default_factory=list)
    organizations: list[Organization] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """The load that a record belongs to.

    as_of: when the record was exported, if known, in microseconds since 1970.
    """

    load_id: str
    as_of: int
    defaults: Defaults


def learn(record: Learned, origin: Origin) -> Facts:
    """Read the facts from one record.

    Raises ValueError with the reason if it is not JSON or contains nothing that can be kept, and
    RecursionError if it nests too deeply.
    """
    value = parse(record.raw)
    return _READERS[record.kind](open_row(value), record, origin)


def _learn_organization(value: dict[str, Any], record: Learned, origin: Origin) -> Facts:
    return _learn_projects(value, read_organization(value), record, origin)


def _learn_project(value: dict[str, Any], record: Learned, origin: Origin) -> Facts:
    project = read_project(value, _find_owner(record, origin))
    if project is None:
        raise ValueError("a project without an ID or a slug")
    organization = read_organization(value.get("organization"))
    return Facts([project], [organization] if organization else [])


def _learn_holder(value: dict[str, Any], record: Learned, origin: Origin) -> Facts:
    """Read the projects of a team or a release."""
    return _learn_projects(value, read_organization(value.get("organization")), record, origin)


def _learn_projects(
    value: dict[str, Any], organization: Organization | None, record: Learned, origin: Origin
) -> Facts:
    """Read the member `projects` of an object."""
    slug = organization.organization_slug if organization else _find_owner(record, origin)
    rows = value.get("projects")
    projects = (read_project(row, slug) for row in (rows if isinstance(rows, list) else ()))
    return Facts(
        [project for project in projects if project], [organization] if organization else []
    )


def _learn_issue(value: dict[str, Any], record: Learned, origin: Origin) -> Facts:
    issue = _read_issue(value, record, origin)
    if issue is None:
        raise ValueError("an issue without a numeric ID")
    return Facts(_find_projects(issue), rows={"issues": issue})


def _learn_feedback(value: dict[str, Any], record: Learned, origin: Origin) -> Facts:
    """Read a row of `/user-feedback/`, or the item `user_report` of an envelope."""
    hints, event = record.hints, _open(value.get("event"))
    names = ("eventID", "event_id", "eventId")
    ids = (*map(value.get, names), event.get("eventID"), hints.event_id)
    issue = _read_issue(_open(value.get("issue")), record, origin)
    feedback = FeedbackRow(
        event_id=_first_event_id(ids),
        project_id=issue.project_id if issue else read_int64(hints.project_id),
        group_id=issue.group_id if issue else read_int64(hints.group_id),
        id=_read_text(value.get("id")),
        name=_read_text(value.get("name")),
        email=_read_text(value.get("email")),
        comments=_read_text(value.get("comments")),
        timestamp=first_timestamp(value.get("dateCreated"), value.get("timestamp")),
        load_id=origin.load_id,
    )
    if feedback.event_id is None and feedback.comments is None:
        raise ValueError("user feedback without an event ID or comments")
    if issue is None:
        return Facts(rows={"feedback": feedback})
    return Facts(_find_projects(issue), rows={"feedback": feedback, "issues": issue})


def _learn_attachment(value: dict[str, Any], record: Learned, origin: Origin) -> Facts:
    """Read a row of `/events/{id}/attachments/`, or an attachment of an envelope."""
    hints, data = record.hints, record.data
    headers = _open(value.get("headers"))
    attachment = AttachmentRow(
        event_id=_first_event_id((value.get("event_id"), value.get("eventID"), hints.event_id)),
        project_id=read_int64(hints.project_id),
        id=_read_text(value.get("id")),
        name=_read_text(value.get("name")),
        type=_read_text(value.get("type")),
        size=read_int64(value.get("size")) if data is None else len(data),
        sha1=_read_text(value.get("sha1")) or _hash(data),
        content_type=_read_text(value.get("mimetype") or headers.get("Content-Type")),
        timestamp=read_timestamp(value.get("dateCreated")),
        data=data,
        load_id=origin.load_id,
    )
    if attachment.event_id is None:
        raise ValueError("an attachment without an event ID")
    return Facts(rows={"attachments": attachment})


_READERS: dict[LearnedKind, Callable[[dict[str, Any], Learned, Origin], Facts]] = {
    LearnedKind.ORGANIZATION: _learn_organization,
    LearnedKind.PROJECT: _learn_project,
    LearnedKind.TEAM: _learn_holder,
    LearnedKind.RELEASE: _learn_holder,
    LearnedKind.ISSUE: _learn_issue,
    LearnedKind.FEEDBACK: _learn_feedback,
    LearnedKind.ATTACHMENT: _learn_attachment,
}


def _read_issue(value: dict[str, Any], record: Learned, origin: Origin) -> IssueRow | None:
    """Read an issue as GroupSerializer writes it; None without a numeric ID."""
    group_id = read_int64(value.get("id"))
    if group_id is None:
        return None
    hints, project = record.hints, _open(value.get("project"))
    permalink = _read_text(value.get("permalink"))
    link = read_link(permalink)
    owner = read_project(project, link.organization_slug)
    project_slug = owner.project_slug if owner else read_slug(project.get("slug"))
    return IssueRow(
        project_id=read_int64(read_id(project.get("id")) or hints.project_id),
        project_slug=project_slug or link.project_slug or hints.project_slug,
        organization_slug=(owner and owner.organization_slug)
        or link.organization_slug
        or _find_owner(record, origin),
        group_id=group_id,
        short_id=_read_text(value.get("shortId")),
        title=_read_text(value.get("title")),
        culprit=_read_text(value.get("culprit")),
        type=_read_text(value.get("type")),
        level=_read_text(value.get("level")),
        platform=_read_text(value.get("platform")),
        logger=_read_text(value.get("logger")),
        status=_read_text(value.get("status")),
        substatus=_read_text(value.get("substatus")),
        assignee=_read_assignee(value.get("assignedTo")),
        permalink=permalink,
        times_seen=read_int64(value.get("count")),
        user_count=read_int64(value.get("userCount")),
        first_seen=read_timestamp(value.get("firstSeen")),
        last_seen=read_timestamp(value.get("lastSeen")),
        as_of=origin.as_of,
        load_id=origin.load_id,
    )


def _find_projects(issue: IssueRow) -> list[Project]:
    """Return the project of an issue, if the issue has its ID and a slug."""
    slugs = issue.project_slug, issue.organization_slug
    is_known = issue.project_id is not None and any(slugs)
    return [Project(str(issue.project_id), *slugs)] if is_known else []


def _read_assignee(value: Any) -> str | None:
    if isinstance(value, dict):
        return _read_text(value.get("email")) or _read_text(value.get("name"))
    return _read_text(value)


def _find_owner(record: Learned, origin: Origin) -> str | None:
    return record.hints.organization_slug or origin.defaults.organization_slug


def _hash(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _first_event_id(values: tuple[Any, ...]) -> str | None:
    for value in values:
        if isinstance(value, str):
            with suppress(InvalidEventId):
                return normalize_event_id(value)
    return None


def _read_text(value: Any) -> str | None:
    text = read_text(value)
    return text if text is None or len(text) <= MAX_TEXT_CHARS else None


def _open(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
