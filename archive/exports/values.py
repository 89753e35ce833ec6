"""JSON in any mixture: an array, NDJSON, concatenated or pretty-printed, BOM, stray commas.

Objects are records. Arrays, strings that contain JSON, and wrappers too large to be one record
are opened; keys of messages and headers of HTTP dumps are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from archive.exports.buffer import Window
from archive.exports.layout import VALUE_LINE, skip_headers, skip_key, skip_tombstone
from archive.exports.limits import Limits
from archive.exports.non_events import name_text
from archive.exports.objects import read_object, too_large, try_object
from archive.exports.oversized import WrapperReader, is_wrapper, reject_whole
from archive.exports.raw_members import read_string
from archive.exports.records import Place, Record, Reject, Skipped
from archive.exports.strays import read_stray_text, read_stray_value, reject_value
from archive.jsontext import STRING

MAX_LAYERS = 4  # of strings and wrappers around a record

# The beginning of a message of the queue `events`: [2, "insert", {…}, {…}]
_MESSAGE = re.compile(rb'\[\s*+\d\s*+,\s*+"\w++"\s*+,')
# Where a nodestore blob goes on with the event as it was before it was processed.
_UNPROCESSED = re.compile(rb"unprocessed\r?\n(?=\{)")
# A string that may contain JSON, also JSON that is a string again.
_JSON_STRING = re.compile(rb'"(?:\\[nrt]| ){0,64}+(?:[{\[]|\\+")')
# How JSON begins and ends that may contain an object.
_JSON = re.compile(rb'(?:\{\s*+["}]|\[|").*[}\]"]', re.DOTALL)

Item = Record | Reject | Skipped


def split_values(window: Window, limits: Limits, layers: int = 0) -> Iterator[Item]:
    """The objects of a stream in order, and a Reject for everything else that it holds.

    layers: how many strings there are around the stream.
    """
    return _split(window, limits, layers, 0)


def split_inner(
    text: bytes, place: Place, path: str, limits: Limits, layers: int = 0
) -> Iterator[Item]:
    """The objects of a text that is inside something at a place, such as a string or a cell."""
    inner = Window(iter((text,)), place.source, place.member, 0)
    for item in split_values(inner, limits, layers + 1):
        if isinstance(item, Skipped):
            yield item
        else:
            offset, within = item.place.offset, item.place.path
            at = f"{path}, byte {offset}" if offset else path
            yield replace(item, place=replace(place, path=f"{at}, {within}" if within else at))


def _split(window: Window, limits: Limits, layers: int, inside: int) -> Iterator[Item]:
    """The objects from here on; from inside a wrapper's list (1), to where that is closed."""
    open_arrays, is_first = inside, not inside
    item: Item | None = None
    while (first := window.skip_separators()) is not None:
        if first == b"{":
            found = try_object(window, limits)
            if not isinstance(found, str):
                item = found
                yield item
            else:
                for item in _open_wrapper(window, limits, layers, found):
                    yield item
            if isinstance(item, Reject) and window.exhausted:
                open_arrays = 0
        elif first == b"[":
            open_arrays += 1
            _open_array(window)
        elif first == b"]" and open_arrays:
            open_arrays -= 1
            window.at += 1
            if inside and not open_arrays:
                return
        elif first == b'"' and (kind := _read_kind(window)):
            yield Skipped(kind)
        elif first == b'"' and _may_hold_json(window, layers):
            yield from _read_string(window, limits, layers, bool(open_arrays))
        elif open_arrays:
            yield read_stray_value(window, limits)
        elif not is_first and _skip_subkey(window):
            copy = read_object(window, limits)
            yield copy if isinstance(copy, Reject) else Skipped("unprocessed copy of an event")
        elif skip_headers(window):
            if window.skip_separators() in (None, b"H"):
                yield Skipped("HTTP response without a body")
        elif skip_tombstone(window):
            yield Skipped("Kafka message without a value")
        elif not skip_key(window):
            yield read_stray_text(window, is_first)
        is_first = False
    if open_arrays and not window.fault:
        yield window.reject("the array is never closed: the file ends too early")


def _open_array(window: Window) -> None:
    window.hold(64)
    message = _MESSAGE.match(window.text, window.at)
    window.at = message.end() if message else window.at + 1


def _skip_subkey(window: Window) -> bool:
    window.hold(64)
    subkey = _UNPROCESSED.match(window.text, window.at)
    window.at = subkey.end() if subkey else window.at
    return subkey is not None


def _read_object(window: Window, limits: Limits, layers: int) -> Iterator[Item]:
    """The object that begins here, or what is in it."""
    found = try_object(window, limits)
    if isinstance(found, str):
        yield from _open_wrapper(window, limits, layers, found)
    else:
        yield found


def _open_wrapper(window: Window, limits: Limits, layers: int, reason: str) -> Iterator[Item]:
    """What is in the lists of an object that is over a limit; else the object, rejected."""
    if layers == MAX_LAYERS or not is_wrapper(window.text, window.at):
        yield reject_whole(window, reason)
        return
    place, head = window.mark()
    reader = WrapperReader(window)
    item: Item | None = None
    while (stop := reader.move()) in (b"[", b"{"):
        if stop == b"[":
            inner = _split(window, limits, layers + 1, 1)
        else:
            inner = _read_object(window, limits, layers + 1)
        for item in inner:
            yield item
    if item is None:
        yield window.reject_through(place, head, reason)
    elif not stop and not window.fault and not isinstance(item, Reject):
        yield window.reject("the object is never closed: the file ends too early")


def _read_kind(window: Window) -> str | None:
    """Pass over a string that is known not to be an event, such as an error of the API."""
    window.hold(512)
    string = STRING.match(window.text, window.at)
    kind = name_text(_read_text(string[0])) if string and len(string[0]) <= 512 else None
    if string and kind:
        window.at = string.end()
    return kind


def _may_hold_json(window: Window, layers: int) -> bool:
    """Whether a string may contain JSON, by its first characters."""
    window.hold(128)
    return layers < MAX_LAYERS and _JSON_STRING.match(window.text, window.at) is not None


def _read_string(window: Window, limits: Limits, layers: int, in_array: bool) -> Iterator[Item]:
    """The objects of the JSON in a string; a string without any is rejected."""
    end = _find_string_end(window, limits)
    text = _read_text(window.text[window.at : end]) if end else b""
    if not end or not _JSON.fullmatch(text):
        if in_array:
            yield read_stray_value(window, limits)
        elif _is_too_large(window, limits):
            yield window.reject_to(VALUE_LINE, too_large(limits))
        else:
            yield read_stray_text(window, False)
        return
    place, item = window.place(), None
    for item in split_inner(text, place, "(JSON string)", limits, layers):
        yield item
    if item is None:
        yield reject_value(window, end)
    window.at = end


def _find_string_end(window: Window, limits: Limits) -> int | None:
    """The end of the string that begins here; None where its line ends first, or the limit."""
    while not (string := STRING.match(window.text, window.at)):
        held = len(window.text) - window.at
        if held > limits.event_bytes or window.find_newline() >= 0 or not window.more():
            return None
    return string.end() if string.end() - window.at <= limits.event_bytes else None


def _is_too_large(window: Window, limits: Limits) -> bool:
    """Whether the line that begins here is larger than a record may be, as far as it is held."""
    stop = window.at + limits.event_bytes + 1
    return len(window.text) >= stop and window.text.find(b"\n", window.at, stop) < 0


def _read_text(string: bytes) -> bytes:
    """The text of a string; nothing where it is not valid."""
    try:
        return read_string(string).strip()
    except ValueError:
        return b""
