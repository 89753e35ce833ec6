"""Contexts: the members each known type has, in order.

Source: Relay 24.9, relay-event-schema `protocol/contexts/*.rs`.
"""

from typing import Any

from archive.events.serializer.renormalize.pairs import cookies, headers
from archive.events.serializer.renormalize.rules import (
    EMPTY,
    Field,
    Meta,
    Rule,
    anything,
    array,
    bag,
    fields,
    mapping,
    own_note,
    reject,
    struct,
    text,
)
from archive.events.serializer.renormalize.scalars import (
    boolean,
    floating,
    lenient_text,
    unsigned,
)
from archive.events.serializer.renormalize.spans import span_data

_MEMBERS: dict[str, tuple[tuple[Rule, str], ...]] = {
    "device": (
        (text, "name family model model_id arch"),
        (floating, "battery_level"),
        (text, "orientation manufacturer brand screen_resolution"),
        (unsigned, "screen_width_pixels screen_height_pixels"),
        (floating, "screen_density"),
        (unsigned, "screen_dpi"),
        (boolean, "online charging low_memory simulator"),
        (unsigned, "memory_size free_memory usable_memory storage_size free_storage"),
        (unsigned, "external_storage_size external_free_storage"),
        (text, "boot_time timezone locale"),
        (unsigned, "processor_count"),
        (text, "cpu_description"),
        (unsigned, "processor_frequency"),
        (text, "device_type battery_status device_unique_identifier"),
        (boolean, "supports_vibration supports_accelerometer supports_gyroscope supports_audio"),
        (boolean, "supports_location_service"),
    ),
    "os": (
        (text, "name version"),
        (lenient_text, "build"),
        (text, "kernel_version"),
        (boolean, "rooted"),
        (text, "distribution_name distribution_version distribution_pretty_name raw_description"),
    ),
    "runtime": ((text, "name version"), (lenient_text, "build"), (text, "raw_description")),
    "app": (
        (text, "app_start_time device_app_hash build_type app_identifier app_name app_version"),
        (lenient_text, "app_build"),
        (unsigned, "app_memory"),
        (boolean, "in_foreground"),
        (array(text), "view_names"),
    ),
    "browser": ((text, "name version"),),
    "gpu": (
        (text, "name version"),
        (anything, "id"),
        (text, "vendor_id vendor_name"),
        (unsigned, "memory_size"),
        (text, "api_type"),
        (boolean, "multi_threaded_rendering"),
        (text, "npot_support"),
        (unsigned, "max_texture_size"),
        (text, "graphics_shader_level"),
        (boolean, "supports_draw_call_instancing supports_ray_tracing supports_compute_shaders"),
        (boolean, "supports_geometry_shaders"),
    ),
    "trace": (
        (text, "trace_id span_id parent_span_id op status"),
        (floating, "exclusive_time client_sample_rate"),
        (text, "origin"),
        (boolean, "sampled"),
    ),
    "profile": ((text, "profile_id profiler_id"),),
    "replay": ((text, "replay_id"),),
    "feedback": ((text, "message contact_email"),),
    "monitor": (),
    "reprocessing": ((anything, "original_issue_id original_primary_hash"),),
    "response": ((unsigned, "status_code body_size"), (anything, "data")),
    "otel": ((bag, "attributes resource"),),
    "cloudresource": (
        (text, "cloud.account.id cloud.provider cloud.platform cloud.region"),
        (text, "cloud.availability_zone host.id host.type"),
    ),
    "culture": (
        (text, "calendar display_name locale"),
        (boolean, "is_24_hour_format"),
        (text, "timezone"),
    ),
    "performancescore": ((text, "score_profile_version"),),
}

_HEAD: dict[str, tuple[Field, ...]] = {
    "response": (("cookies", cookies, EMPTY), ("headers", headers, EMPTY))
}
_TAIL: dict[str, tuple[Field, ...]] = {
    "trace": (("data", span_data, EMPTY),),
    "response": (("inferred_content_type", text, EMPTY),),
}

_RULES = {
    kind: struct(
        *_HEAD.get(kind, ()),
        *(field for rule, keys in members for field in fields(rule, keys)),
        *_TAIL.get(kind, ()),
    )
    for kind, members in _MEMBERS.items()
}


def contexts(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """All contexts by alias, each with the alias for its type where it has none."""
    if type(value) is dict:
        nodes = meta if type(meta) is dict else {}
        value = {
            alias: _with_type(alias, context, nodes.get(alias)) for alias, context in value.items()
        }
    return _all_contexts(value, meta)


def _with_type(alias: str, context: Any, meta: Meta) -> Any:
    if type(context) is not dict or context.get("type") not in (None, "", [], {}):
        return context
    if "type" in context and type(meta) is dict and "type" in meta:
        return context
    return {**context, "type": alias}


def _read_context(value: Any, meta: Meta) -> tuple[Any, Meta]:
    if value is None:
        return None, own_note(meta)
    if type(value) is not dict:
        return reject(value, meta, "expected an object")
    kind = value.get("type")
    rule = _RULES.get(kind) if type(kind) is str else None
    if rule is None:
        return anything(value, meta)
    members = {key: member for key, member in value.items() if key != "type"}
    context, notes = rule(members, meta)
    context["type"] = kind
    return context, notes


_all_contexts = mapping(_read_context)
