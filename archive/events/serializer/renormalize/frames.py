"""Stack traces, the exceptions and threads that have them, and mechanisms.

Source: Relay 24.9, relay-event-schema `protocol/{stacktrace,exception,mechanism,thread}.rs`, and
the members that Sentry of 2026-03 shows of frames and exceptions.
"""

from typing import Any

from archive.events.serializer.renormalize.rules import (
    EMPTY,
    HOLLOW,
    KEEP,
    Meta,
    array,
    bag,
    mapping,
    own_note,
    struct,
    text,
    values,
)
from archive.events.serializer.renormalize.scalars import (
    address,
    boolean,
    json_text,
    lock_type,
    signed,
    thread_id,
    unsigned,
)


def _read_variables(value: Any, meta: Meta) -> tuple[Any, Meta]:
    if type(value) is list:
        value = {str(index): item for index, item in enumerate(value)}
    return bag(value, meta)


_lock = struct(
    ("type", lock_type, KEEP),
    ("address", text, EMPTY),
    ("package_name", text, EMPTY),
    ("class_name", text, EMPTY),
    ("thread_id", thread_id, EMPTY),
)

_frame_data = struct(
    ("sourcemap", text, KEEP),
    ("orig_function", text, KEEP),
    ("orig_filename", text, KEEP),
    ("orig_lineno", unsigned, KEEP),
    ("orig_colno", unsigned, KEEP),
    ("orig_in_app", signed, KEEP),
)

_frame = struct(
    ("function", text, EMPTY),
    ("raw_function", text, EMPTY),
    ("symbol", text, KEEP),
    ("module", text, EMPTY),
    ("package", text, EMPTY),
    ("filename", text, EMPTY),
    ("abs_path", text, EMPTY),
    ("lineno", unsigned, KEEP),
    ("colno", unsigned, KEEP),
    ("platform", text, EMPTY),
    ("pre_context", array(text), EMPTY),
    ("context_line", text, KEEP),
    ("post_context", array(text), EMPTY),
    ("in_app", boolean, KEEP),
    ("vars", _read_variables, KEEP),
    ("data", _frame_data, HOLLOW),
    ("image_addr", address, KEEP),
    ("instruction_addr", address, KEEP),
    ("addr_mode", text, EMPTY),
    ("function_id", address, EMPTY),
    ("symbol_addr", address, KEEP),
    ("trust", text, KEEP),
    ("lang", text, KEEP),
    ("stack_start", boolean, KEEP),
    ("lock", _lock, KEEP),
    ("parent_index", unsigned, KEEP),
    ("sample_count", unsigned, KEEP),
)

stacktrace = struct(
    ("frames", array(_frame), EMPTY),
    ("registers", mapping(address), KEEP),
    ("instruction_addr_adjustment", text, KEEP),
    ("lang", text, KEEP),
    ("snapshot", boolean, KEEP),
)

_mechanism_meta = struct(
    ("errno", struct(("number", signed, KEEP), ("name", text, KEEP), closed=True), KEEP),
    (
        "signal",
        struct(
            ("number", signed, KEEP),
            ("code", signed, KEEP),
            ("name", text, KEEP),
            ("code_name", text, KEEP),
            closed=True,
        ),
        KEEP,
    ),
    (
        "mach_exception",
        struct(
            ("exception", signed, KEEP),
            ("code", unsigned, KEEP),
            ("subcode", unsigned, KEEP),
            ("name", text, KEEP),
            closed=True,
        ),
        KEEP,
    ),
    ("ns_error", struct(("code", signed, KEEP), ("domain", text, KEEP), closed=True), KEEP),
)

_mechanism = struct(
    ("type", text, KEEP),
    ("synthetic", boolean, KEEP),
    ("description", text, KEEP),
    ("help_link", text, KEEP),
    ("handled", boolean, KEEP),
    ("source", text, KEEP),
    ("is_exception_group", boolean, KEEP),
    ("exception_id", unsigned, KEEP),
    ("parent_id", unsigned, KEEP),
    ("data", bag, EMPTY),
    ("meta", _mechanism_meta, HOLLOW),
)


def _read_mechanism(value: Any, meta: Meta) -> tuple[Any, Meta]:
    if value == {}:
        return None, own_note(meta)
    if type(value) is dict and "type" not in value:
        value = _upgrade_mechanism(value)
    return _mechanism(value, meta)


def _upgrade_mechanism(legacy: dict[str, Any]) -> dict[str, Any]:
    """The mechanism of before 2018, which had no type, in today's form."""
    data = dict(legacy)
    signal = data.pop("posix_signal", None)
    mach = data.pop("mach_exception", None)
    if type(signal) is dict:
        signal = {**signal, "number": signal.get("signal")}
    if type(mach) is dict:
        mach = {**mach, "name": mach.get("exception_name")}
    return {
        "type": "generic",
        "data": data,
        "meta": {"signal": signal, "mach_exception": mach},
    }


exceptions = values(
    struct(
        ("type", text, KEEP),
        ("value", json_text, KEEP),
        ("module", text, KEEP),
        ("stacktrace", stacktrace, HOLLOW),
        ("raw_stacktrace", stacktrace, HOLLOW),
        ("thread_id", thread_id, KEEP),
        ("mechanism", _read_mechanism, KEEP),
        ("raw_value", json_text, KEEP),
        ("raw_module", text, KEEP),
        ("raw_type", text, KEEP),
    )
)

threads = values(
    struct(
        ("id", thread_id, KEEP),
        ("name", text, KEEP),
        ("stacktrace", stacktrace, HOLLOW),
        ("raw_stacktrace", stacktrace, HOLLOW),
        ("crashed", boolean, KEEP),
        ("current", boolean, KEEP),
        ("main", boolean, KEEP),
        ("state", text, EMPTY),
        ("held_locks", mapping(_lock), KEEP),
    )
)
