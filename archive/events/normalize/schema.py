"""The fields of an event, in the order Relay writes them (protocol/event.rs)."""

import re
from typing import Any

from archive.events.normalize.breadcrumbs import read_breadcrumbs
from archive.events.normalize.contexts import read_contexts
from archive.events.normalize.debugmeta import read_debug_meta
from archive.events.normalize.exceptions import read_exceptions
from archive.events.normalize.frames import read_stacktrace
from archive.events.normalize.instants import read_timestamp
from archive.events.normalize.message import read_message
from archive.events.normalize.meta import Meta
from archive.events.normalize.request import read_request
from archive.events.normalize.scalars import (
    ENUM,
    SYMBOL,
    TEXT,
    filled,
    lenient,
    one_of,
    read_event_id,
    read_level,
    read_unsigned,
    stripped,
    text,
    without,
)
from archive.events.normalize.sdk import read_sdk
from archive.events.normalize.security import READERS as SECURITY_READERS
from archive.events.normalize.shapes import (
    Field,
    Keep,
    Struct,
    array,
    fields,
    mapping,
)
from archive.events.normalize.spans import read_measurements, read_spans
from archive.events.normalize.tags import read_tags
from archive.events.normalize.template import read_template
from archive.events.normalize.threads import read_threads
from archive.events.normalize.trim import FREE, LARGER, MASSIVE, bag, bag_of_bags
from archive.events.normalize.user import read_user

STATED_TYPES = frozenset({"transaction", "userreportv2", "feedback", "generic", "nel"})
PROJECT = re.compile(r"[0-9]{1,19}", re.ASCII)
SOURCES = frozenset({"custom", "url", "route", "view", "component", "sanitized", "task", "unknown"})
ALIASES = {
    "logentry": ("sentry.interfaces.Message", "message"),
    "user": ("sentry.interfaces.User",),
    "request": ("sentry.interfaces.Http",),
    "contexts": ("sentry.interfaces.Contexts",),
    "breadcrumbs": ("sentry.interfaces.Breadcrumbs",),
    "exception": ("sentry.interfaces.Exception",),
    "stacktrace": ("sentry.interfaces.Stacktrace",),
    "template": ("sentry.interfaces.Template",),
    "csp": ("sentry.interfaces.Csp",),
    "hpkp": ("sentry.interfaces.Hpkp",),
    "expectct": ("sentry.interfaces.ExpectCT",),
    "expectstaple": ("sentry.interfaces.ExpectStaple",),
}
CULPRIT = text(200, 20)
NAMED_TEXT = filled(stripped(text(64)))


def read_project(value: Any, meta: Meta) -> int | None:
    """Read the project's id, which ingest would set itself, without noting wrong ones."""
    if isinstance(value, str) and PROJECT.fullmatch(value):
        return int(value)
    return read_unsigned(value, {})


def read_fingerprint(value: Any, meta: Meta) -> list[str] | None:
    """Read the fingerprint: a list of texts, without what is none (Relay, fingerprint.rs)."""
    parts = read_texts(value, meta)
    return parts and [part for part in parts if part is not None]


read_texts = array(lenient(TEXT))


def read_type(value: Any, meta: Meta) -> str | None:
    """Read the type stated, without noting wrong ones: most types are inferred."""
    return value if isinstance(value, str) and value in STATED_TYPES else None


read_error = Struct(
    "eventprocessingerror",
    [Field("type", TEXT, required=True), Field("name", TEXT), Field("value", bag(FREE))],
)


def _interface(name: str, reader: Any, keep: Keep = Keep.FILLED_STRUCT) -> Field:
    return Field(name, reader, keep, aliases=ALIASES.get(name, ()))


read_fields = Struct(
    "event",
    [
        Field("event_id", read_event_id),
        Field("level", read_level),
        Field("type", read_type),
        Field("fingerprint", read_fingerprint, Keep.FILLED),
        Field("culprit", CULPRIT),
        Field("transaction", stripped(CULPRIT)),
        Field(
            "transaction_info",
            Struct(
                "transactioninfo",
                [
                    Field("source", one_of(SOURCES, "unknown", "a transaction source")),
                    Field("original", CULPRIT),
                    Field("changes", array(bag(FREE))),
                    Field("propagations", read_unsigned),
                ],
            ),
        ),
        Field("time_spent", read_unsigned),
        _interface("logentry", read_message),
        Field("logger", without("\r\n", text(64))),
        Field("modules", mapping(TEXT), Keep.DEEP_FILLED),
        Field("platform", TEXT),
        *fields(read_timestamp, "timestamp", "start_timestamp", "received"),
        Field("server_name", SYMBOL),
        Field("release", filled(stripped(lenient(text(200)))), Keep.FILLED),
        Field("dist", filled(stripped(TEXT))),
        Field("environment", NAMED_TEXT),
        Field("site", SYMBOL),
        _interface("user", read_user),
        _interface("request", read_request),
        _interface("contexts", read_contexts, Keep.ALL),
        _interface("breadcrumbs", read_breadcrumbs),
        _interface("exception", read_exceptions),
        _interface("stacktrace", read_stacktrace),
        _interface("template", read_template, Keep.ALL),
        _interface("threads", read_threads),
        Field("tags", read_tags, Keep.FILLED),
        Field("extra", bag_of_bags(MASSIVE, LARGER), Keep.FILLED),
        Field("debug_meta", read_debug_meta, Keep.FILLED_STRUCT),
        Field("sdk", read_sdk, Keep.FILLED_STRUCT),
        Field("ingest_path", array(bag(FREE)), Keep.FILLED),
        Field("errors", array(read_error), Keep.DEEP_FILLED),
        Field("project", read_project),
        Field("checksum", ENUM),
        *(_interface(name, reader, Keep.ALL) for name, reader in SECURITY_READERS.items()),
        Field("spans", read_spans),
        Field("measurements", read_measurements, Keep.FILLED),
        Field("breakdowns", mapping(read_measurements), Keep.FILLED),
    ],
)
