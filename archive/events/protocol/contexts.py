"""Contexts, one table per known type (Relay 24.9, protocol/contexts/*.rs)."""

from typing import Any

from archive.events.protocol.bag import any_object, any_value
from archive.events.protocol.containers import array, mapping
from archive.events.protocol.meta import Meta
from archive.events.protocol.mode import Mode, Reader, coerced, expect
from archive.events.protocol.request import COOKIES, HEADERS
from archive.events.protocol.scalars import (
    ENUM,
    EVENT_ID,
    TEXT,
    boolean,
    floating,
    lenient,
    unsigned,
)
from archive.events.protocol.span import SPAN_DATA, SPAN_ID, SPAN_STATUS, TRACE_ID
from archive.events.protocol.struct import EMPTY, Field, Struct, fields

ANY = any_value()
LENIENT_TEXT = lenient(TEXT)

LINUX_DISTRIBUTION = Struct(
    "linuxdistribution",
    Field("name", TEXT),
    *fields(TEXT, "version pretty_name", EMPTY),
    retain=True,
)


def _context(*table: Field) -> Struct:
    return Struct("context", *table, retain=True)


CONTEXTS_BY_TYPE = {
    "device": _context(
        *fields(TEXT, "name family model model_id arch"),
        Field("battery_level", floating),
        *fields(TEXT, "orientation manufacturer brand screen_resolution"),
        *fields(unsigned, "screen_width_pixels screen_height_pixels"),
        Field("screen_density", floating),
        Field("screen_dpi", unsigned),
        *fields(boolean, "online charging low_memory simulator"),
        *fields(unsigned, "memory_size free_memory usable_memory storage_size free_storage"),
        *fields(unsigned, "external_storage_size external_free_storage"),
        *fields(TEXT, "boot_time timezone locale"),
        Field("processor_count", unsigned),
        Field("cpu_description", TEXT),
        Field("processor_frequency", unsigned),
        *fields(TEXT, "device_type battery_status device_unique_identifier"),
        *fields(boolean, "supports_vibration supports_accelerometer supports_gyroscope"),
        *fields(boolean, "supports_audio supports_location_service"),
        Field("uuid", TEXT),
    ),
    "os": _context(
        *fields(TEXT, "name version"),
        Field("build", LENIENT_TEXT),
        Field("kernel_version", TEXT),
        Field("rooted", boolean),
        Field("distribution", LINUX_DISTRIBUTION, EMPTY),
        Field("raw_description", TEXT),
    ),
    "runtime": _context(
        *fields(TEXT, "name version"),
        Field("build", LENIENT_TEXT),
        Field("raw_description", TEXT),
    ),
    "app": _context(
        *fields(TEXT, "app_start_time device_app_hash build_type app_identifier app_name"),
        Field("app_version", TEXT),
        Field("app_build", LENIENT_TEXT),
        Field("app_memory", unsigned),
        Field("in_foreground", boolean),
        Field("view_names", array(TEXT)),
    ),
    "browser": _context(*fields(TEXT, "name version")),
    "gpu": _context(
        *fields(TEXT, "name version"),
        Field("id", ANY),
        *fields(TEXT, "vendor_id vendor_name"),
        Field("memory_size", unsigned),
        Field("api_type", TEXT),
        Field("multi_threaded_rendering", boolean),
        Field("npot_support", TEXT),
        Field("max_texture_size", unsigned),
        Field("graphics_shader_level", TEXT),
        *fields(boolean, "supports_draw_call_instancing supports_ray_tracing"),
        *fields(boolean, "supports_compute_shaders supports_geometry_shaders"),
    ),
    "trace": _context(
        Field("trace_id", TRACE_ID, required=True),
        Field("span_id", SPAN_ID, required=True),
        Field("parent_span_id", SPAN_ID),
        Field("op", ENUM),
        Field("status", SPAN_STATUS),
        *fields(floating, "exclusive_time client_sample_rate"),
        Field("origin", ENUM),
        Field("sampled", boolean),
        Field("data", SPAN_DATA, EMPTY),
    ),
    "profile": _context(*fields(EVENT_ID, "profile_id profiler_id")),
    "replay": _context(Field("replay_id", EVENT_ID)),
    "feedback": _context(*fields(TEXT, "message contact_email")),
    "monitor": _context(),
    "reprocessing": _context(*fields(ANY, "original_issue_id original_primary_hash")),
    "response": _context(
        Field("cookies", COOKIES, EMPTY),
        Field("headers", HEADERS, EMPTY),
        *fields(unsigned, "status_code body_size"),
        Field("data", ANY),
        Field("inferred_content_type", TEXT, EMPTY),
    ),
    "otel": _context(*fields(any_object(), "attributes resource")),
    # As Relay's derive macro spells it; SDKs send cloud_resource.
    "cloudresource": _context(
        *fields(TEXT, "cloud.account.id cloud.provider cloud.platform cloud.region"),
        *fields(TEXT, "cloud.availability_zone host.id host.type"),
    ),
    "culture": _context(
        *fields(TEXT, "calendar display_name locale"),
        Field("is_24_hour_format", boolean),
        Field("timezone", TEXT),
    ),
    "performancescore": _context(Field("score_profile_version", TEXT)),
}


def _context_by_type(mode: Mode) -> Reader:
    """Compile a context by its type; one of an unknown type may have any members."""
    read_any = mode.compile(ANY)

    def read(value: Any, meta: Meta) -> Any:
        kind = value.get("type")
        struct = CONTEXTS_BY_TYPE.get(kind) if type(kind) is str else None
        if struct is None:
            return read_any(value, meta)
        members = {key: member for key, member in value.items() if key != "type"}
        result = mode.compile(struct)(members, meta)
        result["type"] = kind
        return result

    return read


CONTEXT = expect("an object", (dict,), _context_by_type)


def _add_types(value: Any, meta: Meta) -> Any:
    """Add the alias as the type of contexts that have none."""
    if type(value) is not dict:
        return value
    return {alias: _add_type(alias, item, meta.get(alias, {})) for alias, item in value.items()}


def _add_type(alias: str, member: Any, meta: Meta) -> Any:
    if type(member) is not dict or member.get("type") not in (None, "", [], {}):
        return member
    return member if "type" in member and "type" in meta else {**member, "type": alias}


CONTEXTS = coerced(mapping(CONTEXT), _add_types)
