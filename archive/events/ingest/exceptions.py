"""Exceptions (Relay, `process_exception` and `normalize_exceptions`)."""

import re
from typing import Any

from archive.events.ingest.mechanism import name_codes
from archive.events.protocol.exception import EXCEPTION
from archive.events.protocol.meta import Meta, add_error, withdraw

ADDED_FIELDS = frozenset({"raw_value", "raw_module", "raw_type"})
"""Newer than the other fields, and not listed by the Relay of 2024-09."""
ORIGINAL_FIELDS = sorted({field.name for field in EXCEPTION.table} - ADDED_FIELDS)
TYPE_IN_VALUE = re.compile(r"(\w+):(.*)")


def process_exception(exception: dict[str, Any], meta: Meta) -> dict[str, Any] | None:
    """Check that an exception has a type or a value, and take `Type: text` apart."""
    match = TYPE_IN_VALUE.fullmatch(exception.get("value") or "")
    if match and not exception.get("type"):
        exception["type"], exception["value"] = match[1], match[2].strip()
    if not exception.get("type") and not exception.get("value"):
        add_error(meta, "missing_attribute", attribute="type or value")
        complete = {name: exception.get(name) for name in ORIGINAL_FIELDS}
        return withdraw(meta, complete)
    return exception


def finish_exceptions(event: dict[str, Any], meta: Meta, system: str | None) -> None:
    """Move a lone stack trace to a lone exception, and name the system's error codes.

    Relay, `normalize_exceptions`.
    """
    exceptions = (event.get("exception") or {}).get("values") or []
    if len(exceptions) == 1 and exceptions[0] is not None and event.get("stacktrace"):
        exceptions[0]["stacktrace"] = event.pop("stacktrace")
        note = meta.pop("stacktrace", None)
        if note:
            own = meta.setdefault("exception", {}).setdefault("values", {}).setdefault("0", {})
            own["stacktrace"] = note
    for exception in exceptions:
        if exception and exception.get("mechanism"):
            name_codes(exception["mechanism"], system)
