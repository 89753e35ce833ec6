"""Frames, and those that many events share, which are converted once.

Source: Sentry 2024-09, `interfaces/stacktrace.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.events.api.generation import NEWEST, Generation
from archive.events.protocol.values import compile_once

if TYPE_CHECKING:
    from archive.events.model import Frame

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


class SharedFrame(dict[str, Any]):
    """A renormalized frame that the tables show of many events; it must not be changed."""

    __slots__ = ("_shown",)

    def __init__(self, frame: dict[str, Any]) -> None:
        super().__init__(frame)
        self._shown: dict[tuple[bool, int], Frame] = {}

    def show(self, platform: str | None, width: int) -> Frame:
        """Return the answer as a typed frame, made once for each way in which it is shown."""
        way = platform == "csharp", width
        shown = self._shown.get(way)
        if shown is None:
            from archive.events.model import Frame, conform  # a lookup does without it

            answer = frame_to_api(self, platform, width, NEWEST)
            shown = self._shown[way] = conform(answer, Frame)
        return shown


def show_frame(
    frame: dict[str, Any], platform: str | None, width: int, generation: Generation
) -> dict[str, Any] | Frame:
    """Answer a frame, or for the tables one that is shared."""
    if type(frame) is SharedFrame:
        return frame.show(platform, width)
    return frame_to_api(frame, platform, width, generation)


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
