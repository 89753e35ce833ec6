"""Endpoints of an issue.

Paths within an organization also accept its short ID, case-insensitively (Sentry,
models/group.py: get_group_with_redirect, parse_short_id).
"""

from __future__ import annotations

from typing import Any

from archive.api import Archive
from archive.errors import EventNotFound, InvalidEventId
from archive.events.identity import normalize_event_id
from archive.events.reference import parse_issue
from archive.jsontext import dump
from archive.query.listing import Issue, Scope
from archive.resolve import Answer
from archive.serve.endpoints.events import pick_writer, reply_detail, reply_events
from archive.serve.http import ApiError, ApiRequest, ApiResponse, format_timestamp
from archive.serve.pagination import reply_page


def list_events(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List an issue's events, newest first."""
    scope = _narrow(archive, request)
    answer = reply_events(archive, request, scope)
    if answer.body == b"[]":
        _find_first(archive, scope)
    return answer


def show_latest(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return the newest event of an issue with details."""
    return reply_detail(archive, _find_first(archive, _narrow(archive, request)))


def show_recommended(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return the newest event of an issue with details; Sentry may recommend another."""
    return show_latest(archive, request)


def show_oldest(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return the oldest event of an issue with details."""
    return reply_detail(archive, _find_first(archive, _narrow(archive, request), oldest=True))


def show_event(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return one event of an issue with details."""
    organization, project, _, group_id = _find_first(archive, _narrow(archive, request)).owner
    try:
        event_id = normalize_event_id(request.path["event_id"])
        answer = archive.resolve(event_id, organization=organization, project=project)
    except (EventNotFound, InvalidEventId) as error:
        raise ApiError(404, "Event not found") from error
    if answer.owner.group_id != group_id:
        raise ApiError(404, "Event not found")
    return reply_detail(archive, answer)


def list_hashes(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List an issue's grouping hashes, each with its newest event."""
    scope, write = _narrow(archive, request), pick_writer(request, default="true")
    _find_first(archive, scope)
    return reply_page(
        request,
        lambda limit, offset: archive.list_hashes(scope, limit=limit, offset=offset),
        lambda found: b'{"id":%b,"latestEvent":%b}' % (dump(found[0].value), write(found[1])),
    )


def resolve_short_id(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return an issue by short ID, as far as exports describe it."""
    issue = _find_issue(archive, request, request.path["short_id"])
    return ApiResponse(
        dump(
            {
                "organizationSlug": issue.organization_slug or request.path["organization"],
                "projectSlug": issue.project_slug,
                "groupId": str(issue.group_id),
                "group": _describe_issue(issue),
                "shortId": issue.short_id,
            }
        )
    )


def _narrow(archive: Archive, request: ApiRequest) -> Scope:
    """Return the scope of the issue in the path. Raises EventNotFound, ApiError."""
    request.narrow()
    named = parse_issue(request.path["issue_id"])
    if named is not None and named.group_id is not None:
        return request.narrow(group_id=named.group_id)
    if "organization" not in request.path:
        raise EventNotFound()
    issue = _find_issue(archive, request, request.path["issue_id"])
    return request.narrow().narrow(issue)


def _find_issue(archive: Archive, request: ApiRequest, named: str) -> Issue:
    """Find an issue by short ID. Raises EventNotFound, ApiError."""
    scope, reference = request.narrow(), parse_issue(named.upper())
    short_id = reference and reference.short_id
    issue = archive.find_issue(short_id, scope) if short_id else None
    if issue is None:
        raise EventNotFound()
    return issue


def _describe_issue(issue: Issue) -> dict[str, Any]:
    """Format the fields of Sentry's GroupSerializer that exports contain, in its order."""
    return {
        "id": str(issue.group_id),
        "shortId": issue.short_id,
        "title": issue.title,
        "culprit": issue.culprit,
        "permalink": issue.permalink,
        "logger": issue.logger,
        "level": issue.level,
        "status": issue.status,
        "substatus": issue.substatus,
        "platform": issue.platform,
        "project": {
            "id": None if issue.project_id is None else str(issue.project_id),
            "name": issue.project_slug,
            "slug": issue.project_slug,
            "platform": issue.platform,
        },
        "type": issue.type,
        "count": None if issue.times_seen is None else str(issue.times_seen),
        "userCount": issue.user_count,
        "firstSeen": format_timestamp(issue.first_seen),
        "lastSeen": format_timestamp(issue.last_seen),
    }


def _find_first(archive: Archive, scope: Scope, *, oldest: bool = False) -> Answer:
    """Find the newest or oldest event of a scope. Raises EventNotFound."""
    found = archive.list_events(scope, limit=1, oldest=oldest)
    if not found:
        raise EventNotFound()
    return found[0]
