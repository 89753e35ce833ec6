"""Stack traces, frames and locks.

Source: Relay 24.9, relay-event-schema `protocol/{stacktrace,thread}.rs`, and the members that
Sentry of 2026-03 shows of frames.
"""

from typing import Any

from archive.events.protocol.bag import MEDIUM, any_object
from archive.events.protocol.containers import array, mapping
from archive.events.protocol.meta import Meta, add_error, reject
from archive.events.protocol.mode import coerced, plain
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
    thread_id,
    unsigned,
)
from archive.events.protocol.skip import EMPTY
from archive.events.protocol.struct import Field, Struct

LOCK_TYPES = (1, 2, 4, 8)
ADJUSTMENTS = frozenset({"auto", "all_but_first", "all", "none"})


def _number_items(value: Any, meta: Meta) -> Any:
    """Name the variables of a list, which old PHP clients sent, by their indexes."""
    return {str(at): item for at, item in enumerate(value)} if type(value) is list else value


@plain
def lock_type(value: Any, meta: Meta) -> int | None:
    """Read the type of a Java monitor lock (Relay, thread.rs `LockReasonType`)."""
    if type(value) is not int:
        return reject(meta, "lock reason type", value)
    return value if value in LOCK_TYPES else add_error(meta, "invalid_data", value)


LOCK_REASON = Struct(
    "lockreason",
    Field("type", lock_type, required=True),
    Field("address", TEXT, EMPTY),
    Field("package_name", TEXT, EMPTY),
    Field("class_name", TEXT, EMPTY),
    Field("thread_id", thread_id, EMPTY),
)

FRAME_DATA = Struct(
    "framedata",
    Field("sourcemap", PATH),
    Field("orig_function", SYMBOL),
    Field("orig_filename", PATH),
    Field("orig_lineno", unsigned),
    Field("orig_colno", unsigned),
    Field("orig_in_app", signed),
)

FRAME = Struct(
    "frame",
    Field("function", SYMBOL, EMPTY),
    Field("raw_function", SYMBOL, EMPTY),
    Field("symbol", SYMBOL),
    Field("module", TEXT, EMPTY),
    Field("package", TEXT, EMPTY),
    Field("filename", PATH, EMPTY),
    Field("abs_path", PATH, EMPTY),
    Field("lineno", unsigned),
    Field("colno", unsigned),
    Field("platform", TEXT, EMPTY),
    Field("pre_context", array(TEXT), EMPTY),
    Field("context_line", TEXT),
    Field("post_context", array(TEXT), EMPTY),
    Field("in_app", boolean),
    Field("vars", coerced(any_object(MEDIUM), _number_items)),
    Field("data", FRAME_DATA, EMPTY),
    Field("image_addr", ADDR),
    Field("instruction_addr", ADDR),
    Field("addr_mode", TEXT, EMPTY),
    Field("function_id", ADDR, EMPTY),
    Field("symbol_addr", ADDR),
    Field("trust", ENUM),
    Field("lang", ENUM),
    Field("stack_start", boolean),
    Field("lock", LOCK_REASON),
    Field("parent_index", unsigned),
    Field("sample_count", unsigned),
)

_TABLE = (
    Field("frames", nonempty(array(FRAME)), EMPTY, required=True),
    Field("registers", mapping(REGISTER)),
    Field(
        "instruction_addr_adjustment",
        one_of(ADJUSTMENTS, None, "instruction address adjustment"),
    ),
    Field("lang", ENUM),
    Field("snapshot", boolean),
)

STACKTRACE = Struct("rawstacktrace", *_TABLE)
RAW_STACKTRACE = Struct("rawstacktrace", *_TABLE)
"""The same before it is processed: ingestion leaves its paths as they are."""
