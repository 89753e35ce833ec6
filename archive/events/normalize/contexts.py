"""Contexts: what is known of the environment (Relay, protocol/contexts and contexts.rs)."""

from typing import Any

from archive.events.normalize.clean import clean_text
from archive.events.normalize.descriptions import normalize_os, normalize_runtime
from archive.events.normalize.meta import Meta, reject, take_children
from archive.events.normalize.request import normalize_response, read_cookies, read_headers
from archive.events.normalize.scalars import (
    ENUM,
    TEXT,
    Reader,
    lenient,
    read_bool,
    read_event_id,
    read_float,
    read_unsigned,
)
from archive.events.normalize.shapes import Field, Keep, Struct, array, fields
from archive.events.normalize.traces import read_span_id, read_status, read_trace_id
from archive.events.normalize.trim import FREE, LARGE, bag

LENIENT = lenient(TEXT)

read_any = bag(FREE)
limit_context = bag(LARGE)


def _names(reader: Reader, names: str) -> list[Field]:
    return fields(reader, *names.split())


TYPES = {
    "device": [
        *_names(TEXT, "name family model model_id arch"),
        Field("battery_level", read_float),
        Field("orientation", TEXT),
        *_names(TEXT, "manufacturer brand screen_resolution"),
        Field("screen_density", read_float),
        Field("screen_dpi", read_unsigned),
        *_names(read_bool, "online charging low_memory simulator"),
        *_names(
            read_unsigned,
            "memory_size free_memory usable_memory storage_size free_storage "
            "external_storage_size external_free_storage",
        ),
        *_names(TEXT, "boot_time timezone locale"),
        *_names(read_unsigned, "processor_count"),
        *_names(TEXT, "cpu_description"),
        *_names(read_unsigned, "processor_frequency"),
        *_names(TEXT, "device_type battery_status device_unique_identifier"),
        *_names(
            read_bool,
            "supports_vibration supports_accelerometer supports_gyroscope supports_audio "
            "supports_location_service",
        ),
        *_names(TEXT, "uuid"),
        *_names(read_unsigned, "screen_height_pixels screen_width_pixels"),
    ],
    "os": [
        *_names(TEXT, "name version"),
        Field("build", LENIENT),
        *_names(TEXT, "kernel_version"),
        Field("rooted", read_bool),
        Field(
            "distribution",
            Struct("linuxdistribution", fields(TEXT, "name", "version", "pretty_name")),
        ),
        *_names(TEXT, "raw_description"),
    ],
    "runtime": [
        *_names(TEXT, "name version"),
        Field("build", LENIENT),
        *_names(TEXT, "raw_description"),
    ],
    "app": [
        *_names(TEXT, "app_start_time device_app_hash build_type app_identifier app_name"),
        *_names(TEXT, "app_version"),
        Field("app_build", LENIENT),
        Field("app_memory", read_unsigned),
        Field("in_foreground", read_bool),
        Field("view_names", array(TEXT)),
    ],
    "browser": _names(TEXT, "name version"),
    "gpu": [
        *_names(TEXT, "name version"),
        Field("id", read_any),
        *_names(TEXT, "vendor_id vendor_name"),
        Field("memory_size", read_unsigned),
        *_names(TEXT, "api_type"),
        Field("multi_threaded_rendering", read_bool),
        *_names(TEXT, "npot_support"),
        Field("max_texture_size", read_unsigned),
        *_names(TEXT, "graphics_shader_level"),
        *_names(
            read_bool,
            "supports_draw_call_instancing supports_ray_tracing supports_compute_shaders "
            "supports_geometry_shaders",
        ),
    ],
    "trace": [
        Field("trace_id", read_trace_id, required=True),
        Field("span_id", read_span_id, required=True),
        Field("parent_span_id", read_span_id),
        Field("op", ENUM),
        Field("status", read_status),
        *_names(read_float, "exclusive_time client_sample_rate"),
        Field("origin", ENUM),
        Field("sampled", read_bool),
        Field("data", read_any, Keep.FILLED),
    ],
    "profile": _names(read_event_id, "profile_id profiler_id"),
    "replay": _names(read_event_id, "replay_id"),
    "response": [
        Field("cookies", read_cookies, Keep.FILLED),
        Field("headers", read_headers, Keep.FILLED),
        *_names(read_unsigned, "status_code body_size"),
        Field("data", read_any),
        Field("inferred_content_type", TEXT, Keep.FILLED),
    ],
    "cloud_resource": _names(
        TEXT,
        "cloud.account.id cloud.provider cloud.platform cloud.region cloud.availability_zone "
        "host.id host.type",
    ),
}
READERS = {kind: Struct(f"{kind}context", table) for kind, table in TYPES.items()}


def read_contexts(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read all contexts, sorted by alias; the reprocessing context is Sentry's own."""
    if not isinstance(value, dict):
        return reject(meta, "an object", value)
    inherited = take_children(meta)
    contexts = {}
    for alias in sorted(value):
        if alias == "reprocessing":
            continue
        note = inherited.get(alias, {})
        item = value[alias]
        name = clean_text(alias)
        contexts[name] = None if item is None else read_context(name, item, note)
        if note:
            meta[name] = note
    return contexts


def read_context(alias: str, value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read one context, whose type is its alias unless it says otherwise."""
    if not isinstance(value, dict):
        return reject(meta, "an object", value)
    stated = value.get("type")
    kind = stated if isinstance(stated, str) and stated else alias
    reader = READERS.get(kind)
    if reader is None:
        context = {key: item for key, item in value.items() if key != "type"}
    else:
        context = _read_typed(reader, value, meta)
    limited: dict[str, Any] = limit_context(context, meta)
    _derive(kind, limited)
    limited["type"] = clean_text(kind)
    return limited


def _read_typed(reader: Struct, value: dict[str, Any], meta: Meta) -> dict[str, Any]:
    notes = dict(meta)
    context = reader(value, meta) or {}
    for key in reader.unknown(value):
        if key != "type":
            context[key] = value[key]
            if key in notes:
                meta[key] = notes[key]
    return context


def _derive(kind: str, context: dict[str, Any]) -> None:
    if kind == "os":
        normalize_os(context)
    elif kind == "runtime":
        normalize_runtime(context)
    elif kind == "response":
        normalize_response(context)
    elif kind == "trace" and context.get("status") is None:
        context["status"] = "unknown"
