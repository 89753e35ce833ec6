"""A stack trace. Source: Sentry 2024-09, `interfaces/stacktrace.py` (Stacktrace)."""

from typing import Any, TypeGuard

from archive.events.api.frame import frame_to_api
from archive.events.api.generation import Generation


def stacktrace_to_api(
    stacktrace: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """The stack trace, oldest frame first; a null frame is shown as an empty one."""
    frames = [frame or {} for frame in stacktrace.get("frames") or ()]
    width = max((len(address) - len("0x") for address in _list_addresses(frames)), default=0)
    return {
        "frames": [frame_to_api(frame, platform, width, generation) for frame in frames],
        "framesOmitted": stacktrace.get("frames_omitted"),
        "registers": stacktrace.get("registers"),
        "hasSystemFrames": any(frame.get("in_app") for frame in frames),
    }


def attached_stacktrace(
    holder: dict[str, Any], key: str, platform: str | None, generation: Generation
) -> dict[str, Any] | None:
    """The stack trace of an exception or a thread, if it has any frame."""
    stacktrace = holder.get(key)
    if not has_frames(stacktrace):
        return None
    return stacktrace_to_api(stacktrace, platform, generation)


def has_frames(stacktrace: dict[str, Any] | None) -> TypeGuard[dict[str, Any]]:
    """Whether there is any frame but null."""
    frames = stacktrace and stacktrace.get("frames")
    return any(frame is not None for frame in frames or ())


def annotate_stacktrace(meta: dict[str, Any], stacktrace: dict[str, Any]) -> dict[str, Any]:
    """Its `_meta`; that of a frame keeps the stored names."""
    frames = meta.get("frames") or {}
    return {
        "": meta.get(""),
        "frames": {index: frames[index] for index in frames if index},
        "framesOmitted": meta.get("frames_omitted"),
        "registers": meta.get("registers"),
    }


def _list_addresses(frames: list[dict[str, Any]]) -> list[str]:
    keys = ("instruction_addr", "symbol_addr")
    return [address for frame in frames for key in keys if (address := frame.get(key))]
