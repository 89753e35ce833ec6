"""Threads. Source: Sentry 2024-09, `interfaces/threads.py`."""

from typing import Any

from archive.events.api.generation import Generation
from archive.events.api.stacktrace import attached_stacktrace


def threads_to_api(
    threads: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """The threads; their functions are named by the frames' own platform only."""
    return {
        "values": [
            _thread_to_api(thread, generation)
            for thread in threads.get("values") or ()
            if thread is not None
        ]
    }


def _thread_to_api(thread: dict[str, Any], generation: Generation) -> dict[str, Any]:
    return {
        "id": _shorten(thread.get("id"), 40),
        "current": bool(thread.get("current")),
        "crashed": bool(thread.get("crashed")),
        "name": _shorten(thread.get("name"), 200),
        "state": _shorten(thread.get("state"), 512),
        "heldLocks": thread.get("held_locks"),
        "stacktrace": attached_stacktrace(thread, "stacktrace", None, generation),
        "rawStacktrace": attached_stacktrace(thread, "raw_stacktrace", None, generation),
    }


def _shorten(value: Any, length: int) -> Any:
    if type(value) is str and len(value) > length:
        return value[: length - 3] + "..."
    return value
