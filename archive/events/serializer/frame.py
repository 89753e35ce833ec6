"""A frame. Source: Sentry 2024-09, `interfaces/stacktrace.py` (Frame)."""

import re
from typing import Any
from urllib.parse import urlsplit

_SHOWN = (
    ("filename", "filename"),
    ("absPath", "abs_path"),
    ("module", "module"),
    ("package", "package"),
    ("platform", "platform"),
)
_PLACED = (
    ("lineNo", "lineno"),
    ("colNo", "colno"),
    ("inApp", "in_app"),
    ("trust", "trust"),
    ("errors", "errors"),
    ("lock", "lock"),
)
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


def frame_to_api(frame: dict[str, Any], platform: str | None, width: int) -> dict[str, Any]:
    """The frame with its addresses padded to the stack trace's width and its source in context."""
    get = frame.get
    answer: dict[str, Any] = {shown: get(key) for shown, key in _SHOWN}
    answer["instructionAddr"] = _pad(get("instruction_addr"), width)
    answer["symbolAddr"] = _pad(get("symbol_addr"), width)
    answer["function"] = _name_function(frame, platform)
    answer["rawFunction"] = get("raw_function")
    answer["symbol"] = get("symbol")
    answer["context"] = number_lines(frame)
    for shown, key in _PLACED:
        answer[shown] = get(key)
    answer["sourceLink"] = _link_source(get("source_link"), get("lineno"))
    answer["vars"] = get("vars")
    if (mode := get("addr_mode")) and mode != "abs":
        answer["addrMode"] = mode
    if data := get("data"):
        _add_processing(answer, data)
    return answer


def number_lines(frame: dict[str, Any]) -> list[list[Any]]:
    """The source lines around the frame's own, each with its number."""
    lineno = frame.get("lineno")
    line = frame.get("context_line")
    before = frame.get("pre_context") or []
    after = frame.get("post_context") or []
    if lineno is None or (line is None and not before and not after):
        return []
    first = lineno - len(before)
    return [[first + offset, text] for offset, text in enumerate((*before, line, *after))]


def _pad(address: str | None, width: int) -> str | None:
    return address and "0x" + address[2:].rjust(width, "0")


def _name_function(frame: dict[str, Any], platform: str | None) -> str | None:
    """The name without C# arguments; those of native functions went when Sentry stored them."""
    function: str | None = frame.get("function")
    if not function or frame.get("raw_function"):
        return function
    is_csharp = (frame.get("platform") or platform) == "csharp"
    return function.split(" (", 1)[0] if is_csharp else function


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
