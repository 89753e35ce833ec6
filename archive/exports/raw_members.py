"""Read the members of JSON objects without decoding their values."""

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
    """Read the members of an object as JSON text; of duplicate keys, the last counts.

    follow: called with the size of the text, in bytes, if the strict parser fails and the slow
    bracket scanner is used instead.

    Raises ValueError if the text is not an object.
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
    """Parse the members of an object in strict JSON. Raises DecodeError, RecursionError."""
    return msgspec.json.decode(text, type=dict[str, msgspec.Raw])


def locate_elements(
    raw: bytes, follow: Callable[[int], None] = lambda size: None
) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each element of an array.

    follow: as in `read_members`.

    Raises ValueError if the text is not an array.
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
    """Return the first byte of a member, which shows its JSON type; empty if it is absent."""
    return bytes(memoryview(value)[:1]) if value is not None else b""


def is_object(value: msgspec.Raw | None) -> bool:
    """Whether a member is present and is an object."""
    return find_opening(value) == b"{"


def read_text(value: msgspec.Raw | None) -> str | None:
    """Read a non-empty string or an integer as text; None for anything else."""
    if value is None or find_opening(value) in (b"{", b"["):
        return None
    try:
        text = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return str(text) or None if isinstance(text, str | int) and not isinstance(text, bool) else None


def read_path(members: Members, path: str) -> str | None:
    """Read a member of members, at a path such as `event.url`, as text."""
    *outer, name = path.split(".")
    for part in outer:
        value = members.get(part)
        members = read_members(bytes(value)) if value is not None and is_object(value) else {}
    return read_text(members.get(name))


def read_string(value: bytes) -> bytes:
    """Decode a JSON string; a lone surrogate stays escaped, which may be part of inner JSON."""
    try:
        return msgspec.json.decode(value, type=str).encode()
    except (msgspec.DecodeError, UnicodeError):
        return str(json.loads(value, strict=False)).encode(errors="backslashreplace")
