"""Spans and their data.

Source: Relay 24.9, relay-event-schema `protocol/span.rs`.
"""

from archive.events.serializer.renormalize.rules import (
    EMPTY,
    KEEP,
    anything,
    array,
    mapping,
    struct,
    text,
)
from archive.events.serializer.renormalize.scalars import (
    boolean,
    floating,
    json_text,
    lenient_text,
    timestamp,
)

span_data = struct(
    ("app_start_type", anything, KEEP),
    ("browser.name", text, KEEP),
    ("code.filepath", anything, KEEP),
    ("code.lineno", anything, KEEP),
    ("code.function", anything, KEEP),
    ("code.namespace", anything, KEEP),
    ("db.operation", anything, KEEP),
    ("db.system", anything, KEEP),
    ("sentry.environment", text, KEEP),
    ("sentry.release", lenient_text, KEEP),
    ("http.decoded_response_content_length", anything, KEEP),
    ("http.request_method", anything, KEEP),
    ("http.response_content_length", anything, KEEP),
    ("http.response_transfer_size", anything, KEEP),
    ("resource.render_blocking_status", anything, KEEP),
    ("server.address", anything, KEEP),
    ("cache.hit", anything, KEEP),
    ("cache.item_size", anything, KEEP),
    ("http.response.status_code", anything, KEEP),
    ("ai.input_messages", anything, KEEP),
    ("ai.completion_tokens.used", anything, KEEP),
    ("ai.prompt_tokens.used", anything, KEEP),
    ("ai.total_tokens.used", anything, KEEP),
    ("ai.responses", anything, KEEP),
    ("thread.name", anything, KEEP),
    ("sentry.segment.name", text, KEEP),
    ("ui.component_name", anything, KEEP),
    ("url.scheme", anything, KEEP),
    ("user", anything, KEEP),
    ("sentry.replay.id", anything, KEEP),
    ("sentry.sdk.name", text, KEEP),
    ("frames.delay", anything, KEEP),
    aliases={
        "environment": "sentry.environment",
        "release": "sentry.release",
        "http.method": "http.request_method",
        "method": "http.request_method",
        "status_code": "http.response.status_code",
        "transaction": "sentry.segment.name",
        "replay_id": "sentry.replay.id",
    },
)

measurements = mapping(struct(("value", floating, KEEP), ("unit", text, KEEP), closed=True))

spans = array(
    struct(
        ("timestamp", timestamp, KEEP),
        ("start_timestamp", timestamp, KEEP),
        ("exclusive_time", floating, KEEP),
        ("op", text, KEEP),
        ("span_id", text, KEEP),
        ("parent_span_id", text, KEEP),
        ("trace_id", text, KEEP),
        ("segment_id", text, KEEP),
        ("is_segment", boolean, KEEP),
        ("status", text, KEEP),
        ("description", text, KEEP),
        ("tags", mapping(json_text), KEEP),
        ("origin", text, KEEP),
        ("profile_id", text, KEEP),
        ("data", span_data, KEEP),
        ("sentry_tags", mapping(text), KEEP),
        ("received", timestamp, KEEP),
        ("measurements", measurements, EMPTY),
        ("_metrics_summary", anything, EMPTY),
        ("platform", text, EMPTY),
        ("was_transaction", boolean, EMPTY),
    )
)
