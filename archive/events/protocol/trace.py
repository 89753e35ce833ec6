"""Identifiers and states of traces and spans (Relay 24.9, protocol/contexts/trace.rs)."""

from typing import Any

from archive.events.protocol.meta import Meta, add_error, reject
from archive.events.protocol.mode import Type
from archive.events.protocol.scalars import formatted, is_hex

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
