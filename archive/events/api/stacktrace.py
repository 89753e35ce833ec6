"""Stack traces and threads.

Source: Sentry 2024-09, `interfaces/stacktrace.py` and `interfaces/threads.py`.
"""

from typing import Any, TypeGuard

from archive.events.api.frames import show_frame
from archive.events.api.generation import Generation
from archive.events.api.titles import cut


def stacktrace_to_api(
    stacktrace: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """Answer a stack trace, oldest frame first; a null frame is shown as an empty one."""
    frames = [frame or {} for frame in stacktrace.get("frames") or ()]
    width = max((len(address) - len("0x") for address in _list_addresses(frames)), default=0)
    return {
        "frames": [show_frame(frame, platform, width, generation) for frame in frames],
        "framesOmitted": stacktrace.get("frames_omitted"),
        "registers": stacktrace.get("registers"),
        "hasSystemFrames": any(frame.get("in_app") for frame in frames),
    }


def attached_stacktrace(
    holder: dict[str, Any], key: str, platform: str | None, generation: Generation
) -> dict[str, Any] | None:
    """Answer the stack trace of an exception or a thread, if it has any frame."""
    stacktrace = holder.get(key)
    return stacktrace_to_api(stacktrace, platform, generation) if has_frames(stacktrace) else None


def has_frames(stacktrace: dict[str, Any] | None) -> TypeGuard[dict[str, Any]]:
    """Return whether there is any frame but null."""
    frames = stacktrace and stacktrace.get("frames")
    return any(frame is not None for frame in frames or ())


def annotate_stacktrace(meta: dict[str, Any], stacktrace: dict[str, Any]) -> dict[str, Any]:
    """Answer its `_meta`; that of a frame keeps the stored names."""
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


def threads_to_api(
    threads: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """Answer the threads; functions are named by the frames' own platform only."""
    values = threads.get("values") or ()
    shown = [_thread_to_api(thread, generation) for thread in values if thread is not None]
    return {"values": shown}


def _thread_to_api(thread: dict[str, Any], generation: Generation) -> dict[str, Any]:
    return {
        "id": cut(thread.get("id"), 40),
        "current": bool(thread.get("current")),
        "crashed": bool(thread.get("crashed")),
        "name": cut(thread.get("name"), 200),
        "state": cut(thread.get("state"), 512),
        "heldLocks": thread.get("held_locks"),
        "stacktrace": attached_stacktrace(thread, "stacktrace", None, generation),
        "rawStacktrace": attached_stacktrace(thread, "raw_stacktrace", None, generation),
    }
