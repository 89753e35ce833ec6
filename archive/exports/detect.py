"""Detect what a JSON object is by its keys, and take events out of their wrappers.

The keys are those that Sentry's serializers and exporters write; file names are ignored.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from archive.exports.forms import find_certain_shape, find_shape
from archive.exports.hints import read_own_hints
from archive.exports.limits import Limits
from archive.exports.non_events import NonEvent, find_non_event, name_text
from archive.exports.raw_members import (
    Members,
    is_object,
    locate_elements,
    read_members,
    read_string,
)
from archive.exports.records import Learned, LearnedKind, Record, Reject, Skipped, SourceLocation
from archive.exports.shapes import NO_HINTS, Hints, Shape
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

_SCANNED = 4  # times the size of a record


@dataclass(frozen=True, slots=True)
class Export:
    """An event as it was exported, and hints from its surroundings.

    raw: the exact bytes of the event, or of the whole answer for the eventids shape.
    """

    shape: Shape
    raw: bytes
    place: SourceLocation
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A value that might be an event but is not known to be one, and the reason."""

    place: SourceLocation
    reason: str
    raw: bytes


Detected = Export | Skipped | Learned | Unsupported

_ENVELOPE_HEADER = frozenset({"event_id", "dsn", "sent_at", "sdk", "trace"})
# An object in a wrapper that holds more than events is an event only if it has one of these.
_EVENT_KEYS = frozenset({"event_id", "eventID", "eventId", "entries", "exception", "logentry"})


def detect(record: Record, limits: Limits | None = None) -> Iterator[Detected]:
    """Yield what a record is or contains; each event in a wrapper gets its own place.

    limits: apply to JSON in strings; the default limits if None.
    """
    members = record.members
    try:  # most records are events; without a detector for each, this is a tenth faster
        shape = _find_shape(members, record.hints) if members else None
    except ValueError:  # the detector reports it
        shape = None
    if members and shape:
        hints = record.hints.add(read_own_hints(members, record.place))
        yield Export(shape, record.raw, record.place, hints)
    else:
        is_exact = not record.place.path
        candidate = _Candidate(record.raw, record.place, record.hints, is_exact)
        detector = _Detector(limits or Limits(), len(record.raw))
        yield from detector.detect(candidate, members)


def _find_shape(members: Members, hints: Hints) -> Shape | None:
    """Find the shape of an event; None if the object is a known non-event or not an event."""
    if shape := find_certain_shape(members):
        return shape
    if find_non_event(members):
        return None
    return find_shape(members, hints)


class _Candidate(NamedTuple):
    """A JSON text, its place, and hints about it.

    is_exact: whether the text is in the file verbatim, not in a string.
    inside: the name of a wrapper around it that holds more than events.
    depth: the number of wrappers and arrays around it.
    """

    raw: bytes
    place: SourceLocation
    hints: Hints
    is_exact: bool = True
    inside: str | None = None
    depth: int = 0

    def enter(self, raw: bytes, step: str, lines: int, offset: int) -> _Candidate:
        """Return a text inside this one, with its offset from the beginning in lines and bytes."""
        place = self.place
        join = "." if place.path and step[:1] != "[" else ""
        path = f"{place.path}{join}{step}"
        if not self.is_exact:
            lines = offset = 0
        at = SourceLocation(
            place.source, place.member, place.line + lines, place.offset + offset, path
        )
        return self._replace(raw=raw, place=at, depth=self.depth + 1)


