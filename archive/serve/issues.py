"""Endpoints of an issue: its events, the latest and the oldest of them, its hashes."""

from __future__ import annotations

from archive.api import Archive
from archive.errors import EventNotFound, InvalidEventId
from archive.events.identity import normalize_event_id
from archive.listing import Scope, read_number
from archive.serve.events import pick_writer, reply_detail
from archive.serve.pages import reply_page
from archive.serve.requests import Ask, Refused, Reply, dump


def list_events(archive: Archive, ask: Ask) -> Reply:
    """An issue's events, the newest first."""
    scope = _find_issue(archive, ask)
    return reply_page(
        ask,
        lambda limit, offset: archive.list_events(scope, limit=limit, offset=offset),
        pick_writer(ask),
    )


def show_latest(archive: Archive, ask: Ask) -> Reply:
    """The newest event of an issue, with its details."""
    (answer,) = archive.list_events(_find_issue(archive, ask), limit=1)
    return reply_detail(archive, answer)


def show_oldest(archive: Archive, ask: Ask) -> Reply:
    """The oldest event of an issue, with its details."""
    (answer,) = archive.list_events(_find_issue(archive, ask), limit=1, oldest=True)
    return reply_detail(archive, answer)


def show_event(archive: Archive, ask: Ask) -> Reply:
    """One event of an issue, with its details."""
    scope = _find_issue(archive, ask)
    (newest,) = archive.list_events(scope, limit=1)
    organization, project, _, group_id = newest.owner
    try:
        event_id = normalize_event_id(ask.path["event_id"])
        answer = archive.resolve(event_id, organization=organization, project=project)
    except (EventNotFound, InvalidEventId) as error:
        raise Refused(404, "Event not found") from error
    if answer.owner.group_id != group_id:
        raise Refused(404, "Event not found")
    return reply_detail(archive, answer)


def list_hashes(archive: Archive, ask: Ask) -> Reply:
    """An issue's grouping hashes, each with its newest event."""
    scope, write = _find_issue(archive, ask), pick_writer(ask, standard="true")
    return reply_page(
        ask,
        lambda limit, offset: archive.list_hashes(scope, limit=limit, offset=offset),
        lambda found: b'{"id":%b,"latestEvent":%b}' % (dump(found[0].value), write(found[1])),
    )


def _find_issue(archive: Archive, ask: Ask) -> Scope:
    """The scope of an issue that has events. Raises EventNotFound, Refused."""
    group_id = read_number(ask.path["issue_id"])
    scope = ask.narrow(group_id=group_id)
    if group_id is None or not archive.list_events(scope, limit=1):
        raise EventNotFound()
    return scope
