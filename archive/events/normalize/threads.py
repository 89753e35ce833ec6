"""Threads (Relay, protocol/thread.rs)."""

from archive.events.normalize.frames import read_lock, read_raw_stacktrace, read_stacktrace
from archive.events.normalize.scalars import TEXT, read_bool, read_thread_id, text
from archive.events.normalize.shapes import Field, Keep, Struct, fields, mapping, values

read_threads = values(
    Struct(
        "thread",
        [
            Field("id", read_thread_id),
            Field("name", text(1024, 100)),
            Field("stacktrace", read_stacktrace, Keep.FILLED_STRUCT),
            Field("raw_stacktrace", read_raw_stacktrace, Keep.FILLED),
            *fields(read_bool, "crashed", "current", "main"),
            Field("state", TEXT, Keep.FILLED),
            Field("held_locks", mapping(read_lock)),
        ],
    )
)
