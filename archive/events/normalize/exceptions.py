"""Exceptions (Relay, protocol/exception.rs and `process_exception`)."""

import re
from typing import Any

from archive.events.normalize.frames import read_raw_stacktrace, read_stacktrace
from archive.events.normalize.mechanism import name_codes, read_mechanism
from archive.events.normalize.meta import Meta, add_error, withdraw
from archive.events.normalize.scalars import MESSAGE, SYMBOL, json_lenient, read_thread_id
from archive.events.normalize.shapes import Field, Keep, Struct, values

ORIGINAL_FIELDS = (
    "mechanism",
    "module",
    "raw_stacktrace",
    "stacktrace",
    "thread_id",
    "type",
    "value",
)
TYPE_IN_VALUE = re.compile(r"(\w+):(.*)")

read_fields = Struct(
    "exception",
    [
        Field("type", SYMBOL),
        Field("value", json_lenient(MESSAGE)),
        Field("module", SYMBOL),
        Field(
            "stacktrace",
            read_stacktrace,
            Keep.FILLED_STRUCT,
            aliases=("sentry.interfaces.Stacktrace",),
        ),
        Field("raw_stacktrace", read_raw_stacktrace, Keep.FILLED_STRUCT),
        Field("thread_id", read_thread_id),
        Field("mechanism", read_mechanism),
    ],
)


def read_exception(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read one exception, which needs a type or a value; `Type: text` is taken apart."""
    exception = read_fields(value, meta)
    if exception is None:
        return None
    match = TYPE_IN_VALUE.fullmatch(exception.get("value") or "")
    if match and not exception.get("type"):
        exception["type"], exception["value"] = match[1], match[2].strip()
    if not exception.get("type") and not exception.get("value"):
        add_error(meta, "missing_attribute", attribute="type or value")
        complete = {name: exception.get(name) for name in ORIGINAL_FIELDS}
        return withdraw(meta, complete)
    return exception


read_exceptions = values(read_exception)


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
