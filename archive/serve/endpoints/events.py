"""Endpoints of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from archive.api import Archive
from archive.errors import EventNotFound, InvalidEventId
from archive.events.identity import normalize_event_id
from archive.query.listing import Scope
from archive.resolve import Answer
from archive.serve.endpoints.projects import require_project
from archive.serve.http import ApiError, ApiRequest, ApiResponse
from archive.serve.pagination import reply_page


def resolve_event(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Look up an event of an organization by ID."""
    request.narrow()
    event_id = normalize_event_id(request.path["event_id"])
    answer = archive.resolve(event_id, organization=request.path["organization"])
    return ApiResponse(request.authorize(answer).body)


def list_events(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List a project's events, newest first."""
    answer = reply_events(archive, request, request.narrow(project=request.path["project"]))
    if answer.body == b"[]":
        require_project(archive, request)
    return answer


def show_event(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return one event of a project with details."""
    return reply_detail(archive, _find_event(archive, request))


def download_event(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return an event as Sentry's UI downloads it, if its export contains that form."""
    download = _find_event(archive, request).download
    if download is None:
        raise ApiError(404, "Event not found")
    return ApiResponse(download)


def list_attachments(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List an event's attachments: always empty, since their content is not archived."""
    _find_event(archive, request)
    return reply_page(request, lambda limit, offset: [], bytes)


def reply_events(archive: Archive, request: ApiRequest, scope: Scope) -> ApiResponse:
    """Answer a page of the events of a scope that match the query, newest first."""
    found = replace(scope, query=request.query.get("query", ""))
    return reply_page(
        request,
        lambda limit, offset: archive.list_events(found, limit=limit, offset=offset),
        pick_writer(request),
    )


def reply_detail(archive: Archive, answer: Answer) -> ApiResponse:
    """Answer with an event, its details and the IDs of its neighbors."""
    neighbors = archive.find_neighbors(answer)
    return ApiResponse(answer.detail(neighbors.previous, neighbors.next))


def pick_writer(request: ApiRequest, default: str = "") -> Callable[[Answer], bytes]:
    """Choose how a list writes events: complete with `full`, otherwise as summaries."""
    is_full = request.query.get("full", default).lower() not in ("", "0", "false")
    return (lambda answer: answer.event) if is_full else (lambda answer: answer.summary)


def _find_event(archive: Archive, request: ApiRequest) -> Answer:
    request.narrow()
    organization, project = request.path["organization"], request.path["project"]
    try:
        event_id = normalize_event_id(request.path["event_id"])
        return request.authorize(
            archive.resolve(event_id, organization=organization, project=project)
        )
    except (EventNotFound, InvalidEventId) as error:
        require_project(archive, request)
        raise ApiError(404, "Event not found") from error
