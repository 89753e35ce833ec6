"""Skip values too large to hold in memory, or open them if they wrap a list of events.

A wrapper such as `{"events": […]}` may be as large as a file. Its elements are read one by one;
the rest of it is skipped.
"""

from __future__ import annotations

import re

from archive.exports.buffer import Buffer
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
    """Whether the part in memory of the object that begins here shows a list of events."""
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
    """Moves a buffer, which is at the start of a wrapper, through the members that hold events."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._outer = ""
        buffer.at += 1

    def move(self) -> bytes:
        """Move into the next list of events, or to the next event of a map by ID.

        Returns `[` or `{` for these, `}` at the end of the wrapper, `?` at an invalid member,
        and nothing at the end of the stream.
        """
        buffer = self._buffer
        while (first := buffer.skip_separators()) is not None:
            if first == b"}":
                buffer.at += 1
                if not self._outer:
                    return first
                self._outer = ""
                continue
            name = self._read_name()
            if name is None:
                return b"?"
            value = buffer.skip_separators()
            if value == b"[" and (name in LIST_PATHS or is_map_key(name)):
                buffer.at += 1
                return value
            if value == b"{" and is_map_key(name):
                return value
            if value == b"{" and name in _OUTER:
                self._outer = f"{name}."
                buffer.at += 1
            else:
                _skip_value(buffer)
        return b""

    def _read_name(self) -> str | None:
        """Read the path of the member that begins here, and move to its value."""
        buffer = self._buffer
        buffer.hold(_NAME_BYTES)
        name = STRING.match(buffer.text, buffer.at)
        colon = _COLON.match(buffer.text, name.end()) if name else None
        if not name or not colon:
            return None
        buffer.at = colon.end()
        return self._outer + name[0][1:-1].decode(errors="replace")


def reject_whole(buffer: Buffer, reason: str) -> Reject:
    """Reject the object or string that begins here, without holding all of it in memory."""
    place, head = buffer.mark()
    _skip_value(buffer)
    return buffer.reject_through(place, head, reason)


def _skip_value(buffer: Buffer) -> None:
    """Move past the value that begins here."""
    first = buffer.text[buffer.at : buffer.at + 1]
    if first not in (b"{", b"[", b'"'):
        while scalar := _SCALAR.match(buffer.text, buffer.at):
            buffer.at = scalar.end()
            if buffer.at < len(buffer.text) or not buffer.more():
                break
        return
    in_string = first == b'"'
    depth = 0 if in_string else 1
    buffer.at += 1
    while depth or in_string:
        if buffer.at >= len(buffer.text) and not buffer.more():
            break
        if in_string:
            in_string = not _leave_string(buffer)
            if in_string and not buffer.more():
                buffer.at = len(buffer.text)
                break
            continue
        balanced = BALANCED.match(buffer.text, buffer.at)
        buffer.at = balanced.end() if balanced else buffer.at
        mark = buffer.text[buffer.at : buffer.at + 1]
        buffer.at += len(mark)
        in_string = mark == b'"'
        depth += (mark in (b"{", b"[") and mark != b"") - (mark in (b"}", b"]") and mark != b"")


def _leave_string(buffer: Buffer) -> bool:
    """Move past the closing quote, or to the end of the buffer (before a last backslash)."""
    rest = _STRING_REST.match(buffer.text, buffer.at)
    if rest:
        buffer.at = rest.end()
        return True
    text = buffer.text[buffer.at :]
    backslashes = len(text) - len(text.rstrip(b"\\"))
    buffer.at = len(buffer.text) - backslashes % 2
    return False
