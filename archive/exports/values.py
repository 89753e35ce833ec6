"""Split JSON in any layout: arrays, NDJSON, concatenated or pretty-printed values, stray commas.

Objects are records. Arrays, strings that contain JSON, and wrappers too large to be one record
are opened. Keys of messages and headers of HTTP dumps are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from archive.exports.buffer import Buffer, Line
from archive.exports.layout import VALUE_LINE, skip_headers, skip_key, skip_tombstone
from archive.exports.limits import Limits
from archive.exports.non_events import name_text
from archive.exports.objects import read_object, too_large, try_object
from archive.exports.oversized import WrapperReader, is_wrapper, reject_whole
from archive.exports.raw_members import read_string
from archive.exports.records import Item, Reject, Skipped, SourceLocation
from archive.jsontext import STRING

MAX_LAYERS = 4  # of strings and wrappers around a record

# The beginning of a message of the queue `events`: [2, "insert", {…}, {…}]
_MESSAGE = re.compile(rb'\[\s*+\d\s*+,\s*+"\w++"\s*+,')
# Before the unprocessed copy of an event in a nodestore blob.
_UNPROCESSED = re.compile(rb"unprocessed\r?\n(?=\{)")
# A string that may contain JSON, or another such string.
_JSON_STRING = re.compile(rb'"(?:\\[nrt]| ){0,64}+(?:[{\[]|\\+")')
# JSON that may contain an object.
_JSON = re.compile(rb'(?:\{\s*+["}]|\[|").*[}\]"]', re.DOTALL)

_DESCRIBED = 1 << 12
_SCALAR = re.compile(rb"[^,\[\]{}\s]++")
_UNFINISHED_VALUE = re.compile(
    rb'(?:"(?:[^"\\\n]++|\\.)*+\\?|[^",\[\]{}\s][^,\[\]{}\s]*+)\Z', re.DOTALL
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NEVER = re.compile(rb"(?!)")
_NO_LINE = Line(_NEVER, _NEVER)


def split_values(buffer: Buffer, limits: Limits, layers: int = 0) -> Iterator[Item]:
    """Yield the objects of a stream in order, and a Reject for anything else.

    layers: the number of strings around the stream.
    """
    return _split(buffer, limits, layers, 0)


def split_inner(
    text: bytes, place: SourceLocation, path: str, limits: Limits, layers: int = 0
) -> Iterator[Item]:
    """Yield the objects in a text that is inside another value, such as a string or a cell.

    place: where that value is. path: where the text is inside it.
    """
    inner = Buffer(iter((text,)), place.source, place.member, 0)
    for item in split_values(inner, limits, layers + 1):
        if isinstance(item, Skipped):
            yield item
        else:
            offset, within = item.place.offset, item.place.path
            at = f"{path}, byte {offset}" if offset else path
            yield replace(item, place=replace(place, path=f"{at}, {within}" if within else at))


def _split(buffer: Buffer, limits: Limits, layers: int, inside: int) -> Iterator[Item]:
    """Yield the objects from here on; if `inside` is 1, only to the end of the wrapper's list."""
    open_arrays, is_first, is_opened = inside, not inside, False
    item: Item | None = None
    while (first := buffer.skip_separators()) is not None:
        was_opened, is_opened = is_opened, first == b"["
        if first == b"{":
            found = try_object(buffer, limits)
            if not isinstance(found, str):
                item = found
                yield item
            else:
                for item in _open_wrapper(buffer, limits, layers, found):
                    yield item
            if isinstance(item, Reject) and buffer.exhausted:
                open_arrays = 0
        elif first == b"[":
            open_arrays += 1
            _open_array(buffer)
        elif first == b"]" and open_arrays:
            open_arrays -= 1
            buffer.at += 1
            if was_opened and not inside:
                yield Skipped("empty page")
            if inside and not open_arrays:
                return
        elif first == b'"' and (kind := _read_kind(buffer)):
            yield Skipped(kind)
        elif first == b'"' and _may_hold_json(buffer, layers):
            yield from _read_string(buffer, limits, layers, bool(open_arrays))
        elif open_arrays:
            yield _read_stray_value(buffer, limits)
        elif not is_first and _skip_subkey(buffer):
            copy = read_object(buffer, limits)
            yield copy if isinstance(copy, Reject) else Skipped("unprocessed copy of an event")
        elif skip_headers(buffer):
            if buffer.skip_separators() in (None, b"H"):
                yield Skipped("HTTP response without a body")
        elif skip_tombstone(buffer):
            yield Skipped("Kafka message without a value")
        elif not skip_key(buffer):
            yield _read_stray_text(buffer, is_first)
        is_first = False
    if open_arrays and not buffer.fault:
        yield buffer.reject("the array is never closed: the file ends too early")


def _open_array(buffer: Buffer) -> None:
    buffer.hold(64)
    if not buffer.skip(_MESSAGE):
        buffer.at += 1


def _skip_subkey(buffer: Buffer) -> bool:
    buffer.hold(64)
    return buffer.skip(_UNPROCESSED)


def _read_object(buffer: Buffer, limits: Limits, layers: int) -> Iterator[Item]:
    """Yield the object that begins here, or the objects in it."""
    found = try_object(buffer, limits)
    if isinstance(found, str):
        yield from _open_wrapper(buffer, limits, layers, found)
    else:
        yield found


