"""The forms of events, by which they and their shapes are recognized."""

from __future__ import annotations

from typing import NamedTuple

from archive.exports.patterns import Pattern, pattern
from archive.exports.raw_members import Members, find_opening, read_members
from archive.exports.shapes import DETAIL_ONLY, Hints, Shape


class Form(NamedTuple):
    """One form of an event: a readable name, a pattern of its members, and its source.

    shape: None if other members determine it.
    """

    name: str
    pattern: Pattern
    source: str
    shape: Shape | None = None


_EVENT_PY = "api/serializers/models/event.py"

# The forms that the serializers of Sentry's API write, since 2014.
API_FORMS = (
    Form("event with entries", pattern("eventID entries[]"), f"{_EVENT_PY}: EventSerializer"),
    Form("event of a list", pattern("eventID event.type"), f"{_EVENT_PY}: SimpleEventSerializer"),
    Form(
        "event of a list, before 2019",
        pattern("eventID groupID", one_of="tags[] platform dateCreated title message"),
        f"{_EVENT_PY}: SimpleEventSerializer",
    ),
    Form(
        "event of a list, before issues had an ID there",
        pattern("eventID tags[] dateCreated platform"),
        f"{_EVENT_PY}: EventSerializer",
    ),
    Form(
        "event of a list, without its issue",
        pattern("eventID projectID", one_of="tags[] platform dateCreated title message"),
        f"{_EVENT_PY}: SimpleEventSerializer",
    ),
    Form(
        "event as PagerDuty gets it",
        pattern("eventID project datetime"),
        f"{_EVENT_PY}: ExternalEventSerializer",
    ),
)
ANSWER_FORM = Form(
    "eventids answer",
    pattern("organizationSlug projectSlug event{}"),
    "api/endpoints/organization_eventid.py",
    Shape.EVENTIDS,
)
GLITCHTIP_FORM = Form(
    "GlitchTip's event",
    pattern("eventId entries[]", one_of="groupId projectId dateReceived"),
    "GlitchTip, apps/issue_events/schema.py: IssueEventSchema",
)

# Platforms that Relay knows; any other becomes `other` (relay-event-normalization, event.rs).
PLATFORMS = frozenset(
    {"as3", "c", "cfml", "cocoa", "csharp", "elixir", "go", "groovy", "haskell", "java"}
    | {"javascript", "native", "node", "objc", "other", "perl", "php", "python", "ruby"}
)
_PLATFORM_TEXTS = frozenset(f'"{platform}"'.encode() for platform in PLATFORMS)

# Members that only ingestion adds, never an SDK (Relay, processing; Sentry, event_manager.py).
_STORED_ONLY = frozenset({"received", "hashes", "nodestore_insert", "_ref"})
# Members of an event as an SDK sends it (Relay, event schema).
_SENT = (
    frozenset({"exception", "stacktrace", "threads", "logentry", "breadcrumbs", "request", "spans"})
    | {"csp", "hpkp", "expectct", "expectstaple", "nel", "template", "debug_meta", "sdk"}
    | {"message", "timestamp", "start_timestamp", "level", "type", "tags", "contexts", "platform"}
    | {"transaction"}
    | {"user", "extra", "modules", "release", "environment", "culprit", "received", "errors"}
    | {"fingerprint", "server_name"}
)
# Members of which an object must have one to be the event that a wrapper or envelope announces.
_GENERAL = {"type", "timestamp", "user", "tags", "transaction", "release", "environment"}
_DISTINCTIVE = _SENT - _GENERAL
_WITH_PLATFORM = _SENT - {"platform", "sdk", "user", "transaction", "template"}
_LEGACY = "sentry.interfaces."
_INTERFACES = (
    "exception{}[] stacktrace{} threads{}[] logentry{} breadcrumbs{}[] csp{} hpkp{} expectct{} "
    "expectstaple{} debug_meta{}"
)
_SCHEMA = "Relay, relay-event-schema: protocol/event.rs"

