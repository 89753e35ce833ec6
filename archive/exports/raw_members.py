"""The members of a JSON object, their values unread."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from archive.jsontext import list_elements, list_members

Members = Mapping[str, msgspec.Raw]

NOT_STRICT = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)

_BETWEEN = re.compile(rb"[ \t\r\n,]*+")


def read_members(raw: bytes, follow: Callable[[int], None] = lambda size: None) -> Members:
    """The members of an object as JSON text; of equal keys the last counts.

    follow: called with the number of bytes where a strict parser fails, and brackets are followed
    instead, which is slow.

    Raises ValueError where it is no object.
    """
    try:
        return parse_members(raw)
    except NOT_STRICT:
        follow(len(raw))
        return {
            member.key: msgspec.Raw(raw[member.value_start : member.end])
            for member in list_members(raw)
        }


def parse_members(text: bytes | memoryview) -> Members:
    """The members of an object that is strict JSON. Raises DecodeError, RecursionError."""
    return msgspec.json.decode(text, type=dict[str, msgspec.Raw])


def locate_elements(
    raw: bytes, follow: Callable[[int], None] = lambda size: None
) -> Iterator[tuple[int, int]]:
    """Where each element of an array begins and ends.

    follow: as in `read_members`.

    Raises ValueError where it is not an array.
    """
    try:
        values = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except NOT_STRICT:
        follow(len(raw))
        yield from list_elements(raw)
        return
    at = raw.index(b"[") + 1
    for value in values:
        separator = _BETWEEN.match(raw, at)
        start = separator.end() if separator else at
        at = start + memoryview(value).nbytes
        yield start, at


def find_opening(value: msgspec.Raw | None) -> bytes:
    """The first byte of a member, which says of what kind it is; none where it is not there."""
    return bytes(memoryview(value)[:1]) if value is not None else b""


def is_object(value: msgspec.Raw | None) -> bool:
    """Whether a member is there and is an object."""
    return find_opening(value) == b"{"


def read_text(value: msgspec.Raw | None) -> str | None:
    """A string or a whole number as text; anything else, and the empty string, is None."""
    if value is None or find_opening(value) in (b"{", b"["):
        return None
    try:
        text = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return str(text) or None if isinstance(text, str | int) and not isinstance(text, bool) else None


def read_inner(value: msgspec.Raw | None, name: str) -> str | None:
    """A member of a member, as text."""
    return read_text(read_members(bytes(value)).get(name)) if value and is_object(value) else None


def read_string(value: bytes) -> bytes:
    """The text in a string; a lone surrogate stays escaped, as JSON in it may have it."""
    try:
        return msgspec.json.decode(value, type=str).encode()
    except (msgspec.DecodeError, UnicodeError):
        return str(json.loads(value, strict=False)).encode(errors="backslashreplace")
