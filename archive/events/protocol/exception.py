"""Exceptions, and how they came about.

Source: Relay 24.9, relay-event-schema `protocol/{exception,mechanism}.rs`, and the members that
Sentry of 2026-03 shows of exceptions.
"""

from typing import Any

from archive.events.protocol.bag import MEDIUM, any_object
from archive.events.protocol.meta import Meta
from archive.events.protocol.scalars import (
    ENUM,
    MESSAGE,
    PATH,
    SYMBOL,
    TEXT,
    boolean,
    json_lenient,
    nonempty,
    signed,
    unsigned,
    without,
)
from archive.events.protocol.stacktrace import RAW_STACKTRACE, STACKTRACE, thread_id
from archive.events.protocol.struct import EMPTY, Field, Struct, fields

LEGACY_SIGNAL = {"number": "signal", "code": "code", "name": "name", "code_name": "code_name"}


def _coerce_mechanism(value: Any, meta: Meta) -> Any:
    """Upgrade a mechanism from before 2018, which had no type."""
    if type(value) is not dict or "type" in value:
        return value
    if not value:
        return None
    data = dict(value)
    signal = data.pop("posix_signal", None)
    mach = data.pop("mach_exception", None)
    if type(signal) is dict:
        signal = {name: signal.get(legacy) for name, legacy in LEGACY_SIGNAL.items()}
    if type(mach) is dict:
        mach = {**mach, "name": mach.get("exception_name")}
    return {"type": "generic", "data": data, "meta": {"signal": signal, "mach_exception": mach}}


C_ERROR = Struct("cerror", Field("number", signed), Field("name", TEXT), closed=True)
NS_ERROR = Struct("nserror", Field("code", signed), Field("domain", TEXT), closed=True)
POSIX_SIGNAL = Struct(
    "posixsignal", *fields(signed, "number code"), *fields(TEXT, "name code_name"), closed=True
)
MACH_EXCEPTION = Struct(
    "machexception",
    Field("exception", signed),
    *fields(unsigned, "code subcode"),
    Field("name", TEXT),
    closed=True,
)

MECHANISM_META = Struct(
    "mechanismmeta",
    Field("errno", C_ERROR),
    Field("signal", POSIX_SIGNAL),
    Field("mach_exception", MACH_EXCEPTION),
    Field("ns_error", NS_ERROR),
)

MECHANISM = Struct(
    "exception mechanism",
    Field("type", nonempty(ENUM), required=True),
    Field("synthetic", boolean),
    Field("description", MESSAGE),
    Field("help_link", nonempty(PATH)),
    Field("handled", boolean),
    Field("source", nonempty(without(" \t\r\n", ENUM))),
    Field("is_exception_group", boolean),
    *fields(unsigned, "exception_id parent_id"),
    Field("data", any_object(MEDIUM), EMPTY),
    Field("meta", MECHANISM_META, EMPTY),
    coerce=_coerce_mechanism,
)

EXCEPTION = Struct(
    "exception",
    Field("type", SYMBOL),
    Field("value", json_lenient(MESSAGE)),
    Field("module", SYMBOL),
    Field("stacktrace", STACKTRACE, EMPTY, aliases=("sentry.interfaces.Stacktrace",)),
    Field("raw_stacktrace", RAW_STACKTRACE, EMPTY),
    Field("thread_id", thread_id),
    Field("mechanism", MECHANISM),
    Field("raw_value", json_lenient(MESSAGE)),
    *fields(SYMBOL, "raw_module raw_type"),
)
