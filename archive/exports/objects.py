"""Read one JSON object from a buffer, with its exact bytes.

A strict JSON parser finds the end of an object. If it fails, a tolerant bracket scanner takes
over, so that NaN and lone surrogates are accepted and a malformed record does not affect its
neighbors.
"""

from __future__ import annotations

import re

import msgspec

from archive.exports.buffer import Buffer
from archive.exports.layout import LINE_OPENS
from archive.exports.limits import Limits
from archive.exports.oversized import is_wrapper, reject_whole
from archive.exports.raw_members import Members, parse_members
from archive.exports.records import Record, Reject
from archive.exports.shapes import NO_HINTS, Hints
from archive.jsontext import BALANCED, find_end, has_more_values

_UNCHECKED_BYTES = 4 << 20  # in which any number of values fits in memory
# msgspec gives these facts only in its messages. Without them, brackets are followed, more slowly.
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_TRUNCATED = "Input data was truncated"
_UNFINISHED = "the file ends in the middle of an object"


def read_object(buffer: Buffer, limits: Limits, hints: Hints = NO_HINTS) -> Record | Reject:
    """Read the object that begins here, or reject it."""
    item = try_object(buffer, limits, hints)
    return reject_whole(buffer, item) if isinstance(item, str) else item


def try_object(buffer: Buffer, limits: Limits, hints: Hints = NO_HINTS) -> Record | Reject | str:
    """Read the object that begins here, or reject it.

    For an object over a limit, and for a broken wrapper of a list of events, return the reason
    as text, without moving the buffer.
    """
    while True:
        if _is_crowded(buffer, limits):
            return too_many_values(limits)
        parsed = _parse_object(buffer)
        members, end, may_go_on = None, None, False
        if isinstance(parsed, tuple):
            members, end = parsed
        elif parsed == _TRUNCATED and not buffer.ended:
            may_go_on = True
        else:
            end, seam = _follow_brackets(buffer.text, buffer.at)
            broken = _reject_broken(buffer, f"not valid JSON: {parsed}", end, seam)
            if broken is not None:
                return broken
        held = (len(buffer.text) if end is None else end) - buffer.at
        if held > limits.event_bytes:
            return too_large(limits)
        if end is not None and has_more_values(buffer.text, buffer.at, end, limits.event_values):
            return too_many_values(limits)
        if end is not None:
            return buffer.take(end, hints, members)
        if not buffer.more() and not may_go_on:
            return _reject_unfinished(buffer)


def _reject_broken(
    buffer: Buffer, reason: str, end: int | None, seam: int | None
) -> Reject | str | None:
    """Reject an object whose brackets do not match, or return the reason as `try_object` does."""
    text, at = buffer.text, buffer.at
    beyond = _find_end_beyond_lines(text, at) if end is None and seam is None else None
    is_array_end = end is not None and text[end - 1 : end] == b"]"  # of an array around it
    if not (beyond or is_array_end or (end is None and seam is not None)):
        return None
    if is_wrapper(text, at):
        return reason
    if beyond:
        return buffer.reject(reason, beyond)
    stop = seam + 1 if seam is not None and end is None else (end or 0) - 1
    return _reject_lines(buffer, reason, stop)


def take_object(buffer: Buffer, end: int, limits: Limits, hints: Hints) -> Record | Reject:
    """Take the object from here to `end`, unless it has too many values."""
    if has_more_values(buffer.text, buffer.at, end, limits.event_values):
        return buffer.reject(too_many_values(limits), end)
    return buffer.take(end, hints)


def _is_crowded(buffer: Buffer, limits: Limits) -> bool:
    """Whether the part in memory of the object that begins here has too many values to parse."""
    text, at = buffer.text, buffer.at
    if len(text) - at <= _UNCHECKED_BYTES:
        return False
    return has_more_values(text, at, find_end(text, at) or len(text), limits.event_values)