def _open_wrapper(buffer: Buffer, limits: Limits, layers: int, reason: str) -> Iterator[Item]:
    """Yield the objects in the lists of an object that is not read whole; reject it without any."""
    if layers == MAX_LAYERS or not is_wrapper(buffer.text, buffer.at):
        yield reject_whole(buffer, reason)
        return
    place, head = buffer.mark()
    reader = WrapperReader(buffer)
    item: Item | None = None
    while (stop := reader.move()) in (b"[", b"{"):
        if stop == b"[":
            inner = _split(buffer, limits, layers + 1, 1)
        else:
            inner = _read_object(buffer, limits, layers + 1)
        for item in inner:
            yield item
    if item is None:
        yield buffer.reject_through(place, head, reason)
    elif not stop and not buffer.fault and not isinstance(item, Reject):
        yield buffer.reject("the object is never closed: the file ends too early")


def _read_kind(buffer: Buffer) -> str | None:
    """Skip a string that is known not to be an event, such as an API error, and name its kind."""
    buffer.hold(512)
    string = STRING.match(buffer.text, buffer.at)
    kind = name_text(_read_text(string[0])) if string and len(string[0]) <= 512 else None
    if string and kind:
        buffer.at = string.end()
    return kind


def _may_hold_json(buffer: Buffer, layers: int) -> bool:
    """Whether a string may contain JSON, judging by its first characters."""
    buffer.hold(128)
    return layers < MAX_LAYERS and _JSON_STRING.match(buffer.text, buffer.at) is not None


def _read_string(buffer: Buffer, limits: Limits, layers: int, in_array: bool) -> Iterator[Item]:
    """Yield the objects of the JSON in a string; reject a string without any."""
    end = _find_string_end(buffer, limits)
    text = _read_text(buffer.text[buffer.at : end]) if end else b""
    if not end or not _JSON.fullmatch(text):
        if in_array:
            yield _read_stray_value(buffer, limits)
        elif _is_too_large(buffer, limits):
            yield buffer.reject_to(VALUE_LINE, too_large(limits))
        else:
            yield _read_stray_text(buffer, False)
        return
    place, item = buffer.place(), None
    for item in split_inner(text, place, "(JSON string)", limits, layers):
        yield item
    if item is None:
        yield _reject_value(buffer, end)
    buffer.at = end


def _find_string_end(buffer: Buffer, limits: Limits) -> int | None:
    """Find the end of the string that begins here; None if its line or the limit ends first."""
    while not (string := STRING.match(buffer.text, buffer.at)):
        held = len(buffer.text) - buffer.at
        if held > limits.event_bytes or buffer.find_newline() >= 0 or not buffer.more():
            return None
    return string.end() if string.end() - buffer.at <= limits.event_bytes else None


def _is_too_large(buffer: Buffer, limits: Limits) -> bool:
    """Whether the part in memory of the line that begins here is larger than a record may be."""
    stop = buffer.at + limits.event_bytes + 1
    return len(buffer.text) >= stop and buffer.text.find(b"\n", buffer.at, stop) < 0


def _read_text(string: bytes) -> bytes:
    """Return the text of a string; empty if it is not valid."""
    try:
        return read_string(string).strip()
    except ValueError:
        return b""


def _read_stray_value(buffer: Buffer, limits: Limits) -> Reject:
    """Reject an array element that is not an object."""
    while _UNFINISHED_VALUE.match(buffer.text, buffer.at):
        if len(buffer.text) - buffer.at > limits.event_bytes:
            return reject_whole(buffer, too_large(limits))
        if not buffer.more():
            break
    token = STRING.match(buffer.text, buffer.at) or _SCALAR.match(buffer.text, buffer.at)
    return _reject_value(buffer, token.end() if token else buffer.at + 1)


def _reject_value(buffer: Buffer, end: int) -> Reject:
    """Reject a value that is not an object, quoting its beginning."""
    shown = buffer.text[buffer.at : min(end, buffer.at + 60)].decode(errors="replace")
    return buffer.reject(f"not an event but {shown}", end)


def _read_stray_text(buffer: Buffer, is_first: bool) -> Reject:
    """Reject text that is not JSON, up to the next line that looks like JSON.

    A stream that begins like a file of another kind is rejected as a whole.
    """
    buffer.hold(_DESCRIBED)
    reason, is_foreign = _describe(buffer.text[buffer.at : buffer.at + _DESCRIBED])
    return buffer.reject_to(_NO_LINE if is_first and is_foreign else VALUE_LINE, reason)


def _describe(head: bytes) -> tuple[str, bool]:
    """Describe a text that is not JSON; whether it belongs to a file of another kind."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text; convert it with: iconv -f UTF-16 -t UTF-8", True
    if head.startswith(b"PGDMP"):
        return "pg_dump's custom format; convert it with: pg_restore -f dump.sql", True
    shown = head[:40].decode(errors="replace").split("\n")[0].strip()
    if head.startswith(b"<"):
        return f"not JSON but HTML or XML: {shown!r}", True
    if _BINARY.search(head):
        return f"not JSON but binary data: {head[:16]!r}", True
    return f"not JSON: {shown!r}", False
