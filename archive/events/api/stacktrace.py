"""Stack traces, their frames, and threads.

Source: Sentry 2024-09, `interfaces/stacktrace.py` and `interfaces/threads.py`.
"""

from typing import Any, TypeGuard
from urllib.parse import urlsplit

from archive.events.api.generation import Generation
from archive.events.api.titles import cut
from archive.events.protocol.values import compile_once

_ORIGINAL = {
    "origFunction": "orig_function",
    "origAbsPath": "orig_abs_path",
    "origFilename": "orig_filename",
    "origLineNo": "orig_lineno",
    "origColNo": "orig_colno",
}
_MARKS = {
    "symbolicatorStatus": "symbolicator_status",
    "isSentinel": "is_sentinel",
    "isPrefix": "is_prefix",
    "minGroupingLevel": "min_grouping_level",
}
_URL = r"(?i:https?|ftps?)://[^\s/?#@]+\.?[^\s]*"


def stacktrace_to_api(
    stacktrace: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """Answer a stack trace, oldest frame first; a null frame is shown as an empty one."""
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


def frame_to_api(
    frame: dict[str, Any], platform: str | None, width: int, generation: Generation
) -> dict[str, Any]:
    """Answer a frame with its addresses padded to a width, and its source lines in `context`."""
    answer: dict[str, Any] = {**generation.empty_frame}
    shown_as = generation.frame.get
    for key, value in frame.items():
        if shown := shown_as(key):
            answer[shown] = value
    for name in ("instructionAddr", "symbolAddr"):
        address = answer[name]
        if address and len(address) < len("0x") + width:
            answer[name] = f"0x{address[2:].rjust(width, '0')}"
    answer["context"] = number_lines(frame)
    function = answer["function"]
    if function and (frame.get("platform") or platform) == "csharp" and not answer["rawFunction"]:
        answer["function"] = function.split(" (", 1)[0]  # without arguments
    if link := answer["sourceLink"]:
        answer["sourceLink"] = _link_source(link, answer["lineNo"])
    if (mode := frame.get("addr_mode")) and mode != "abs":
        answer["addrMode"] = mode
    if data := frame.get("data"):
        _add_processing(answer, data)
    return answer


def number_lines(frame: dict[str, Any]) -> list[list[Any]]:
    """Number a frame's source line and those around it."""
    lineno = frame.get("lineno")
    if lineno is None:
        return []
    line = frame.get("context_line")
    before = frame.get("pre_context") or []
    after = frame.get("post_context") or []
    if line is None and not before and not after:
        return []
    first = lineno - len(before)
    return [[first + offset, text] for offset, text in enumerate((*before, line, *after))]


def _link_source(link: Any, lineno: int | None) -> str | None:
    """Check a link; one to a raw file of GitHub becomes one to its page there."""
    if type(link) is not str or not compile_once(_URL).fullmatch(link):
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    owner, _, rest = parts.path.removeprefix("/").partition("/")
    repository, slash, path = rest.partition("/")
    if parts.netloc != "raw.githubusercontent.com" or not slash:
        return link
    line = f"#L{lineno}" if lineno else ""
    return f"https://www.github.com/{owner}/{repository}/blob/{path}{line}"


def _add_processing(answer: dict[str, Any], data: dict[str, Any]) -> None:
    sourcemap = data.get("sourcemap")
    if sourcemap:
        answer["map"] = sourcemap.rsplit("/", 1)[-1]
        for shown, key in _ORIGINAL.items():
            answer[shown] = data.get(key, "?")
        if sourcemap.startswith(("file:", "http:", "https:")):
            answer["mapUrl"] = sourcemap
    for shown, key in _MARKS.items():
        if data.get(key) is not None:
            answer[shown] = data[key]
