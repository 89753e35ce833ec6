"""Spans, their data and measurements (Relay 24.9, protocol/{span,measurements}.rs)."""

from typing import Any

from archive.events.protocol.bag import any_value
from archive.events.protocol.containers import array, mapping
from archive.events.protocol.meta import Meta, add_error, reject
from archive.events.protocol.mode import Type
from archive.events.protocol.scalars import (
    ENUM,
    EVENT_ID,
    TEXT,
    boolean,
    floating,
    formatted,
    is_hex,
    json_lenient,
    lenient,
    timestamp,
)
from archive.events.protocol.struct import EMPTY, Field, Struct, fields

_STATUSES = """
ok cancelled unknown invalid_argument deadline_exceeded not_found already_exists permission_denied
resource_exhausted failed_precondition aborted out_of_range unimplemented internal_error unavailable
data_loss unauthenticated
"""
STATUS_NAMES = _STATUSES.split()
STATUS_ALIASES = {"unknown_error": "unknown", "": "unknown"}


def _read_status(value: Any, meta: Meta) -> str | None:
    """Read a span status: a name or the number of the gRPC status."""
    if type(value) is str:
        name = STATUS_ALIASES.get(value, value)
        return name if name in STATUS_NAMES else reject(meta, "a trace status", value)
    if type(value) is int and 0 <= value < len(STATUS_NAMES):
        return STATUS_NAMES[value]
    return reject(meta, "a trace status", value)


def _identifier(digits: int, name: str) -> Type:
    def read(value: Any, meta: Meta) -> str | None:
        if type(value) is not str:
            return reject(meta, "a string", value)
        lowered = value.lower()
        if len(value) != digits or not is_hex(lowered) or not value.strip("0"):
            return add_error(meta, "invalid_data", value, reason=f"not a valid {name}")
        return lowered

    return formatted(read)


TRACE_ID = _identifier(32, "trace id")
SPAN_ID = _identifier(16, "span id")
SPAN_STATUS = formatted(_read_status)
ANY = any_value()

MEASUREMENT = Struct(
    "measurement", Field("value", floating, required=True), Field("unit", TEXT), closed=True
)
MEASUREMENTS = mapping(MEASUREMENT)

SPAN_DATA = Struct(
    "spandata",
    Field("app_start_type", ANY),
    Field("browser.name", TEXT),
    *fields(ANY, "code.filepath code.lineno code.function code.namespace"),
    *fields(ANY, "db.operation db.system"),
    Field("sentry.environment", TEXT, aliases=("environment",)),
    Field("sentry.release", lenient(TEXT), aliases=("release",)),
    Field("http.decoded_response_content_length", ANY),
    Field("http.request_method", ANY, aliases=("http.method", "method")),
    Field("http.response_content_length", ANY),
    Field("http.response_transfer_size", ANY),
    Field("resource.render_blocking_status", ANY),
    Field("server.address", ANY),
    *fields(ANY, "cache.hit cache.item_size"),
    Field("http.response.status_code", ANY, aliases=("status_code",)),
    *fields(ANY, "ai.input_messages ai.completion_tokens.used ai.prompt_tokens.used"),
    *fields(ANY, "ai.total_tokens.used ai.responses"),
    Field("thread.name", ANY),
    Field("sentry.segment.name", TEXT, aliases=("transaction",)),
    Field("ui.component_name", ANY),
    Field("url.scheme", ANY),
    Field("user", ANY),
    Field("sentry.replay.id", ANY, aliases=("replay_id",)),
    Field("sentry.sdk.name", TEXT),
    Field("frames.delay", ANY),
    retain=True,
)

SPAN = Struct(
    "span",
    *fields(timestamp, "timestamp start_timestamp"),
    Field("exclusive_time", floating),
    Field("op", ENUM),
    *fields(SPAN_ID, "span_id parent_span_id"),
    Field("trace_id", TRACE_ID),
    Field("segment_id", SPAN_ID),
    Field("is_segment", boolean),
    Field("status", SPAN_STATUS),
    Field("description", TEXT),
    Field("tags", mapping(json_lenient(TEXT))),
    Field("origin", ENUM),
    Field("profile_id", EVENT_ID),
    Field("data", SPAN_DATA),
    Field("sentry_tags", mapping(TEXT)),
    Field("received", timestamp),
    Field("measurements", MEASUREMENTS, EMPTY),
    Field("_metrics_summary", ANY, EMPTY),
    Field("platform", TEXT, EMPTY),
    Field("was_transaction", boolean, EMPTY),
    retain=True,
)

SPANS = array(SPAN)