# The forms of an event with an `event_id`. Such an object is also an event if it has a platform
# that Relay knows, or an object `sdk`, together with another member of events; or if it has
# members of old SDKs, whose names begin with `sentry.interfaces.`.
SENT_FORMS = (
    Form("event of an SDK", pattern("", one_of=_INTERFACES), _SCHEMA),
    Form("event of an SDK", pattern("message", one_of="fingerprint[] culprit"), _SCHEMA),
    Form("message of an SDK", pattern("message{}"), _SCHEMA),
    # Application logs also have a message and a level, but always a time.
    Form("message of an SDK", pattern('message"" level event_id', only=""), _SCHEMA),
    *(
        Form("event with a single member", pattern(f"{member} event_id", only=""), _SCHEMA)
        for member in ("contexts{}", "request{}", "template{}", "user{}")
    ),
    Form("transaction", pattern("start_timestamp type=transaction"), _SCHEMA),
    Form(
        "stored event",
        pattern("", one_of="_meta{} _metrics{} grouping_config{} hashes[] nodestore_insert"),
        "event_manager.py",
    ),
    Form(
        "download of the UI",
        pattern('project datetime""', one_of="platform hashes[] culprit"),
        "api/endpoints/event_json.py",
    ),
)
# An event without an ID needs more evidence: application logs also have exceptions.
UNNAMED_FORMS = (
    Form("event without an ID", pattern("_meta{} request{}"), _SCHEMA),
    Form("event without an ID", pattern("sdk{} platform"), _SCHEMA),
    Form(
        "event without an ID",
        pattern("sdk{}", one_of=f"{_INTERFACES} request{{}} spans[]"),
        _SCHEMA,
    ),
    Form(
        "event without an ID",
        pattern("debug_meta{}", one_of="exception{}[] stacktrace{} threads{}[]"),
        _SCHEMA,
    ),
)
_EXCEPTION_MEMBERS = frozenset({"values", "type", "value", "module", "stacktrace", "mechanism"})
_HAS_INTERFACE = pattern("", one_of=f"{_INTERFACES} request{{}} spans[]")
# An object with an ID and this many of these members is an event even if each has the wrong
# type, as in events of broken SDKs.
_MIN_NAMES = 6
_NAMES = frozenset(
    {"exception", "stacktrace", "threads", "logentry", "breadcrumbs", "request", "spans"}
) | {"debug_meta", "contexts", "sdk", "modules", "fingerprint", "extra", "user", "tags"}


def find_shape(members: Members, hints: Hints) -> Shape | None:
    """Find the shape of an event; None if nothing shows that the object is one.

    hints: their `shape` applies only to an object with at least one of an event's members.
    """
    if "eventID" in members and any(form.pattern.matches(members) for form in API_FORMS):
        return _find_api_shape(members)
    if ANSWER_FORM.pattern.matches(members):
        return Shape.EVENTIDS if _holds_event(bytes(members["event"])) else None
    if GLITCHTIP_FORM.pattern.matches(members):
        return _find_api_shape(members)
    if hints.shape:
        return hints.shape if _looks_sent(members) else None
    return _find_sent_shape(members, has_id=hints.event_id is not None or "event_id" in members)


def find_certain_shape(members: Members) -> Shape | None:
    """Find the shape of an event that needs no further checks; None for any other object."""
    if "eventID" not in members or find_opening(members.get("entries")) != b"[":
        return None
    return _find_api_shape(members)


def _holds_event(raw: bytes) -> bool:
    """Whether an eventids answer contains an event; usually the member names show it."""
    if b'"entries"' in raw and b'"eventID"' in raw:
        return True
    members = read_members(raw)
    return any(form.pattern.matches(members) for form in API_FORMS)


def _find_api_shape(members: Members) -> Shape:
    if "entries" not in members:
        return Shape.SIMPLE
    return Shape.FULL if DETAIL_ONLY.isdisjoint(members) else Shape.DETAIL


def _find_sent_shape(members: Members, has_id: bool) -> Shape | None:
    """Find the shape of an event that was not written by the API."""
    if not (_is_sent(members) if has_id else _is_sent_without_id(members)):
        return None
    if not has_id:
        return Shape.SDK
    if "project" in members and find_opening(members.get("datetime")) == b'"':
        return Shape.DOWNLOAD
    is_stored = "title" in members and "location" in members
    return Shape.STORE if is_stored or not _STORED_ONLY.isdisjoint(members) else Shape.SDK


def _is_sent(members: Members) -> bool:
    """Whether an object with an ID is an event."""
    if "project_id" in members and not _HAS_INTERFACE.matches(members):
        return False  # a table row or a wrapper: events have `project` instead
    if _has_foreign_exception(members):
        members = {key: value for key, value in members.items() if key != "exception"}
    return (
        (_names_sender(members) and not _WITH_PLATFORM.isdisjoint(members))
        or any(form.pattern.matches(members) for form in SENT_FORMS)
        or _has_legacy(members)
        or len(_NAMES & members.keys()) >= _MIN_NAMES
    )


def _is_sent_without_id(members: Members) -> bool:
    return (
        (_has_known_platform(members) and _HAS_INTERFACE.matches(members))
        or any(form.pattern.matches(members) for form in UNNAMED_FORMS)
        or _has_legacy(members)
    )


def _has_foreign_exception(members: Members) -> bool:
    """Whether the exception is an object such as application logs have, not one of Sentry's."""
    exception = members.get("exception")
    if exception is None or find_opening(exception) != b"{":
        return False
    raw = bytes(exception)
    if raw.startswith(b'{"values"'):  # as SDKs write it: nothing has to be parsed
        return False
    inner = read_members(raw)
    return bool(inner) and _EXCEPTION_MEMBERS.isdisjoint(inner)


def _has_known_platform(members: Members) -> bool:
    return bytes(members.get("platform", b"")) in _PLATFORM_TEXTS


def _names_sender(members: Members) -> bool:
    """Whether an object names its SDK or a known platform."""
    return _has_known_platform(members) or find_opening(members.get("sdk")) == b"{"


def _has_legacy(members: Members) -> bool:
    return any(key.startswith(_LEGACY) for key in members)


def _looks_sent(members: Members) -> bool:
    return not _DISTINCTIVE.isdisjoint(members) or _is_sent(members)
