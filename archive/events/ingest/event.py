"""From the event as sent to the one stored: what its fields imply, step by step."""

from collections.abc import Iterator
from typing import Any

from archive.events.ingest.contexts import process_context, process_contexts
from archive.events.ingest.exceptions import (
    find_system,
    finish_exceptions,
    process_exception,
    process_mechanism,
)
from archive.events.ingest.frames import (
    process_frame,
    process_raw_stacktrace,
    process_stacktrace,
)
from archive.events.ingest.interfaces import (
    complete_units,
    identify_user,
    process_breadcrumb,
    process_log_entry,
    process_user,
)
from archive.events.ingest.request import process_request
from archive.events.ingest.tags import add_derived_tags, process_tags, take_tag
from archive.events.ingest.useragent import add_client_contexts
from archive.events.protocol.contexts import CONTEXT, CONTEXTS
from archive.events.protocol.event import EVENT, FINGERPRINT, SECURITY_TYPES
from archive.events.protocol.exception import EXCEPTION, MECHANISM
from archive.events.protocol.interfaces import BREADCRUMB, LOG_ENTRY, TAGS, USER
from archive.events.protocol.meta import Meta, copy_meta, withdraw
from archive.events.protocol.mode import Mode
from archive.events.protocol.request import REQUEST
from archive.events.protocol.scalars import is_ip_address
from archive.events.protocol.stacktrace import FRAME, RAW_STACKTRACE, STACKTRACE
from archive.events.protocol.struct import list_filled
from archive.events.protocol.values import clean_text, copy_cleanly
from archive.exports.forms import PLATFORMS

REPLACED = ("version", "key_id", "grouping_config", "scraping_attempts", "_metrics", "_dsc")
FORGOTTEN = ("metadata", "hashes", "applecrashreport", "device", "repos", "query")
DEFAULT_FINGERPRINT = "{{ default }}"


def _drop_nulls(parts: list[str | None], meta: Meta) -> list[str | None]:
    """Drop what is not a text from a fingerprint (Relay, fingerprint.rs)."""
    return [part for part in parts if part is not None]


INGEST = Mode(
    is_renormalize=False,
    processors={
        BREADCRUMB: process_breadcrumb,
        CONTEXT: process_context,
        CONTEXTS: process_contexts,
        EXCEPTION: process_exception,
        FINGERPRINT: _drop_nulls,
        FRAME: process_frame,
        LOG_ENTRY: process_log_entry,
        MECHANISM: process_mechanism,
        RAW_STACKTRACE: process_raw_stacktrace,
        REQUEST: process_request,
        STACKTRACE: process_stacktrace,
        TAGS: process_tags,
        USER: process_user,
    },
)


def normalize_event(body: dict[str, Any]) -> tuple[dict[str, Any], Meta]:
    """Read all fields of an event as sent and set what they imply; give it with its notes."""
    meta = copy_meta(body.get("_meta"), copy_cleanly)
    meta.pop("", None)
    sent = {key: value for key, value in body.items() if key not in REPLACED}
    event: dict[str, Any] = INGEST.compile(EVENT)(sent, meta)
    _infer_type(event)
    _complete_origin(event, meta)
    finish_exceptions(event, meta, find_system(event))
    add_client_contexts(event)
    _complete_tags(event, meta)
    if "extra" in meta:
        event["extra"] = event.get("extra") or {}
    _drop_empty_interfaces(event, meta)
    _note_unknown(body, event, meta)
    return event, meta


def _infer_type(event: dict[str, Any]) -> None:
    """Infer the type from the interfaces (Relay, `infer_event_type`)."""
    if event.get("type") is None:
        event["type"] = next(
            (name for name in SECURITY_TYPES if event.get(name) is not None), "default"
        )
        if (event.get("exception") or {}).get("values"):
            event["type"] = "error"
    if event["type"] == "transaction":
        event["transaction_info"] = event.get("transaction_info") or {"source": "unknown"}
        complete_units(event.get("measurements") or {})
    else:
        event.pop("measurements", None)


def _complete_origin(event: dict[str, Any], meta: Meta) -> None:
    """Set platform, level, logger, time and address where missing (Relay, store defaults)."""
    platform = event.get("platform")
    if platform not in PLATFORMS:
        if platform is not None:
            withdraw(meta.setdefault("platform", {}), platform)
        event["platform"] = "other"
    if event.get("level") is None:
        event["level"] = "info" if event["type"] == "transaction" else "error"
    if event.get("logger") is None:
        secured = any(event.get(name) is not None for name in SECURITY_TYPES)
        event["logger"] = "csp" if secured else ""
    if event["type"] != "transaction":
        event["fingerprint"] = event.get("fingerprint") or [DEFAULT_FINGERPRINT]
    if event.get("timestamp") is None and event.get("received") is not None:
        event["timestamp"] = event["received"]
    _copy_address(event)
    if event.get("user"):
        event["user"].update(identify_user(event["user"]))


def _copy_address(event: dict[str, Any]) -> None:
    address = ((event.get("request") or {}).get("env") or {}).get("REMOTE_ADDR")
    if isinstance(address, str) and is_ip_address(address):
        user = event.get("user") or {}
        if user.get("ip_address") is None:
            event["user"] = {**user, "ip_address": address}


def _complete_tags(event: dict[str, Any], meta: Meta) -> None:
    tags = event["tags"] = event.get("tags") or []
    environment = take_tag(tags, "environment", meta.get("tags", {}))
    if environment and not event.get("environment"):
        event["environment"] = environment
    for key in ("server_name", "site"):
        value = event.pop(key, None)
        if value is not None:
            take_tag(tags, key, meta.get("tags", {}))
            tags.append([key, value])
    add_derived_tags(event, meta)


def _drop_empty_interfaces(event: dict[str, Any], meta: Meta) -> None:
    for name in ("exception", "threads", "breadcrumbs"):
        note = meta.get(name, {})
        if event.get(name) and not _drop_empty_items(event[name], note) and not note:
            del event[name]


def _drop_empty_items(interface: dict[str, Any], meta: Meta) -> bool:
    """Drop items that hold nothing; return whether anything is left."""
    notes = meta.get("values", {})
    kept = list_filled(interface.get("values") or [], notes)
    if kept:
        interface["values"] = kept
    elif not notes:
        interface.pop("values", None)
    return bool(kept or notes)


def _note_unknown(body: dict[str, Any], event: dict[str, Any], meta: Meta) -> None:
    """Annotate what is no field of an event (Relay, remove_other.rs)."""
    for key in EVENT.list_unknown(body):
        if key not in FORGOTTEN and key != "_meta":
            name = clean_text(key)
            event[name] = None
            meta[name] = {"": {"err": ["invalid_attribute"]}}


def list_errors(event: dict[str, Any], meta: Meta) -> None:
    """Append the errors noted to those the event brought (Relay, event_error.rs)."""
    errors = list(event.get("errors") or [])
    errors.extend(_walk(meta, ""))
    if errors:
        event["errors"] = errors


def _walk(meta: Meta, path: str) -> Iterator[dict[str, Any]]:
    own = meta.get("", {})
    original = own.get("val")
    for error in own.get("err", ()):
        kind, data = error if isinstance(error, list) and len(error) == 2 else (error, {})
        entry: dict[str, Any] = {"type": kind, "name": path}
        if original is not None:
            entry["value"], original = original, None
        yield {**entry, **(data if isinstance(data, dict) else {})}
    for key, node in meta.items():
        if key:
            yield from _walk(node, f"{path}.{key}" if path else key)
