"""Contexts (Relay, normalize/contexts.rs)."""

from typing import Any

from archive.events.ingest.descriptions import normalize_os, normalize_runtime
from archive.events.ingest.request import normalize_response
from archive.events.protocol.bag import LARGE, bag
from archive.events.protocol.meta import Meta

limit_context = bag(LARGE)


def process_context(context: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Limit a context and set what its members imply."""
    kind = context.pop("type", None)
    limited: dict[str, Any] = limit_context(context, meta)
    if kind == "os":
        normalize_os(limited)
    elif kind == "runtime":
        normalize_runtime(limited)
    elif kind == "response":
        normalize_response(limited)
    elif kind == "trace" and limited.get("status") is None:
        limited["status"] = "unknown"
    limited["type"] = kind
    return limited


def process_contexts(contexts: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Drop the reprocessing context, which is Sentry's own."""
    contexts.pop("reprocessing", None)
    meta.pop("reprocessing", None)
    return contexts
