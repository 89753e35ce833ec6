"""Spans of transactions (Relay, protocol/span.rs)."""

from typing import Any

from archive.events.normalize.instants import read_timestamp
from archive.events.normalize.meta import Meta
from archive.events.normalize.scalars import (
    ENUM,
    TEXT,
    json_lenient,
    read_bool,
    read_event_id,
    read_float,
)
from archive.events.normalize.shapes import Field, Struct, array, fields, mapping
from archive.events.normalize.traces import read_span_id, read_status, read_trace_id
from archive.events.normalize.trim import FREE, bag

UNITS = {
    "app_start_cold": "millisecond",
    "app_start_warm": "millisecond",
    "fcp": "millisecond",
    "fid": "millisecond",
    "fp": "millisecond",
    "frames_frozen_rate": "ratio",
    "frames_slow_rate": "ratio",
    "inp": "millisecond",
    "lcp": "millisecond",
    "stall_longest_time": "millisecond",
    "stall_percentage": "ratio",
    "stall_total_time": "millisecond",
    "time_to_full_display": "millisecond",
    "time_to_initial_display": "millisecond",
    "ttfb": "millisecond",
    "ttfb.requesttime": "millisecond",
}
"""The units of well-known measurements; others have none."""

read_measurements = mapping(
    Struct("measurement", [Field("value", read_float, required=True), Field("unit", TEXT)])
)
read_any = bag(FREE)


def read_data(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read the attributes of a span, of which nulls are left out."""
    data = read_any_object(value, meta)
    return data and {key: item for key, item in data.items() if item is not None or key in meta}


read_any_object = mapping(read_any)
read_fields = Struct(
    "span",
    [
        *fields(read_timestamp, "timestamp", "start_timestamp"),
        Field("exclusive_time", read_float),
        Field("op", ENUM),
        *fields(read_span_id, "span_id", "parent_span_id"),
        Field("trace_id", read_trace_id),
        Field("segment_id", read_span_id),
        *fields(read_bool, "is_segment", "is_remote"),
        Field("status", read_status),
        Field("description", TEXT),
        Field("tags", mapping(json_lenient(TEXT))),
        Field("origin", ENUM),
        Field("profile_id", read_event_id),
        Field("data", read_data),
        Field("sentry_tags", mapping(TEXT)),
        Field("received", read_timestamp),
        Field("measurements", read_measurements),
        Field("platform", TEXT),
        Field("was_transaction", read_bool),
    ],
)


def read_span(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read one span, keeping the keys Relay does not know."""
    span = read_fields(value, meta)
    if span is not None:
        span.update(read_any({key: value[key] for key in read_fields.unknown(value)}, {}))
    return span


def complete_units(measurements: dict[str, Any]) -> None:
    """Set the unit of each measurement sent without one (Relay, `normalize_units`)."""
    for name, measurement in measurements.items():
        if measurement and measurement.get("unit") is None:
            measurement["unit"] = UNITS.get(name, "none")


read_spans = array(read_span)
