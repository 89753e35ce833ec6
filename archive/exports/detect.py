"""Recognize what a JSON object is, by its keys, and take the events out of their wrappers.

The keys are those that Sentry's serializers and exporters write; a file's name does not count.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from archive.exports.hints import read_own_hints
from archive.exports.limits import Limits
from archive.exports.non_events import (
    NonEvent,
    find_non_event,
    may_be_non_event,
    name_text,
)
from archive.exports.raw_members import (
    Members,
    is_object,
    locate_elements,
    read_members,
    read_string,
)
from archive.exports.records import Learned, LearnedKind, Record, Reject, Skipped, SourceLocation
from archive.exports.shapes import NO_HINTS, Hints, Shape, find_certain_shape, find_shape
from archive.exports.split import split_records
from archive.exports.wrappers import (
    Inner,
    Wrapper,
    find_wrapper,
    hint_forwarded,
    is_forwarded,
    is_map,
    open_path,
    restore_forwarded,
)
from archive.jsontext import list_members

MAX_WRAPPINGS = 16

_FOLLOWED = 4  # times the size of a record


@dataclass(frozen=True, slots=True)
class Export:
    """An event as it was exported, and what its surroundings say about it.

    raw: the event's exact bytes; for the eventids shape the whole answer's.
    """

    shape: Shape
    raw: bytes
    place: SourceLocation
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True)
class Unsupported:
    """What might be an event and is not known to be one; `reason` says what it is, or lacks."""

    place: SourceLocation
    reason: str
    raw: bytes


Detected = Export | Skipped | Learned | Unsupported

_ENVELOPE_HEADER = frozenset({"event_id", "dsn", "sent_at", "sdk", "trace"})
# Without one of these, an object in a wrapper that holds more than events is not one.
_SUSPECT = frozenset({"event_id", "eventID", "eventId", "entries", "exception", "logentry"})


def detect(record: Record, limits: Limits | None = None) -> Iterator[Detected]:
    """What a record is or holds: each event in a wrapper gets a place of its own.

    limits: bounds on what is read out of strings in it.
    """
    members = record.members
    try:
        shape = _find_shape(members, record.hints) if members else None
    except ValueError:  # of which the recognizer says more
        shape = None
    if members and shape:
        hints = record.hints.add(read_own_hints(members, record.place))
        yield Export(shape, record.raw, record.place, hints)
    else:
        is_exact = not record.place.path
        found = _Found(record.raw, record.place, record.hints, is_exact)
        recognizer = _Recognizer(limits or Limits(), len(record.raw))
        yield from recognizer.recognize(found, members)


def _find_shape(members: Members, hints: Hints) -> Shape | None:
    """The shape of the event that an object is, unless it is a known non-event."""
    if shape := find_certain_shape(members):
        return shape
    if may_be_non_event(members) and find_non_event(members):
        return None
    return find_shape(members, hints)


class _Found(NamedTuple):
    """A JSON text, where it is, and hints about it.

    is_exact: whether the text is part of the file as it is, and not of a string in it.
    inside: the wrapper that holds more than events, where it is in one.
    depth: how many wrappers and arrays are around it.
    """

    raw: bytes
    place: SourceLocation
    hints: Hints
    is_exact: bool = True
    inside: str | None = None
    depth: int = 0

    def enter(self, raw: bytes, step: str, lines: int, offset: int) -> _Found:
        """What is inside, so many lines and bytes from the beginning."""
        place = self.place
        join = "." if place.path and step[:1] != "[" else ""
        path = f"{place.path}{join}{step}"
        if not self.is_exact:
            lines = offset = 0
        at = SourceLocation(
            place.source, place.member, place.line + lines, place.offset + offset, path
        )
        return self._replace(raw=raw, place=at, depth=self.depth + 1)


class _Recognizer:
    """Recognizes what is in a record, down to a bounded depth.

    Each text is parsed once at each level, and is never longer than the one around it: the whole
    takes time in proportion to the record.
    """

    def __init__(self, limits: Limits, size: int) -> None:
        self._limits = limits
        self._to_follow = _FOLLOWED * size

    def _follow(self, size: int) -> None:
        """Bound the bytes in which brackets are followed, which takes much longer than to parse."""
        self._to_follow -= size
        if self._to_follow < 0:
            raise ValueError("nested too deeply")

    def recognize(self, found: _Found, members: Members | None = None) -> Iterator[Detected]:
        """What a JSON text of any type is."""
        try:
            if members is not None or found.raw[:1] == b"{":
                yield from self._recognize_object(
                    found, members or read_members(found.raw, self._follow)
                )
            elif found.raw[:1] == b"[":
                yield from self._open_array(found)
            elif found.raw[:1] == b'"':
                yield from self._open_string(found, is_base64=False)
            elif found.raw == b"null":
                yield Skipped("null")
            else:
                yield Unsupported(found.place, f"not an event but {_show(found.raw)}", found.raw)
        except ValueError as error:
            yield Unsupported(found.place, f"not valid JSON: {error}", found.raw)

    def _recognize_object(self, found: _Found, members: Members) -> Iterator[Detected]:
        if shape := _find_shape(members, found.hints):
            hints = found.hints.add(read_own_hints(members, found.place))
            yield Export(shape, found.raw, found.place, hints)
        elif non_event := find_non_event(members):
            yield _name_non_event(non_event, found)
            if non_event.learned is LearnedKind.ISSUE and is_object(members.get("latestEvent")):
                yield from self._open(found, members)
        elif is_forwarded(members):
            hints = found.hints.add(hint_forwarded(members))
            yield Export(Shape.SPLUNK, found.raw, found.place, hints)
        else:
            yield from self._open(found, members)

    def _open(self, found: _Found, members: Members) -> Iterator[Detected]:
        """What is in an object that is not an event itself."""
        wrapper = find_wrapper(members)
        if wrapper is None and not is_map(members):
            yield _reject_object(found, members)
        elif found.depth >= MAX_WRAPPINGS:
            yield Unsupported(
                found.place, f"wrapped more than {MAX_WRAPPINGS} times over", found.raw
            )
        elif wrapper is None:
            yield from self._open_map(found)
        else:
            yield from self._open_wrapper(found, members, wrapper)

    def _open_wrapper(
        self, found: _Found, members: Members, wrapper: Wrapper
    ) -> Iterator[Detected]:
        paths = (open_path(found.raw, members, path, self._follow) for path in wrapper.paths)
        opened = [inner for inner in paths if inner]
        if not opened:
            if wrapper.holds_more:
                yield Skipped(f"{wrapper.name} without an event")
            else:
                yield _reject_object(found, members)
            return
        found = found._replace(hints=found.hints.add(wrapper.hint(members)))
        if wrapper.holds_more:
            found = found._replace(inside=wrapper.name)
        restored = restore_forwarded(members)
        for inner in opened:
            lines = found.raw.count(b"\n", 0, inner.offset)
            held = found.enter(inner.raw, inner.path, lines, inner.offset)
            if restored:
                hints = found.hints.add(hint_forwarded(read_members(restored)))
                yield Export(Shape.SPLUNK, restored, held.place, hints)
            else:
                yield from self._open_inner(held, inner)

    def _open_inner(self, held: _Found, inner: Inner) -> Iterator[Detected]:
        if inner.is_base64 and inner.raw[:1] == b'"':
            yield from self._open_string(held, is_base64=True)
        else:
            yield from self.recognize(held)

    def _open_map(self, found: _Found) -> Iterator[Detected]:
        lines = at = 0
        for member in list_members(found.raw):
            lines += found.raw.count(b"\n", at, member.value_start)
            at = member.value_start
            value = found.raw[at : member.end]
            yield from self.recognize(found.enter(value, member.key, lines, at))

    def _open_array(self, found: _Found) -> Iterator[Detected]:
        if found.depth >= MAX_WRAPPINGS:
            yield Unsupported(
                found.place, f"wrapped more than {MAX_WRAPPINGS} times over", found.raw
            )
            return
        elements = list(locate_elements(found.raw, self._follow))
        if not elements:
            yield Skipped("empty page")
        lines = at = 0
        for index, (start, end) in enumerate(elements):
            lines += found.raw.count(b"\n", at, start)
            at = start
            element = found.enter(found.raw[start:end], f"[{index}]", lines, start)
            yield from self.recognize(element)

    def _open_string(self, found: _Found, is_base64: bool) -> Iterator[Detected]:
        """What is in a string: JSON, lines of it, or an envelope."""
        text = read_string(found.raw)
        if is_base64:
            try:
                text = base64.b64decode(text, validate=True)
            except binascii.Error as error:
                yield Unsupported(found.place, f"not base64: {error}", found.raw)
                return
        text = text.removeprefix(b"\xef\xbb\xbf").strip()
        found = found._replace(raw=text, is_exact=False, depth=found.depth + 1)
        if found.depth > MAX_WRAPPINGS:
            yield Unsupported(
                found.place, f"wrapped more than {MAX_WRAPPINGS} times over", found.raw
            )
        elif text[:1] in (b"{", b"["):
            yield from self._split(found)
        elif text[:1] == b'"':
            yield from self.recognize(found)
        elif kind := name_text(text):
            yield Skipped(kind)
        elif found.inside or not text:
            yield Skipped(f"{found.inside or 'text'} without an event")
        else:
            yield Unsupported(found.place, f"text that is not JSON: {_show(text)}", text)

    def _split(self, found: _Found) -> Iterator[Detected]:
        place = found.place
        split = split_records(iter([found.raw]), place.source, place.member, self._limits)
        items = list(split)
        is_whole = len(items) == 1 and found.raw[:1] == b"{"
        for index, item in enumerate(items):
            at = place if is_whole else found.enter(b"", f"[{index}]", 0, 0).place
            if isinstance(item, Skipped):
                yield item
                continue
            if item.place.path:
                at = replace(at, path=f"{at.path}, {item.place.path}")
            if isinstance(item, Record):
                hints = found.hints.add(item.hints)
                record = found._replace(raw=item.raw, place=at, hints=hints)
                yield from self.recognize(record, item.members)
            elif isinstance(item, Reject):
                yield Unsupported(at, item.reason, item.raw)
            elif isinstance(item, Learned):
                yield replace(item, place=at)
            else:
                yield replace(item, place=at, hints=found.hints.add(item.hints))


def _name_non_event(non_event: NonEvent, found: _Found) -> Skipped | Learned:
    if non_event.learned is None:
        return Skipped(non_event.name)
    return Learned(non_event.learned, found.raw, found.place, found.hints)


def _show(raw: bytes) -> str:
    return raw[:60].decode(errors="replace")


def _reject_object(found: _Found, members: Members) -> Skipped | Unsupported:
    if found.inside and _SUSPECT.isdisjoint(members):
        return Skipped(f"{found.inside} without an event")
    return Unsupported(found.place, _name_stranger(members), found.raw)


def _name_stranger(members: Members) -> str:
    if not members:
        return "an empty object"
    if members.keys() <= _ENVELOPE_HEADER:
        return "the header of an SDK envelope without its items"
    shown = ", ".join(list(members)[:8])
    if {"event_id", "project_id"} <= members.keys():
        return f"some columns of an event, not the event (an object with {shown})"
    if not members.keys().isdisjoint({"event_id", "eventID", "eventId"}):
        return f"has an event ID, but nothing that only events have (an object with {shown})"
    return f"not an event of a known shape (an object with {shown})"
