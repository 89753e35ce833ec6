"""Stack traces and their frames (Relay, normalize/stacktrace.rs and trimming.rs)."""

from typing import Any

from archive.events.ingest.functions import trim_frame_function
from archive.events.ingest.urls import split_url
from archive.events.protocol.meta import Meta
from archive.events.protocol.stacktrace import list_frames

MOST_FRAMES = 250
FULL_FRAMES = 50
UNKNOWN_NAME = "?"
URL_SCHEMES = ("file:", "http:", "https:", "applewebdata:")
CONTEXT = frozenset({"pre_context", "post_context"})
MIXES = {
    (True, False): "in-app-only",
    (False, True): "system-only",
    (True, True): "mixed",
}


def process_frame(frame: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Drop unknown names and fill up the source context (Relay, `process_frame`)."""
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


def process_stacktrace(trace: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Fill in missing file names and paths, and keep the newest 250 frames."""
    notes = meta.get("frames", {})
    for index, frame in enumerate(trace.get("frames") or ()):
        if frame is None:
            continue
        note = notes.get(str(index), {}) if notes else {}
        if note or not ("filename" in frame and "abs_path" in frame):
            _backfill_paths(frame, note)
            if note == {}:
                notes.pop(str(index), None)
    if notes == {}:
        meta.pop("frames", None)
    return process_raw_stacktrace(trace, meta)


def process_raw_stacktrace(trace: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Keep the newest 250 frames of an unprocessed stack trace, its paths as they were sent."""
    frames = trace.get("frames")
    if not frames:
        return trace
    if len(frames) > MOST_FRAMES:
        trace["frames"] = frames = _drop_frames(frames, meta.setdefault("frames", {}))
    if len(frames) > FULL_FRAMES:
        _slim_frames(frames)
    return trace


def settle_frames(event: dict[str, Any]) -> str | None:
    """Shorten function names and make `in_app` true or false; return the mix of frames found.

    Sentry, `normalize_stacktraces_for_grouping`.
    """
    found: set[bool] = set()
    for frame in list_frames(event):
        trim_frame_function(frame, event.get("platform"))
        if frame.get("in_app") is None:
            frame["in_app"] = False
            frame["data"] = {**(frame.get("data") or {}), "orig_in_app": -1}
        found.add(frame["in_app"])
    return MIXES.get((True in found, False in found))


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


def _drop_frames(frames: list[Any], notes: Meta) -> list[Any]:
    dropped = len(frames) - MOST_FRAMES
    kept = {key: notes.pop(key) for key in list(notes) if key}
    notes.setdefault("", {}).setdefault("len", len(frames))
    for key, note in kept.items():
        if int(key) >= dropped:
            notes[str(int(key) - dropped)] = note
    return frames[dropped:]


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
