"""The stored body of an event as Sentry has it after loading: every read normalises it again.

Source: Sentry 2024-09, `eventstore/models.py` (EventDict) with sentry-relay 0.9.1 (Relay 24.9,
relay-event-schema `protocol/event.rs`), which on a read changes no more than the form.
"""

from typing import Any

from archive.events.serializer.renormalize.contexts import contexts
from archive.events.serializer.renormalize.frames import exceptions, stacktrace, threads
from archive.events.serializer.renormalize.images import debug_meta
from archive.events.serializer.renormalize.interfaces import (
    breadcrumbs,
    errors,
    ingest_path,
    logentry,
    request,
    sdk,
    template,
    transaction_info,
    user,
)
from archive.events.serializer.renormalize.pairs import tags
from archive.events.serializer.renormalize.reports import csp, expectct, expectstaple, hpkp
from archive.events.serializer.renormalize.rules import (
    EMPTY,
    HOLLOW,
    KEEP,
    annotations,
    anything,
    are_lasting,
    array,
    bag,
    mapping,
    struct,
    text,
)
from archive.events.serializer.renormalize.scalars import (
    event_id,
    event_type,
    lenient_text,
    level,
    timestamp,
    unsigned,
)
from archive.events.serializer.renormalize.spans import measurements, spans

_PYTHON_TYPE = "generic"
"""An event type that Relay does not know; Sentry puts it back after normalising."""

_ALIASES = {
    "sentry.interfaces.Message": "logentry",
    "message": "logentry",
    "sentry.interfaces.User": "user",
    "sentry.interfaces.Http": "request",
    "sentry.interfaces.Contexts": "contexts",
    "sentry.interfaces.Breadcrumbs": "breadcrumbs",
    "sentry.interfaces.Exception": "exception",
    "sentry.interfaces.Stacktrace": "stacktrace",
    "sentry.interfaces.Template": "template",
    "sentry.interfaces.Csp": "csp",
    "sentry.interfaces.Hpkp": "hpkp",
    "sentry.interfaces.ExpectCT": "expectct",
    "sentry.interfaces.ExpectStaple": "expectstaple",
}

_event = struct(
    ("event_id", event_id, KEEP),
    ("level", level, KEEP),
    ("version", text, KEEP),
    ("type", event_type, KEEP),
    ("fingerprint", array(lenient_text), EMPTY),
    ("culprit", text, KEEP),
    ("transaction", text, KEEP),
    ("transaction_info", transaction_info, KEEP),
    ("time_spent", unsigned, KEEP),
    ("logentry", logentry, HOLLOW),
    ("logger", text, KEEP),
    ("modules", mapping(text), EMPTY),
    ("platform", text, KEEP),
    ("timestamp", timestamp, KEEP),
    ("start_timestamp", timestamp, KEEP),
    ("received", timestamp, KEEP),
    ("server_name", text, KEEP),
    ("release", lenient_text, EMPTY),
    ("dist", text, KEEP),
    ("environment", text, KEEP),
    ("site", text, KEEP),
    ("user", user, HOLLOW),
    ("request", request, HOLLOW),
    ("contexts", contexts, KEEP),
    ("breadcrumbs", breadcrumbs, HOLLOW),
    ("exception", exceptions, HOLLOW),
    ("stacktrace", stacktrace, HOLLOW),
    ("template", template, KEEP),
    ("threads", threads, HOLLOW),
    ("tags", tags, EMPTY),
    ("extra", bag, EMPTY),
    ("debug_meta", debug_meta, HOLLOW),
    ("sdk", sdk, HOLLOW),
    ("ingest_path", ingest_path, EMPTY),
    ("errors", errors, EMPTY),
    ("key_id", text, KEEP),
    ("project", unsigned, KEEP),
    ("grouping_config", bag, KEEP),
    ("checksum", text, KEEP),
    ("csp", csp, KEEP),
    ("hpkp", hpkp, KEEP),
    ("expectct", expectct, KEEP),
    ("expectstaple", expectstaple, KEEP),
    ("spans", spans, KEEP),
    ("measurements", measurements, EMPTY),
    ("breakdowns", mapping(measurements), EMPTY),
    ("scraping_attempts", anything, KEEP),
    ("_metrics", bag, KEEP),
    ("_dsc", anything, KEEP),
    aliases=_ALIASES,
)


_SETTLED = frozenset(
    {"exception", "stacktrace", "threads", "breadcrumbs", "request", "debug_meta", "modules"}
)
"""Interfaces that stay as they are where `archive.events.normalize` has just made them."""


def renormalize(body: dict[str, Any], is_fresh: bool = False) -> dict[str, Any]:
    """The body in Relay's key order, without what is empty or of the wrong type.

    A fresh one was made by `archive.events.normalize`: what it settled comes last, unread.
    """
    left = _find_settled(body) if is_fresh else {}
    body = {key: value for key, value in body.items() if key not in left}
    for key in ("_ref", "_ref_version"):
        body.pop(key, None)
    meta = body.pop("_meta", None)
    event: dict[str, Any]
    event, notes = _event(body, meta)
    if body.get("type") == _PYTHON_TYPE:
        event["type"] = _PYTHON_TYPE
    event.update(left)
    kept = {key: annotations(left[key], meta[key]) for key in left if meta and key in meta}
    if notes or kept:
        event["_meta"] = dict(sorted({**(notes or {}), **kept}.items()))
    return event


def _find_settled(body: dict[str, Any]) -> dict[str, Any]:
    """The interfaces that a fresh body has as Relay leaves them.

    An annotation can keep what is empty, which is then for Relay to judge.
    """
    meta = body.get("_meta") or {}
    return {
        key: body[key]
        for key in _SETTLED & body.keys()
        if key not in meta or are_lasting(body[key], meta[key])
    }
