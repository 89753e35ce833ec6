"""JSON objects in any mixture: an array, NDJSON, concatenated or pretty-printed, BOM, stray commas.

The fast way lets a JSON parser find where an object ends; where the parser objects, the brackets
are followed instead, so that NaN or a lone surrogate costs nothing, and a broken record costs
only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from archive.exports.limits import Limits
from archive.exports.members import Members, parse_members
from archive.exports.records import Record, Reject, Skipped
from archive.exports.shapes import NOTHING_TOLD, Told
from archive.exports.window import Line, Window
from archive.jsontext import BALANCED, STRING, find_end, has_more_values

_DESCRIBED = 1 << 12
_PARSED_UNSEEN = 4 << 20  # in which no number of values can be too many for memory
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_TRUNCATED = "Input data was truncated"
_LINE_OPENS = re.compile(rb"\n(?=[{\[])")
_STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_STRAY_VALUE = re.compile(rb"[^,\[\]{}\s]++")
_UNFINISHED = re.compile(rb'(?:"(?:[^"\\\n]++|\\.)*+\\?|[^",\[\]{}\s][^,\[\]{}\s]*+)\Z', re.DOTALL)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NEVER = re.compile(rb"(?!)")
_NO_LINE = Line(_NEVER, _NEVER)

# A line that opens a value.
OBJECT_LINE = Line(re.compile(rb"\n(?=[ \t]*+[{\[])"), re.compile(rb"\n[ \t]{0,256}+\Z"))

# The beginning of a message of the queue `events`: [2, "insert", {…}, {…}]
_MESSAGE = re.compile(rb'\[\s*+\d\s*+,\s*+"\w++"\s*+,')
# Where a nodestore blob goes on with the event as it was before it was processed.
_UNPROCESSED = re.compile(rb"unprocessed\r?\n(?=\{)")


def split_objects(window: Window, limits: Limits) -> Iterator[Record | Reject | Skipped]:
    """The objects of a stream in order, and a Reject for everything else that it holds."""
    open_arrays, is_first = 0, True
    while (first := window.skip_separators()) is not None:
        if first == b"{":
            item = read_object(window, limits)
            yield item
            if isinstance(item, Reject) and window.exhausted:
                open_arrays = 0
        elif first == b"[":
            open_arrays += 1
            _open_array(window)
        elif first == b"]" and open_arrays:
            open_arrays -= 1
            window.at += 1
        elif open_arrays:
            yield _read_stray_value(window, limits)
        elif not is_first and _skip_subkey(window):
            item = read_object(window, limits)
            yield item if isinstance(item, Reject) else Skipped("unprocessed copy of an event")
        else:
            yield _read_stray_text(window, is_first)
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


def read_object(window: Window, limits: Limits, told: Told = NOTHING_TOLD) -> Record | Reject:
    """The object that begins here, or why it is none."""
    while True:
        if _is_crowded(window, limits):
            return _skip_object(window, _too_many_values(limits))
        parsed = _parse_object(window)
        members, end, may_go_on = None, None, False
        if isinstance(parsed, tuple):
            members, end = parsed
        elif parsed == _TRUNCATED and not window.ended:
            may_go_on = True
        else:
            end, seam = _follow_brackets(window.text, window.at)
            if end is None and seam is not None:
                return _reject_lines(window, f"not valid JSON: {parsed}", seam + 1)
            if end is None and (end := _find_end_beyond_lines(window.text, window.at)):
                return window.reject(f"not valid JSON: {parsed}", end)
            if end is not None and window.text[end - 1 : end] == b"]":  # of an array around it
                return _reject_lines(window, f"not valid JSON: {parsed}", end - 1)
        held = (len(window.text) if end is None else end) - window.at
        if held > limits.event_bytes:
            return _skip_object(window, _too_large(limits))
        if end is not None:
            return take_object(window, end, limits, told, members)
        if not window.more() and not may_go_on:
            return _reject_unfinished(window)


def take_object(
    window: Window, end: int, limits: Limits, told: Told, members: Members | None = None
) -> Record | Reject:
    """The object from here to `end`, unless it holds too much."""
    if has_more_values(window.text, window.at, end, limits.event_values):
        return window.reject(_too_many_values(limits), end)
    return window.take(end, told, members)


def _is_crowded(window: Window, limits: Limits) -> bool:
    """Whether to parse what begins here would take too much memory, as far as it is at hand."""
    text, at = window.text, window.at
    if len(text) - at <= _PARSED_UNSEEN:
        return False
    return has_more_values(text, at, find_end(text, at) or len(text), limits.event_values)


def _too_large(limits: Limits) -> str:
    return f"larger than {limits.event_bytes:,} bytes"


def _too_many_values(limits: Limits) -> str:
    return f"more than {limits.event_values:,} values"


def _parse_object(window: Window) -> tuple[Members, int] | str:
    """The object that begins here and where it ends, or what a strict parser has against it.

    Most often the object is what is left of its line. Otherwise the parser tells where the
    characters after it begin.
    """
    text, at, newline, fault = window.text, window.at, window.find_newline(), ""
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
    """Where the object that begins at `at` ends, and where the lines tell that it has ended.

    Looks further and further ahead: this takes as long as the object is, not as the text is.
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
    """Where an object ends that has a line break inside a string, which JSON does not allow."""
    end = find_end(text[at:].replace(b"\n", b" "), 0)
    return end and at + end


