"""Threads (Relay 24.9, protocol/thread.rs)."""

from archive.events.protocol.containers import mapping
from archive.events.protocol.scalars import TEXT, boolean, text, thread_id
from archive.events.protocol.skip import EMPTY
from archive.events.protocol.stacktrace import LOCK_REASON, RAW_STACKTRACE, STACKTRACE
from archive.events.protocol.struct import Field, Struct

THREAD = Struct(
    "thread",
    Field("id", thread_id),
    Field("name", text(1024, 100)),
    Field("stacktrace", STACKTRACE, EMPTY),
    Field("raw_stacktrace", RAW_STACKTRACE, EMPTY),
    Field("crashed", boolean),
    Field("current", boolean),
    Field("main", boolean),
    Field("state", TEXT, EMPTY),
    Field("held_locks", mapping(LOCK_REASON)),
)
