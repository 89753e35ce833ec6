"""Endpoints of events: by their ID alone, and of a project."""

from __future__ import annotations

from collections.abc import Callable

from archive.api import Archive
from archive.errors import EventNotFound, InvalidEventId
from archive.events.identity import normalize_event_id
from archive.query.listing import Scope
from archive.resolve import Answer
from archive.serve.endpoints.projects import require_project
from archive.serve.http import ApiError, ApiRequest, ApiResponse
from archive.serve.pagination import reply_page


def resolve_event(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """An event by its ID, wherever in the organization it is."""
    ask.narrow()
    event_id = normalize_event_id(ask.path["event_id"])
    answer = archive.resolve(event_id, organization=ask.path["organization"])
    return ApiResponse(ask.admit(answer).body)


def list_events(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """A project's events, the newest first."""
    reply = reply_events(archive, ask, ask.narrow(project=ask.path["project"]))
    if reply.body == b"[]":
        require_project(archive, ask)
    return reply


def show_event(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """One event of a project, with its details."""
    return reply_detail(archive, _find_event(archive, ask))


def download_event(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """An event as the JSON that Sentry's interface gives, where an export tells it."""
    download = _find_event(archive, ask).download
    if download is None:
        raise ApiError(404, "Event not found")
    return ApiResponse(download)


def list_attachments(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """An event's attachments: no export of events holds any."""
    _find_event(archive, ask)
    return reply_page(ask, lambda limit, offset: [], bytes)


def reply_events(archive: Archive, ask: ApiRequest, scope: Scope) -> ApiResponse:
    """A page of the events of a scope, the newest first."""
    return reply_page(
        ask,
        lambda limit, offset: archive.list_events(scope, limit=limit, offset=offset),
        pick_writer(ask),
    )


def reply_detail(archive: Archive, answer: Answer) -> ApiResponse:
    """An event with its details and the IDs of its neighbours."""
    neighbours = archive.find_neighbours(answer)
    return ApiResponse(answer.detail(neighbours.previous, neighbours.next))


def pick_writer(ask: ApiRequest, standard: str = "") -> Callable[[Answer], bytes]:
    """How events are written in a list: whole with `full`, else in short."""
    is_full = ask.query.get("full", standard).lower() not in ("", "0", "false")
    return (lambda answer: answer.event) if is_full else (lambda answer: answer.summary)


def _find_event(archive: Archive, ask: ApiRequest) -> Answer:
    ask.narrow()
    organization, project = ask.path["organization"], ask.path["project"]
    try:
        event_id = normalize_event_id(ask.path["event_id"])
        return ask.admit(archive.resolve(event_id, organization=organization, project=project))
    except (EventNotFound, InvalidEventId) as error:
        require_project(archive, ask)
        raise ApiError(404, "Event not found") from error