def _find_seam(text: bytes, at: int, stop: int) -> int | None:
    """The end of the first line after which a line opens a value where JSON allows none."""
    for line in _LINE_OPENS.finditer(text, at, stop):
        before = text[max(at, line.start() - 256) : line.start()].rstrip()
        if before and before[-1:] not in (b",", b":", b"["):
            return line.start()
    return None


def _reject_lines(window: Window, reason: str, stop: int) -> Reject:
    """Reject up to `stop`, or to the line before it that may open a whole value."""
    unclosed = _find_unclosed(window.text, window.at, stop)
    line = _LINE_OPENS.search(window.text, unclosed, stop)
    return window.reject(reason, line.end() if line else stop)


def _find_unclosed(text: bytes, at: int, stop: int) -> int:
    """The innermost bracket still open at `stop`; an object that begins before it is not whole."""
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


def _reject_unfinished(window: Window) -> Reject:
    """The stream ended inside an object: what follows on later lines may still be whole."""
    unclosed = _find_unclosed(window.text, window.at, len(window.text))
    line = _LINE_OPENS.search(window.text, unclosed)
    if line:
        return window.reject("not valid JSON: the object is never closed", line.end())
    window.fault_told = window.fault is not None
    reason = str(window.fault or "the file ends in the middle of an object")
    return window.reject(reason, len(window.text))


def _skip_object(window: Window, reason: str) -> Reject:
    """Reject an object, or a string, without holding more of it than the window."""
    place, head = window.mark()
    in_string = head[:1] == b'"'
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
    return window.reject_through(place, head, reason)


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


def _read_stray_value(window: Window, limits: Limits) -> Reject:
    """A null, number, string or worse where an array should hold an object."""
    while _UNFINISHED.match(window.text, window.at):
        if len(window.text) - window.at > limits.event_bytes:
            if window.text[window.at : window.at + 1] == b'"':
                return _skip_object(window, _too_large(limits))
            break
        if not window.more():
            break
    token = STRING.match(window.text, window.at) or _STRAY_VALUE.match(window.text, window.at)
    end = token.end() if token else window.at + 1
    shown = window.text[window.at : min(end, window.at + 60)].decode(errors="replace")
    return window.reject(f"not an event but {shown}", end)


def _read_stray_text(window: Window, is_first: bool) -> Reject:
    """Text that is no JSON, up to the next line that looks as if it were.

    Where a stream begins with what is no text at all, no such line is looked for.
    """
    window.hold(_DESCRIBED)
    reason, is_foreign = _describe(window.text[window.at : window.at + _DESCRIBED])
    return window.reject_to(_NO_LINE if is_first and is_foreign else OBJECT_LINE, reason)


def _describe(head: bytes) -> tuple[str, bool]:
    """Why a text is no JSON, and whether it belongs to a file of another kind."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text; convert it with: iconv -f UTF-16 -t UTF-8", True
    shown = head[:40].decode(errors="replace").split("\n")[0].strip()
    if head.startswith(b"<"):
        return f"not JSON but HTML or XML: {shown!r}", True
    if _BINARY.search(head):
        return f"not JSON but binary data: {head[:16]!r}", True
    return f"not JSON: {shown!r}", False