def too_large(limits: Limits) -> str:
    """Return the reason to reject something that has too many bytes."""
    return f"larger than {limits.event_bytes:,} bytes"


def too_many_values(limits: Limits) -> str:
    """Return the reason to reject something that has too many values."""
    return f"more than {limits.event_values:,} values"


def _parse_object(buffer: Buffer) -> tuple[Members, int] | str:
    """Parse the object that begins here and find its end, or return the strict parser's error.

    Usually the object is the rest of its line. Otherwise the error contains the position of the
    characters after it.
    """
    text, at, newline, fault = buffer.text, buffer.at, buffer.find_newline(), ""
    for stop in (newline, len(text)) if newline >= 0 else (len(text),):
        parsed = _parse(text, at, stop)
        if isinstance(parsed, str):
            fault = parsed
            if trailing := _TRAILING.search(fault):
                stop = at + int(trailing[1]) - 1
                parsed = _parse(text, at, stop)
        if not isinstance(parsed, str):
            while text[stop - 1 : stop].isspace():
                stop -= 1
            return parsed, stop
    return fault


def _parse(text: bytes, start: int, stop: int) -> Members | str:
    try:
        return parse_members(memoryview(text)[start:stop])
    except RecursionError:
        return "nested too deeply"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)


def _follow_brackets(text: bytes, at: int) -> tuple[int | None, int | None]:
    """Find the end of the object that begins at `at`, and the line break that must be after it.

    The lookahead grows, so that the time is proportional to the object, not to the text.
    """
    reach = 1 << 12
    while True:
        stop = min(at + reach, len(text))
        seam = _find_seam(text, at, stop)
        end = find_end(text, at, stop if seam is None else seam)
        if end is not None or seam is not None or stop == len(text):
            return end, seam
        reach *= 4


def _find_end_beyond_lines(text: bytes, at: int) -> int | None:
    """Find the end of an object with a line break inside a string, which JSON does not allow."""
    end = find_end(text[at:].replace(b"\n", b" "), 0)
    return end and at + end


def _find_seam(text: bytes, at: int, stop: int) -> int | None:
    """Find the first line break after which a line opens a value where JSON does not allow it."""
    for line in LINE_OPENS.finditer(text, at, stop):
        before = text[max(at, line.start() - 256) : line.start()].rstrip()
        is_keyed = text[line.end() : line.end() + 1] not in (b"{", b"[")
        if is_keyed or (before and before[-1:] not in (b",", b":", b"[")):
            return line.start()
    return None


def _reject_lines(buffer: Buffer, reason: str, stop: int) -> Reject:
    """Reject up to `stop`, or to an earlier line that may open a complete value."""
    unclosed = _find_unclosed(buffer.text, buffer.at, stop)
    line = LINE_OPENS.search(buffer.text, unclosed, stop)
    return buffer.reject(reason, line.end() if line else stop)


def _find_unclosed(text: bytes, at: int, stop: int) -> int:
    """Find the innermost bracket still open at `stop`; values before it are incomplete."""
    opened = [at]
    while True:
        balanced = BALANCED.match(text, at + 1, stop)
        at = balanced.end() if balanced else at + 1
        mark = text[at : at + 1]
        if at >= stop or mark == b'"':
            return opened[-1]
        if mark in (b"{", b"["):
            opened.append(at)
        else:
            opened.pop()


def _reject_unfinished(buffer: Buffer) -> Reject | str:
    """Reject an object cut off by the end of the stream; later lines may still be complete."""
    if is_wrapper(buffer.text, buffer.at):
        return str(buffer.fault or _UNFINISHED)
    unclosed = _find_unclosed(buffer.text, buffer.at, len(buffer.text))
    line = LINE_OPENS.search(buffer.text, unclosed)
    if line:
        return buffer.reject("not valid JSON: the object is never closed", line.end())
    buffer.is_fault_reported = buffer.fault is not None
    reason = str(buffer.fault or _UNFINISHED)
    return buffer.reject(reason, len(buffer.text))
