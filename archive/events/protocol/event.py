"""The event: its fields in the order in which Relay writes them (Relay 24.9, protocol/event.rs)."""

from typing import Any

from archive.events.protocol.bag import LARGER, MASSIVE, any_bags, any_object, any_value
from archive.events.protocol.containers import array, mapping, values
from archive.events.protocol.contexts import CONTEXTS
from archive.events.protocol.debugmeta import DEBUG_META
from archive.events.protocol.exception import EXCEPTION
from archive.events.protocol.interfaces import (
    BREADCRUMB,
    CLIENT_SDK_INFO,
    LOG_ENTRY,
    TAGS,
    TEMPLATE_INFO,
    USER,
)
from archive.events.protocol.meta import Meta, add_error
from archive.events.protocol.mode import by_mode, plain
from archive.events.protocol.request import REQUEST
from archive.events.protocol.scalars import (
    ENUM,
    SYMBOL,
    TEXT,
    lenient,
    level,
    nonempty,
    one_of,
    read_event_id,
    stripped,
    text,
    timestamp,
    unsigned,
    without,
)
from archive.events.protocol.security_report import CSP, EXPECT_CT, EXPECT_STAPLE, HPKP
from archive.events.protocol.span import MEASUREMENTS, SPANS
from archive.events.protocol.stacktrace import STACKTRACE, THREAD
from archive.events.protocol.struct import EMPTY, EMPTY_DEEP, Field, Struct, fields
from archive.events.protocol.values import UNSIGNED_END

SECURITY_TYPES = ("csp", "hpkp", "expectct", "expectstaple")
STATED_TYPES = frozenset({"transaction", "userreportv2", "feedback", "generic", "nel"})
STORED_TYPES = frozenset({"default", "error", *SECURITY_TYPES, "nel", "transaction", "feedback"})
SOURCES = frozenset({"custom", "url", "route", "view", "component", "sanitized", "task", "unknown"})
CULPRIT = text(200, 20)
ANY = any_value()


def _read_sent_type(value: Any, meta: Meta) -> str | None:
    """Read the type stated, without noting wrong ones: most types are inferred."""
    return value if type(value) is str and value in STATED_TYPES else None


def _read_stored_type(value: Any, meta: Meta) -> str | None:
    if type(value) is str and value in STORED_TYPES:
        return value
    return add_error(meta, "invalid_data", value)


def _read_sent_project(value: Any, meta: Meta) -> int | None:
    """Read the project ID, which Sentry sets itself, without noting wrong ones."""
    if type(value) is str and value.isascii() and value.isdecimal() and len(value) < 20:
        return int(value)
    return value if type(value) is int and 0 <= value < UNSIGNED_END else None


EVENT_TYPE = by_mode(ingest=plain(_read_sent_type), stored=plain(_read_stored_type))
PROJECT_ID = by_mode(ingest=plain(_read_sent_project), stored=unsigned)

TRANSACTION_INFO = Struct(
    "transactioninfo",
    Field("source", one_of(SOURCES, "unknown", "a transaction source")),
    Field("original", CULPRIT),
    Field("changes", ANY),
    Field("propagations", unsigned),
)

EVENT_PROCESSING_ERROR = Struct(
    "eventprocessingerror",
    Field("type", TEXT, required=True),
    Field("name", TEXT),
    Field("value", ANY),
)

RELAY_INFO = Struct("relayinfo", *fields(TEXT, "version public_key"))

FINGERPRINT = array(lenient(TEXT))

EVENT = Struct(
    "event",
    Field("event_id", plain(read_event_id)),
    Field("level", level),
    Field("version", TEXT),
    Field("type", EVENT_TYPE),
    Field("fingerprint", FINGERPRINT, EMPTY),
    Field("culprit", CULPRIT),
    Field("transaction", stripped(CULPRIT)),
    Field("transaction_info", TRANSACTION_INFO),
    Field("time_spent", unsigned),
    Field("logentry", LOG_ENTRY, EMPTY, aliases=("sentry.interfaces.Message", "message")),
    Field("logger", without("\r\n", text(64))),
    Field("modules", mapping(TEXT), EMPTY_DEEP),
    Field("platform", TEXT),
    *fields(timestamp, "timestamp start_timestamp received"),
    Field("server_name", SYMBOL),
    Field("release", nonempty(stripped(lenient(text(200)))), EMPTY),
    Field("dist", nonempty(stripped(TEXT))),
    Field("environment", nonempty(stripped(text(64)))),
    Field("site", SYMBOL),
    Field("user", USER, EMPTY, aliases=("sentry.interfaces.User",)),
    Field("request", REQUEST, EMPTY, aliases=("sentry.interfaces.Http",)),
    Field("contexts", CONTEXTS, aliases=("sentry.interfaces.Contexts",)),
    Field("breadcrumbs", values(BREADCRUMB), EMPTY, aliases=("sentry.interfaces.Breadcrumbs",)),
    Field("exception", values(EXCEPTION), EMPTY, aliases=("sentry.interfaces.Exception",)),
    Field("stacktrace", STACKTRACE, EMPTY, aliases=("sentry.interfaces.Stacktrace",)),
    Field("template", TEMPLATE_INFO, aliases=("sentry.interfaces.Template",)),
    Field("threads", values(THREAD), EMPTY),
    Field("tags", TAGS, EMPTY),
    Field("extra", any_bags(MASSIVE, LARGER), EMPTY),
    Field("debug_meta", DEBUG_META, EMPTY),
    Field("sdk", CLIENT_SDK_INFO, EMPTY),
    Field("ingest_path", array(RELAY_INFO), EMPTY),
    Field("errors", array(EVENT_PROCESSING_ERROR), EMPTY_DEEP),
    Field("key_id", TEXT),
    Field("project", PROJECT_ID),
    Field("grouping_config", any_object()),
    Field("checksum", ENUM),
    Field("csp", CSP, aliases=("sentry.interfaces.Csp",)),
    Field("hpkp", HPKP, aliases=("sentry.interfaces.Hpkp",)),
    Field("expectct", EXPECT_CT, aliases=("sentry.interfaces.ExpectCT",)),
    Field("expectstaple", EXPECT_STAPLE, aliases=("sentry.interfaces.ExpectStaple",)),
    Field("spans", SPANS),
    Field("measurements", MEASUREMENTS, EMPTY),
    Field("breakdowns", mapping(MEASUREMENTS), EMPTY),
    Field("scraping_attempts", ANY),
    Field("_metrics", any_object()),
    Field("_dsc", ANY),
)
