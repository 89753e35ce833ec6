"""Identifiers and states of traces and spans (Relay, protocol/contexts/trace.rs)."""

import re
from typing import Any

from archive.events.normalize.meta import Meta, add_error, reject
from archive.events.normalize.scalars import Reader

STATUS_NAMES = (
    "ok",
    "cancelled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal_error",
    "unavailable",
    "data_loss",
    "unauthenticated",
)
STATUS_ALIASES = {"unknown_error": "unknown", "": "unknown"}


def read_status(value: Any, meta: Meta) -> str | None:
    """Read a span status: a name or the number of the gRPC status."""
    if isinstance(value, str):
        name = STATUS_ALIASES.get(value, value)
        return name if name in STATUS_NAMES else reject(meta, "a trace status", value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(STATUS_NAMES):
        return STATUS_NAMES[value]
    return reject(meta, "a trace status", value)


def _identifier(digits: int, name: str) -> Reader:
    pattern = re.compile(rf"(?!0+$)[0-9a-fA-F]{{{digits}}}")

    def read(value: Any, meta: Meta) -> str | None:
        if not isinstance(value, str):
            return reject(meta, "a string", value)
        if not pattern.fullmatch(value):
            return add_error(meta, "invalid_data", value, reason=f"not a valid {name}")
        return value.lower()

    return read


read_trace_id = _identifier(32, "trace id")
read_span_id = _identifier(16, "span id")
