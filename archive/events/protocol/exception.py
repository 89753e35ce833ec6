"""Exceptions.

Source: Relay 24.9, relay-event-schema `protocol/exception.rs`, and the members that Sentry of
2026-03 shows of exceptions.
"""

from archive.events.protocol.mechanism import MECHANISM
from archive.events.protocol.scalars import MESSAGE, SYMBOL, json_lenient, thread_id
from archive.events.protocol.skip import EMPTY
from archive.events.protocol.stacktrace import RAW_STACKTRACE, STACKTRACE
from archive.events.protocol.struct import Field, Struct

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
    Field("raw_module", SYMBOL),
    Field("raw_type", SYMBOL),
)
