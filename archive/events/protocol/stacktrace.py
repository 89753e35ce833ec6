"""Stack traces, their frames, locks and threads.

Source: Relay 24.9, relay-event-schema `protocol/{stacktrace,thread}.rs`, and the members that
Sentry of 2026-03 shows of frames.
"""

from collections.abc import Iterator
from typing import Any

from archive.events.protocol.bag import MEDIUM, any_object
from archive.events.protocol.containers import array, mapping
from archive.events.protocol.meta import Meta, add_error, reject
from archive.events.protocol.mode import Mode, Reader, coerced, plain
from archive.events.protocol.scalars import (
    ADDR,
    ENUM,
    PATH,
    REGISTER,
    SYMBOL,
    TEXT,
    boolean,
    nonempty,
    one_of,
    signed,
    text,
    unsigned,
)
from archive.events.protocol.struct import EMPTY, Field, Struct, fields
from archive.events.protocol.values import SIGNED_START, UNSIGNED_END, list_items

LOCK_TYPES = (1, 2, 4, 8)
ADJUSTMENTS = frozenset({"auto", "all_but_first", "all", "none"})
ADJUSTMENT = one_of(ADJUSTMENTS, None, "instruction address adjustment")


def _number_items(value: Any, meta: Meta) -> Any:
    """Name the variables of a list, which old PHP clients sent, by their indexes."""
    return {str(at): item for at, item in enumerate(value)} if type(value) is list else value


@plain
def lock_type(value: Any, meta: Meta) -> int | None:
    """Read the type of a Java monitor lock (Relay, thread.rs `LockReasonType`)."""
    if type(value) is not int:
        return reject(meta, "lock reason type", value)
    return value if value in LOCK_TYPES else add_error(meta, "invalid_data", value)


def thread_id(mode: Mode) -> Reader:
    """Compile the type of thread IDs: a number or a string (thread.rs `ThreadId`)."""
    read_text = mode.compile(TEXT)

    def read(value: Any, meta: Meta) -> Any:
        if type(value) is str:
            return read_text(value, meta)
        if type(value) is int and SIGNED_START <= value < UNSIGNED_END:
            return mode.clean_number(value % UNSIGNED_END)
        return reject(meta, "a thread id", value)

    return read


LOCK_REASON = Struct(
    "lockreason",
    Field("type", lock_type, required=True),
    *fields(TEXT, "address package_name class_name", EMPTY),
    Field("thread_id", thread_id, EMPTY),
)

FRAME_DATA = Struct(
    "framedata",
    Field("sourcemap", PATH),
    Field("orig_function", SYMBOL),
    Field("orig_filename", PATH),
    *fields(unsigned, "orig_lineno orig_colno"),
    Field("orig_in_app", signed),
)

FRAME = Struct(
    "frame",
    *fields(SYMBOL, "function raw_function", EMPTY),
    Field("symbol", SYMBOL),
    *fields(TEXT, "module package", EMPTY),
    *fields(PATH, "filename abs_path", EMPTY),
    *fields(unsigned, "lineno colno"),
    Field("platform", TEXT, EMPTY),
    Field("pre_context", array(TEXT), EMPTY),
    Field("context_line", TEXT),
    Field("post_context", array(TEXT), EMPTY),
    Field("in_app", boolean),
    Field("vars", coerced(any_object(MEDIUM), _number_items)),
    Field("data", FRAME_DATA, EMPTY),
    *fields(ADDR, "image_addr instruction_addr"),
    Field("addr_mode", TEXT, EMPTY),
    Field("function_id", ADDR, EMPTY),
    Field("symbol_addr", ADDR),
    *fields(ENUM, "trust lang"),
    Field("stack_start", boolean),
    Field("lock", LOCK_REASON),
    *fields(unsigned, "parent_index sample_count"),
)

_TABLE = (
    Field("frames", nonempty(array(FRAME)), EMPTY, required=True),
    Field("registers", mapping(REGISTER)),
    Field("instruction_addr_adjustment", ADJUSTMENT),
    Field("lang", ENUM),
    Field("snapshot", boolean),
)

STACKTRACE = Struct("rawstacktrace", *_TABLE)
RAW_STACKTRACE = Struct("rawstacktrace", *_TABLE)
"""The same before it is processed: ingestion leaves its paths as they are."""

THREAD = Struct(
    "thread",
    Field("id", thread_id),
    Field("name", text(1024, 100)),
    Field("stacktrace", STACKTRACE, EMPTY),
    Field("raw_stacktrace", RAW_STACKTRACE, EMPTY),
    *fields(boolean, "crashed current main"),
    Field("state", TEXT, EMPTY),
    Field("held_locks", mapping(LOCK_REASON)),
)


def list_frames(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the frames of a stored event that are not empty."""
    yield from list_items(event.get("stacktrace"), "frames")
    for interface in ("exception", "threads"):
        for value in list_items(event.get(interface), "values"):
            for key in ("stacktrace", "raw_stacktrace"):
                yield from list_items(value.get(key), "frames")