class _Detector:
    """Detects what is in a record, to a limited depth.

    Each text is parsed once per level and is never longer than the text around it, so that the
    time is proportional to the record.
    """

    def __init__(self, limits: Limits, size: int) -> None:
        self._limits = limits
        self._left_to_scan = _SCANNED * size

    def _follow(self, size: int) -> None:
        """Limit the bytes given to the bracket scanner, which is much slower than the parser."""
        self._left_to_scan -= size
        if self._left_to_scan < 0:
            raise ValueError("nested too deeply")

    def detect(self, candidate: _Candidate, members: Members | None = None) -> Iterator[Detected]:
        """Yield what a JSON text of any type is or contains."""
        try:
            if members is not None or candidate.raw[:1] == b"{":
                yield from self._detect_object(
                    candidate, members or read_members(candidate.raw, self._follow)
                )
            elif candidate.raw[:1] == b"[":
                yield from self._open_array(candidate)
            elif candidate.raw[:1] == b'"':
                yield from self._open_string(candidate, is_base64=False)
            elif candidate.raw == b"null":
                yield Skipped("null")
            else:
                yield Unsupported(
                    candidate.place, f"not an event but {_show(candidate.raw)}", candidate.raw
                )
        except ValueError as error:
            yield Unsupported(candidate.place, f"not valid JSON: {error}", candidate.raw)

    def _detect_object(self, candidate: _Candidate, members: Members) -> Iterator[Detected]:
        if shape := _find_shape(members, candidate.hints):
            hints = candidate.hints.add(read_own_hints(members, candidate.place))
            yield Export(shape, candidate.raw, candidate.place, hints)
        elif non_event := find_non_event(members):
            yield _name_non_event(non_event, candidate)
            if non_event.learned is LearnedKind.ISSUE and is_object(members.get("latestEvent")):
                yield from self._open(candidate, members)
        elif is_forwarded(members):
            hints = candidate.hints.add(hint_forwarded(members))
            yield Export(Shape.SPLUNK, candidate.raw, candidate.place, hints)
        else:
            yield from self._open(candidate, members)

    def _open(self, candidate: _Candidate, members: Members) -> Iterator[Detected]:
        """Yield what is in an object that is not an event itself."""
        wrapper = find_wrapper(members)
        if wrapper is None and not is_map(members):
            yield _reject_object(candidate, members)
        elif candidate.depth >= MAX_WRAPPINGS:
            yield _reject_nesting(candidate)
        elif wrapper is None:
            yield from self._open_map(candidate)
        else:
            yield from self._open_wrapper(candidate, members, wrapper)

    def _open_wrapper(
        self, candidate: _Candidate, members: Members, wrapper: Wrapper
    ) -> Iterator[Detected]:
        paths = (open_path(candidate.raw, members, path, self._follow) for path in wrapper.paths)
        opened = [inner for inner in paths if inner]
        if not opened:
            if wrapper.holds_more:
                yield Skipped(f"{wrapper.name} without an event")
            else:
                yield _reject_object(candidate, members)
            return
        candidate = candidate._replace(hints=candidate.hints.add(wrapper.hint(members)))
        if wrapper.holds_more:
            candidate = candidate._replace(inside=wrapper.name)
        restored = restore_forwarded(members)
        for inner in opened:
            lines = candidate.raw.count(b"\n", 0, inner.offset)
            content = candidate.enter(inner.raw, inner.path, lines, inner.offset)
            if restored:
                hints = candidate.hints.add(hint_forwarded(read_members(restored)))
                yield Export(Shape.SPLUNK, restored, content.place, hints)
            else:
                yield from self._open_inner(content, inner)

    def _open_inner(self, content: _Candidate, inner: Inner) -> Iterator[Detected]:
        if inner.is_base64 and inner.raw[:1] == b'"':
            yield from self._open_string(content, is_base64=True)
        else:
            yield from self.detect(content)

    def _open_map(self, candidate: _Candidate) -> Iterator[Detected]:
        lines = at = 0
        for member in list_members(candidate.raw):
            lines += candidate.raw.count(b"\n", at, member.value_start)
            at = member.value_start
            value = candidate.raw[at : member.end]
            yield from self.detect(candidate.enter(value, member.key, lines, at))

    def _open_array(self, candidate: _Candidate) -> Iterator[Detected]:
        if candidate.depth >= MAX_WRAPPINGS:
            yield _reject_nesting(candidate)
            return
        elements = list(locate_elements(candidate.raw, self._follow))
        if not elements:
            yield Skipped("empty page")
        lines = at = 0
        for index, (start, end) in enumerate(elements):
            lines += candidate.raw.count(b"\n", at, start)
            at = start
            element = candidate.enter(candidate.raw[start:end], f"[{index}]", lines, start)
            yield from self.detect(element)

    def _open_string(self, candidate: _Candidate, is_base64: bool) -> Iterator[Detected]:
        """Yield what is in a string: JSON, lines of JSON, or an envelope."""
        text = read_string(candidate.raw)
        if is_base64:
            try:
                text = base64.b64decode(text, validate=True)
            except binascii.Error as error:
                yield Unsupported(candidate.place, f"not base64: {error}", candidate.raw)
                return
        text = text.removeprefix(b"\xef\xbb\xbf").strip()
        candidate = candidate._replace(raw=text, is_exact=False, depth=candidate.depth + 1)
        if candidate.depth > MAX_WRAPPINGS:
            yield _reject_nesting(candidate)
        elif text[:1] in (b"{", b"["):
            yield from self._split(candidate)
        elif text[:1] == b'"':
            yield from self.detect(candidate)
        elif kind := name_text(text):
            yield Skipped(kind)
        elif candidate.inside or not text:
            yield Skipped(f"{candidate.inside or 'text'} without an event")
        else:
            yield Unsupported(candidate.place, f"text that is not JSON: {_show(text)}", text)

    def _split(self, candidate: _Candidate) -> Iterator[Detected]:
        place = candidate.place
        split = split_records(iter([candidate.raw]), place.source, place.member, self._limits)
        items = list(split)
        is_whole = len(items) == 1 and candidate.raw[:1] == b"{"
        for index, item in enumerate(items):
            at = place if is_whole else candidate.enter(b"", f"[{index}]", 0, 0).place
            if isinstance(item, Skipped):
                yield item
                continue
            if item.place.path:
                at = replace(at, path=f"{at.path}, {item.place.path}")
            if isinstance(item, Record):
                hints = candidate.hints.add(item.hints)
                record = candidate._replace(raw=item.raw, place=at, hints=hints)
                yield from self.detect(record, item.members)
            elif isinstance(item, Reject):
                yield Unsupported(at, item.reason, item.raw)
            elif isinstance(item, Learned):
                yield replace(item, place=at)
            else:
                yield replace(item, place=at, hints=candidate.hints.add(item.hints))


def _name_non_event(non_event: NonEvent, candidate: _Candidate) -> Skipped | Learned:
    if non_event.learned is None:
        return Skipped(non_event.name)
    return Learned(non_event.learned, candidate.raw, candidate.place, candidate.hints)


def _show(raw: bytes) -> str:
    return raw[:60].decode(errors="replace")


def _reject_nesting(candidate: _Candidate) -> Unsupported:
    return Unsupported(
        candidate.place, f"wrapped more than {MAX_WRAPPINGS} times over", candidate.raw
    )


def _reject_object(candidate: _Candidate, members: Members) -> Skipped | Unsupported:
    if candidate.inside and _EVENT_KEYS.isdisjoint(members):
        return Skipped(f"{candidate.inside} without an event")
    return Unsupported(candidate.place, _describe_object(members), candidate.raw)


def _describe_object(members: Members) -> str:
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
