"""The members of a JSON object, their values unread."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from archive.jsontext import list_members

Members = Mapping[str, bytes]


def read_members(raw: bytes) -> Members:
    """The members of an object as JSON text; of equal keys the last counts.

    Raises ValueError where it is no object.
    """
    try:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        return {key: bytes(value) for key, value in members.items()}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {member.key: raw[member.value_start : member.end] for member in list_members(raw)}


def is_object(value: bytes | None) -> bool:
    """Whether a member is there and is an object."""
    return value is not None and value[:1] == b"{"


def read_text(value: bytes | None) -> str | None:
    """A string or a whole number as text; anything else, and the empty string, is None."""
    if value is None or value[:1] in (b"{", b"["):
        return None
    try:
        text = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return str(text) or None if isinstance(text, str | int) and not isinstance(text, bool) else None


def read_inner(value: bytes | None, name: str) -> str | None:
    """A member of a member, as text."""
    return read_text(read_members(value).get(name)) if value and is_object(value) else None
