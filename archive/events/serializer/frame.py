"""A frame. Source: Sentry 2024-09, `interfaces/stacktrace.py` (Frame)."""

import re
from typing import Any
from urllib.parse import urlsplit

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
    lineno = get("lineno")
    answer = {
        "filename": get("filename"),
        "absPath": get("abs_path"),
        "module": get("module"),
        "package": get("package"),
        "platform": get("platform"),
        "instructionAddr": _pad(get("instruction_addr"), width),
        "symbolAddr": _pad(get("symbol_addr"), width),
        "function": _name_function(frame, platform),
        "rawFunction": get("raw_function"),
        "symbol": get("symbol"),
        "context": number_lines(frame),
        "lineNo": lineno,
        "colNo": get("colno"),
        "inApp": get("in_app"),
        "trust": get("trust"),
        "errors": get("errors"),
        "lock": get("lock"),
        "sourceLink": _link_source(link, lineno) if (link := get("source_link")) else None,
        "vars": get("vars"),
    }
    if (mode := get("addr_mode")) and mode != "abs":
        answer["addrMode"] = mode
    if data := get("data"):
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


def _pad(address: str | None, width: int) -> str | None:
    return f"0x{address[2:].rjust(width, '0')}" if address else address


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
