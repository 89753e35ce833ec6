"""Stack traces and their frames (Relay, protocol/stacktrace.rs and stacktrace.rs)."""

from typing import Any

from archive.events.normalize.meta import Meta, add_error
from archive.events.normalize.scalars import (
    ENUM,
    PATH,
    SYMBOL,
    TEXT,
    filled,
    one_of,
    read_address,
    read_bool,
    read_register,
    read_signed,
    read_thread_id,
    read_unsigned,
)
from archive.events.normalize.shapes import Field, Keep, Struct, array, fields, mapping, only_object
from archive.events.normalize.trim import MEDIUM, bag
from archive.events.normalize.urls import split_url

MOST_FRAMES = 250
FULL_FRAMES = 50
UNKNOWN_NAME = "?"
URL_SCHEMES = ("file:", "http:", "https:", "applewebdata:")
LOCK_TYPES = (1, 2, 4, 8)
CONTEXT = frozenset({"pre_context", "post_context"})
ADJUSTMENTS = frozenset({"auto", "all_but_first", "all", "none"})

read_vars_object = only_object(bag(MEDIUM))


def read_vars(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read local variables; old PHP clients sent a list, its indexes become the names."""
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    result: dict[str, Any] | None = read_vars_object(value, meta)
    return result


def read_lock_type(value: Any, meta: Meta) -> int | None:
    """Read the type of a Java monitor lock (Relay, thread.rs `LockReasonType`)."""
    number = read_unsigned(value, meta)
    if number is not None and number not in LOCK_TYPES:
        add_error(meta, "invalid_data", value)
        return None
    return number


read_lock = Struct(
    "lockreason",
    [
        Field("type", read_lock_type, required=True),
        *fields(TEXT, "address", "package_name", "class_name", keep=Keep.FILLED),
        Field("thread_id", read_thread_id, Keep.FILLED),
    ],
)

read_frame_fields = Struct(
    "frame",
    [
        *fields(SYMBOL, "function", "raw_function", keep=Keep.FILLED),
        Field("symbol", SYMBOL),
        *fields(TEXT, "module", "package", keep=Keep.FILLED),
        *fields(PATH, "filename", "abs_path", keep=Keep.FILLED),
        *fields(read_unsigned, "lineno", "colno"),
        Field("platform", TEXT, Keep.FILLED),
        Field("pre_context", array(TEXT), Keep.FILLED),
        Field("context_line", TEXT),
        Field("post_context", array(TEXT), Keep.FILLED),
        Field("in_app", read_bool),
        Field("vars", read_vars),
        Field(
            "data",
            Struct(
                "framedata",
                [
                    Field("sourcemap", PATH),
                    Field("orig_function", SYMBOL),
                    Field("orig_filename", PATH),
                    *fields(read_unsigned, "orig_lineno", "orig_colno"),
                    Field("orig_in_app", read_signed),
                ],
            ),
            Keep.FILLED_STRUCT,
        ),
        *fields(read_address, "image_addr", "instruction_addr"),
        Field("addr_mode", TEXT, Keep.FILLED),
        *fields(read_address, "function_id", "symbol_addr"),
        *fields(ENUM, "trust", "lang"),
        Field("stack_start", read_bool),
        Field("lock", read_lock),
    ],
)


def read_frame(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read one frame, with the rules of Relay's `process_frame`."""
    frame = read_frame_fields(value, meta)
    if frame is None:
        return None
    for name in ("function", "symbol"):
        if frame.get(name) == UNKNOWN_NAME:
            del frame[name]
    for name in CONTEXT & frame.keys():
        if lines := frame[name]:
            if None in lines:
                frame[name] = [line or "" for line in lines]
            if frame.get("context_line") is None:
                frame["context_line"] = ""
    return frame


def read_file_frame(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read one frame and fill in whichever of file name and path is missing."""
    frame = read_frame(value, meta)
    if frame is not None and (meta or "filename" in frame or "abs_path" in frame):
        _backfill_paths(frame, meta)
    return frame


def _stacktrace(read: Any) -> Struct:
    return Struct(
        "rawstacktrace",
        [
            Field("frames", filled(array(read)), Keep.FILLED, required=True),
            Field("registers", mapping(read_register)),
            Field(
                "instruction_addr_adjustment",
                one_of(ADJUSTMENTS, None, "instruction address adjustment"),
            ),
            Field("lang", ENUM),
            Field("snapshot", read_bool),
        ],
    )


read_file_stacktrace_fields = _stacktrace(read_file_frame)
read_raw_stacktrace_fields = _stacktrace(read_frame)


def read_stacktrace(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read a stack trace, keeping the newest 250 frames."""
    return _limit_frames(read_file_stacktrace_fields(value, meta), meta)


def read_raw_stacktrace(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read an unprocessed stack trace: its paths stay as they were sent."""
    return _limit_frames(read_raw_stacktrace_fields(value, meta), meta)


def _backfill_paths(frame: dict[str, Any], meta: Meta) -> None:
    if not frame.get("abs_path"):
        _move(frame, meta, "filename", "abs_path")
    path = frame.get("abs_path")
    if path and not frame.get("filename"):
        frame["filename"] = _to_filename(path)
        meta.pop("filename", None)


def _move(frame: dict[str, Any], meta: Meta, source: str, target: str) -> None:
    frame.pop(target, None)
    meta.pop(target, None)
    if source in frame:
        frame[target] = frame.pop(source)
    if source in meta:
        meta[target] = meta.pop(source)


def _to_filename(path: str) -> str:
    if path.startswith(URL_SCHEMES):
        url = split_url(path)
        if url is not None and url.path not in ("", "/"):
            return url.path
    return path


def _limit_frames(trace: dict[str, Any] | None, meta: Meta) -> dict[str, Any] | None:
    frames = trace.get("frames") if trace else None
    if trace is None or not frames:
        return trace
    if len(frames) > MOST_FRAMES:
        dropped = len(frames) - MOST_FRAMES
        notes = meta.setdefault("frames", {})
        kept = {key: notes.pop(key) for key in list(notes) if key}
        notes.setdefault("", {}).setdefault("len", len(frames))
        for key, note in kept.items():
            if int(key) >= dropped:
                notes[str(int(key) - dropped)] = note
        trace["frames"] = frames = frames[dropped:]
    if len(frames) > FULL_FRAMES:
        _slim_frames(frames)
    return trace


def _slim_frames(frames: list[dict[str, Any] | None]) -> None:
    """Drop variables and context of middle frames (Relay, trimming.rs `slim_frame_data`)."""
    present = [frame for frame in frames if frame is not None]
    app = [frame for frame in present if frame.get("in_app") is True]
    system = [frame for frame in present if frame.get("in_app") is not True]
    half = max(FULL_FRAMES - len(app), 0) // 2
    slim = system[half : len(system) - half] if half <= len(system) - half else []
    remaining = max(len(frames) - FULL_FRAMES - len(slim), 0)
    half = max(len(app) - remaining, 0) // 2
    for frame in [*slim, *app[half : len(app) - half]]:
        for name in ("vars", "pre_context", "post_context"):
            frame.pop(name, None)
