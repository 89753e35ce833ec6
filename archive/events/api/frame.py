"""A frame. Source: Sentry 2024-09, `interfaces/stacktrace.py` (Frame)."""

import re
from typing import Any
from urllib.parse import urlsplit

from archive.events.api.generation import Generation

_ORIGINAL = (
    ("origFunction", "orig_function"),
    ("origAbsPath", "orig_abs_path"),
    ("origFilename", "orig_filename"),
    ("origLineNo", "orig_lineno"),
    ("origColNo", "orig_colno"),
)
_MARKS = (
    ("symbolicatorStatus", "symbolicator_status"),
    ("isSentinel", "is_sentinel"),
    ("isPrefix", "is_prefix"),
    ("minGroupingLevel", "min_grouping_level"),
)
_URL = re.compile(r"(?i:https?|ftps?)://[^\s/?#@]+\.?[^\s]*")


def frame_to_api(
    frame: dict[str, Any], platform: str | None, width: int, generation: Generation
) -> dict[str, Any]:
    """The frame with its addresses padded to the stack trace's width and its source in context."""
    answer = generation.empty_frame.copy()
    shown_as = generation.frame.get
    for key, value in frame.items():
        if shown := shown_as(key):
            answer[shown] = value
    for name in ("instructionAddr", "symbolAddr"):
        address = answer[name]
        if address and len(address) < len("0x") + width:
            answer[name] = f"0x{address[2:].rjust(width, '0')}"
    answer["context"] = number_lines(frame)
    if (frame.get("platform") or platform) == "csharp" and not answer["rawFunction"]:
        answer["function"] = _drop_arguments(answer["function"])
    if link := answer["sourceLink"]:
        answer["sourceLink"] = _link_source(link, answer["lineNo"])
    if (mode := frame.get("addr_mode")) and mode != "abs":
        answer["addrMode"] = mode
    if data := frame.get("data"):
        _add_processing(answer, data)
    return answer


def number_lines(frame: dict[str, Any]) -> list[list[Any]]:
    """The source lines around the frame's own, each with its number."""
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


def _drop_arguments(function: str | None) -> str | None:
    """The name of a C# function alone; those of native ones were cut when Sentry stored them."""
    return function.split(" (", 1)[0] if function else function


def _link_source(link: Any, lineno: int | None) -> str | None:
    """The link, as a page of github.com where it points to the raw file there."""
    if type(link) is not str or not _URL.fullmatch(link):
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
        for shown, key in _ORIGINAL:
            answer[shown] = data.get(key, "?")
        if sourcemap.startswith(("file:", "http:", "https:")):
            answer["mapUrl"] = sourcemap
    for shown, key in _MARKS:
        if data.get(key) is not None:
            answer[shown] = data[key]
