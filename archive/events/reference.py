"""Parse references to events: an ID, an issue, or a link to either."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from archive.errors import InvalidEventId, InvalidLink
from archive.events.identity import normalize_event_id

LONGEST = 8192  # characters, to bound the time
_SHOWN = 200

_AROUND = " \t\r\n\f\v\xa0\ufeff\"'`“”„\u2018\u2019«»<>()[]*.,;:!?…"
_LABEL = re.compile(
    r"(?=[a-z])(?:sentry[ _-]?)?(?:(?:event|issue|short)[ _.-]?)?(?:id)?[\"'`*]*(?:\s*[:=]|\s)",
    re.ASCII | re.IGNORECASE,
)
_EVENT = re.compile(r"(?:([A-Za-z0-9_.-]{1,100}):)?([0-9A-Fa-f-]{32,36})", re.ASCII)
_ISSUE_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
# The project's slug in upper case, "-", and the number in Crockford's base 32 (Sentry,
# models/group.py: qualified_short_id, utils/numbers.py). Seven digits are 34 billion issues.
_SHORT_ID = re.compile(r"(?=[0-9_-]*[A-Z])([A-Z0-9_-]{1,100})-([0-9A-TV-Z]{1,7})", re.ASCII)
_CROCKFORD = str.maketrans("OIL", "011")

_EVENTS = ("events", "eventids", "event")
_ISSUES = ("issues", "issue", "groups", "group", "shortids")
_RELATIVE_EVENTS = ("latest", "oldest", "recommended", "helpful")
_NODES = ("error-", "event-", "txn-")


class EventReference(NamedTuple):
    """An event by its ID. project: the slug or ID from a link."""

    event_id: str
    project: str | None = None


class IssueReference(NamedTuple):
    """The latest or the oldest event of an issue. issue: a numeric ID or a short ID."""

    issue: str
    oldest: bool = False

    @property
    def group_id(self) -> int | None:
        return int(self.issue) if self.issue.isdecimal() else None

    @property
    def short_id(self) -> str | None:
        return None if self.issue.isdecimal() else self.issue


Reference = EventReference | IssueReference


def parse_reference(text: str) -> Reference:
    """Parse a pasted text.

    It may be an event ID in any form that Sentry accepts, `PROJECT:ID`, an issue's numeric ID of
    up to 18 digits or short ID in upper case, or a link to an event or issue of Sentry, GlitchTip
    or Bugsink. Quotes, brackets, punctuation, a label such as `Event ID:`, and Markdown links are
    accepted.

    Raises InvalidEventId, InvalidLink.
    """
    if not isinstance(text, str) or len(text := text.strip()) > LONGEST:
        raise InvalidEventId()
    text = _unwrap(text)
    if "/" not in text and "?" not in text:
        found = _parse_word(text)
    else:
        found = _parse_link(text)
        if found is None and "://" in text:
            raise InvalidLink(link=text[:_SHOWN])
    if found is None:
        raise InvalidEventId()
    return found


def parse_issue(text: str) -> IssueReference | None:
    """Parse a numeric issue ID, or a short ID in upper case."""
    if _ISSUE_ID.fullmatch(text):
        return IssueReference(text)
    short = _SHORT_ID.fullmatch(text)
    return IssueReference(f"{short[1]}-{short[2].translate(_CROCKFORD)}") if short else None


def _unwrap(text: str) -> str:
    """Remove quotes, brackets and labels; of a Markdown or Slack link, return the address."""
    text = text.strip(_AROUND)
    if label := _LABEL.match(text):
        text = text[label.end() :].strip(_AROUND)
    if "](" in text:
        address = text.rpartition("](")[2].split(maxsplit=1)
        text = address[0] if address else ""
    if "://" in text:
        text = text.partition("|")[0]
    return text.strip(_AROUND)


def _parse_word(text: str) -> Reference | None:
    return _parse_event(text, needs_project=False) or parse_issue(text)


def _parse_event(text: str, *, needs_project: bool) -> EventReference | None:
    match = _EVENT.fullmatch(text)
    if match is None or (needs_project and not match[1]):
        return None
    try:
        return EventReference(normalize_event_id(match[2]), match[1])
    except InvalidEventId:
        return None


def _parse_link(text: str) -> Reference | None:
    """Find the event in a link's path, else in its query, else the issue."""
    from urllib.parse import parse_qs, unquote  # not needed for an ID

    path, _, query = text.partition("#")[0].partition("?")
    steps = list(pairwise([unquote(part) for part in path.split("/") if part]))
    parameters = parse_qs(query)
    event = _find_in_path(steps) or _find_in_query(parameters)
    if event:
        return event if event.project else event._replace(project=_find_project(steps, parameters))
    chosen = [value for name, value in steps if name in _EVENTS]
    if any(value not in _RELATIVE_EVENTS for value in chosen):  # an event with an invalid ID
        return None
    for name, value in steps:
        if name in _ISSUES and (issue := parse_issue(value)):
            return issue._replace(oldest="oldest" in chosen)
    return _find_searched(parameters)


def _find_in_path(steps: list[tuple[str, str]]) -> EventReference | None:
    for name, value in steps:
        if event := _parse_event(value, needs_project=name not in _EVENTS):
            return event
    return None


def _find_in_query(parameters: dict[str, list[str]]) -> EventReference | None:
    """Find the event in `eventId`, or in the open node of a trace: `error-ID`, `txn-ID`."""
    words = [
        word for name in ("eventId", "eventID", "event_id") for word in parameters.get(name, [])
    ]
    nodes = ",".join(parameters.get("node", [])).split(",")
    words += [node.removeprefix(kind) for kind in _NODES for node in nodes if node.startswith(kind)]
    events = (_parse_event(word, needs_project=False) for word in words)
    return next(filter(None, events), None)


def _find_searched(parameters: dict[str, list[str]]) -> Reference | None:
    """Find an event ID or short ID in a search query; a bare number is search text."""
    for query in parameters.get("query", []):
        found = _parse_word(_unwrap(query))
        if found and not query.isdecimal():
            return found
    return None


def _find_project(steps: list[tuple[str, str]], parameters: dict[str, list[str]]) -> str | None:
    """Find the project in `?project=ID` or `/projects/[ORG/]PROJECT/events/`.

    None for several projects, or -1, which means all.
    """
    named = parameters.get("project", [])
    if len(named) == 1 and named[0] != "-1":
        return named[0]
    names = [name for name, _ in steps]
    for at, name in enumerate(names):
        if name in _EVENTS and "projects" in names[max(0, at - 3) : at - 1]:
            return names[at - 1]
    return None
