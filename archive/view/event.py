"""Build the view of an event from the API's answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from archive.view.members import Members
from archive.view.model import Crumb, Event, Fact, Section, Trace
from archive.view.remarks import view_errors, view_remarks
from archive.view.traces import view_exceptions, view_stacktrace, view_threads

# The entries with stack traces, in the order in which they are shown.
_TRACES: dict[str, Callable[[Members], list[Trace]]] = {
    "exception": view_exceptions,
    "stacktrace": view_stacktrace,
    "threads": view_threads,
}
# The headings of entries.
_ENTRIES = {
    "exception": "Exceptions",
    "stacktrace": "Stack trace",
    "threads": "Threads",
    "breadcrumbs": "Breadcrumbs",
    "message": "Message",
    "request": "Request",
    "csp": "Content security policy",
    "debugmeta": "Debug images",
    "spans": "Spans",
}
# The members of an event with a heading of their own, in order.
_SECTIONS = {
    "user": "User",
    "contexts": "Contexts",
    "packages": "Packages",
    "sdk": "SDK",
    "release": "Release",
    "fingerprints": "Fingerprints",
}
_USER_NAMES = ("email", "username", "name", "id", "ip_address")


def view_event(answer: Any) -> Event:
    """Build the view of an event.

    answer: a response of the API's eventids endpoint, with values of any type in any place.
    """
    envelope = Members(answer)
    event = envelope.take_members("event")
    title = event.take_text("title") or "<untitled>"
    facts = [Fact(name, value) for name, value in _list_facts(envelope, event) if value]
    traces: dict[str, list[Trace]] = {kind: [] for kind in _TRACES}
    crumbs: list[Crumb] = []
    sections: list[Section] = []
    for entry in event.take_items("entries"):
        kind, data = entry.take_text("type"), entry.take_members("data")
        if kind in _TRACES:
            traces[kind] += _TRACES[kind](data)
        elif kind == "breadcrumbs":
            crumbs += map(_view_crumb, data.take_items("values"))
        elif kind == "message" and (message := data.take_text("formatted")) not in ("", title):
            facts.append(Fact("message", message))
        rest = (*_list_first(data), *data.rest(), *entry.rest())
        if kind in _ENTRIES or not rest:
            sections.append(Section(_ENTRIES.get(kind, ""), rest))
        else:
            sections.append(Section("Entry", (Fact(kind, "", rest),)))
    sections += _list_sections(event)
    sections.append(Section("More", (*event.rest(), *envelope.rest())))
    return Event(
        title,
        tuple(facts),
        tuple(trace for found in traces.values() for trace in found),
        tuple(crumbs),
        tuple(section for section in sections if section.facts),
    )


def _list_first(data: Members) -> Iterator[Fact]:
    """What an entry begins with: the method and URL of a request, or the debug images."""
    for name in ("method", "url"):
        value = data.take_text(name)
        if value:
            yield Fact(name, value)
    yield from data.take_facts("images")


def _list_facts(envelope: Members, event: Members) -> Iterator[tuple[str, str]]:
    event_id = envelope.take_text("eventId") or event.take_text("eventID")
    for name in ("eventID", "id"):
        event.drop(name, event_id)
    yield "event", event_id
    slugs = [envelope.take_text(name) for name in ("organizationSlug", "projectSlug")]
    yield "project", "/".join(filter(None, slugs)) or event.take_text("projectID")
    issue = envelope.take_text("groupId") or event.take_text("groupID")
    event.drop("groupID", issue)
    yield "issue", issue
    yield "culprit", event.take_text("culprit")
    yield "happened", event.take_text("dateCreated") or event.take_text("endTimestamp")
    yield "received", event.take_text("dateReceived")
    yield "platform", event.take_text("platform")
    yield "release", _find_release(event)
    user = Members(event.get("user"))
    yield "user", next(filter(None, map(user.get_text, _USER_NAMES)), "")


def _find_release(event: Members) -> str:
    version = Members(event.get("release")).get_text("version")
    tags = event.get("tags")
    pairs = map(Members, tags if isinstance(tags, list) else [])
    tagged = (tag.get_text("value") for tag in pairs if tag.get_text("key") == "release")
    return version or event.get_text("release") or next(tagged, "")


def _list_sections(event: Members) -> Iterator[Section]:
    yield Section("Tags", _view_tags(event))
    for member, name in _SECTIONS.items():
        yield Section(name, event.take_members(member).rest())
    yield Section("Extra", event.take_facts("context"))
    yield Section("Remarks", view_remarks(event.take("_meta")))
    yield Section("Processing errors", view_errors(event))


def _view_tags(event: Members) -> tuple[Fact, ...]:
    tags = event.get("tags")
    if not isinstance(tags, list) or not all(isinstance(tag, dict) for tag in tags):
        return event.take_facts("tags")
    return tuple(
        Fact(tag.take_text("key"), tag.take_text("value"), tag.rest())
        for tag in event.take_items("tags")
    )


def _view_crumb(crumb: Members) -> Crumb:
    category = crumb.take_text("category") or crumb.take_text("type")
    for shown in (category, "default"):
        crumb.drop("type", shown)
    return Crumb(
        time=crumb.take_text("timestamp"),
        level=crumb.take_text("level"),
        category=category,
        message=crumb.take_text("message"),
        facts=(*crumb.take_facts("data", 0), *crumb.rest(0)),
    )
