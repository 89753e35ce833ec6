"""Values too large to hold: passed over piece by piece, or opened where they wrap a list of events.

A wrapper such as `{"events": […]}` may be as large as a file. Its elements are read one by one,
and the rest of it is passed over.
"""

from __future__ import annotations

import re

from archive.exports.buffer import Window
from archive.exports.records import Reject
from archive.exports.wrappers import LIST_PATHS, is_map_key
from archive.jsontext import BALANCED, STRING, find_end

# An object with one of these is an event, whatever lists it has.
_EVENT_MEMBERS = frozenset({b"entries", b"event_id", b"eventID", b"exception", b"platform"})
_OUTER = frozenset(path.partition(".")[0] for path in LIST_PATHS if "." in path)
_MEMBERS_SEEN = 64
_NAME_BYTES = 1 << 10

_NAME = re.compile(rb'[\s,]*+"([^"\\]{1,64}+)"\s*+:\s*+')
_LIST_OPENS = re.compile(rb"\[\s*+[\[{\"]")
_COLON = re.compile(rb"\s{0,256}+:\s{0,256}+")
_SCALAR = re.compile(rb"[^,\[\]{}\s]++")
_STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)


def is_wrapper(text: bytes, at: int, outer: str = "") -> bool:
    """Whether the object that begins here wraps a list of events, as far as it is at hand."""
    at += 1
    for _ in range(_MEMBERS_SEEN):
        member = _NAME.match(text, at)
        if not member or (not outer and member[1] in _EVENT_MEMBERS):
            return False
        name = outer + member[1].decode(errors="replace")
        value = text[member.end() : member.end() + 1]
        if name in LIST_PATHS and _LIST_OPENS.match(text, member.end()):
            return True
        if name in _OUTER and value == b"{" and is_wrapper(text, member.end(), f"{name}."):
            return True
        if not outer and is_map_key(name) and value in (b"{", b"["):
            return True
        end = find_end(text, member.end())
        if end is None:
            return False
        at = end
    return False


class WrapperReader:
    """Moves a window through the members of a wrapper, from one that may hold events to the next.

    The window must be at the beginning of the wrapper.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._outer = ""
        window.at += 1

    def move(self) -> bytes:
        """Move into the next list of events, `[`, or to the next event of a map by ID, `{`.

        Otherwise move to the end of the wrapper, `}`, or to where it goes no further: what is
        there, nothing where the stream ends.
        """
        window = self._window
        while (first := window.skip_separators()) is not None:
            if first == b"}":
                window.at += 1
                if not self._outer:
                    return first
                self._outer = ""
                continue
            name = self._read_name()
            if name is None:
                return b"?"
            value = window.skip_separators()
            if value == b"[" and (name in LIST_PATHS or is_map_key(name)):
                window.at += 1
                return value
            if value == b"{" and is_map_key(name):
                return value
            if value == b"{" and name in _OUTER:
                self._outer = f"{name}."
                window.at += 1
            else:
                _pass_over(window)
        return b""

    def _read_name(self) -> str | None:
        """The path of the member that begins here, of which the window moves to the value."""
        window = self._window
        window.hold(_NAME_BYTES)
        name = STRING.match(window.text, window.at)
        colon = _COLON.match(window.text, name.end()) if name else None
        if not name or not colon:
            return None
        window.at = colon.end()
        return self._outer + name[0][1:-1].decode(errors="replace")


def reject_whole(window: Window, reason: str) -> Reject:
    """Reject the object or string that begins here, holding no more of it than the window."""
    place, head = window.mark()
    _pass_over(window)
    return window.reject_through(place, head, reason)


def _pass_over(window: Window) -> None:
    """Move over the value that begins here."""
    first = window.text[window.at : window.at + 1]
    if first not in (b"{", b"[", b'"'):
        while scalar := _SCALAR.match(window.text, window.at):
            window.at = scalar.end()
            if window.at < len(window.text) or not window.more():
                break
        return
    in_string = first == b'"'
    depth = 0 if in_string else 1
    window.at += 1
    while depth or in_string:
        if window.at >= len(window.text) and not window.more():
            break
        if in_string:
            in_string = not _leave_string(window)
            if in_string and not window.more():
                window.at = len(window.text)
                break
            continue
        balanced = BALANCED.match(window.text, window.at)
        window.at = balanced.end() if balanced else window.at
        mark = window.text[window.at : window.at + 1]
        window.at += len(mark)
        in_string = mark == b'"'
        depth += (mark in (b"{", b"[") and mark != b"") - (mark in (b"}", b"]") and mark != b"")


def _leave_string(window: Window) -> bool:
    """Move behind the closing quote, or to the end of the window (before a last backslash)."""
    rest = _STRING_REST.match(window.text, window.at)
    if rest:
        window.at = rest.end()
        return True
    text = window.text[window.at :]
    backslashes = len(text) - len(text.rstrip(b"\\"))
    window.at = len(window.text) - backslashes % 2
    return False
