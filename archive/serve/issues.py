"""Endpoints of an issue: its events, the latest and the oldest of them, its hashes."""

from __future__ import annotations

from archive.api import Archive
from archive.errors import EventNotFound, InvalidEventId
from archive.events.identity import normalize_event_id
from archive.listing import Scope, read_number
from archive.resolve import Answer
from archive.serve.events import pick_writer, reply_detail, reply_events
from archive.serve.pages import reply_page
from archive.serve.requests import Ask, Refused, Reply, dump


def list_events(archive: Archive, ask: Ask) -> Reply:
    """An issue's events, the newest first."""
    scope = _narrow(ask)
    reply = reply_events(archive, ask, scope)
    if reply.body == b"[]":
        _find_first(archive, scope)
    return reply


def show_latest(archive: Archive, ask: Ask) -> Reply:
    """The newest event of an issue, with its details."""
    return reply_detail(archive, _find_first(archive, _narrow(ask)))


def show_oldest(archive: Archive, ask: Ask) -> Reply:
    """The oldest event of an issue, with its details."""
    return reply_detail(archive, _find_first(archive, _narrow(ask), oldest=True))


def show_event(archive: Archive, ask: Ask) -> Reply:
    """One event of an issue, with its details."""
    organization, project, _, group_id = _find_first(archive, _narrow(ask)).owner
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
    scope, write = _narrow(ask), pick_writer(ask, standard="true")
    _find_first(archive, scope)
    return reply_page(
        ask,
        lambda limit, offset: archive.list_hashes(scope, limit=limit, offset=offset),
        lambda found: b'{"id":%b,"latestEvent":%b}' % (dump(found[0].value), write(found[1])),
    )


def _narrow(ask: Ask) -> Scope:
    """The events of the issue, as far as they may be read. Raises EventNotFound, Refused."""
    group_id = read_number(ask.path["issue_id"])
    scope = ask.narrow(group_id=group_id)
    if group_id is None:
        raise EventNotFound()
    return scope


def _find_first(archive: Archive, scope: Scope, *, oldest: bool = False) -> Answer:
    """The newest event, or the oldest. Raises EventNotFound: an issue without one is not known."""
    found = archive.list_events(scope, limit=1, oldest=oldest)
    if not found:
        raise EventNotFound()
    return found[0]
