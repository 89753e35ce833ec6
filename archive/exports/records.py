"""Split a stream of bytes into records, each located exactly, good ones saved from bad company.

Any mixture is read: an array, NDJSON, concatenated or pretty-printed objects, BOM, CRLF,
stray commas. The fast way lets a JSON parser find where an object ends; where the parser
objects, the brackets are followed instead, so that NaN or a lone surrogate costs nothing, and
a broken record costs only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from archive.exports.containers import SourceFault
from archive.exports.limits import Limits
from archive.exports.shapes import NOTHING_TOLD, Told
from archive.jsontext import BALANCED, STRING, find_end

KEPT_OF_REJECT = 1 << 20
_DESCRIBED = 1 << 12

_BOM = b"\xef\xbb\xbf"
_SEPARATORS = re.compile(rb"(?:[\s,\x1e]|\xef\xbb\xbf)*+")
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_LINE_OPENS = re.compile(rb"\n(?=[{\[])")
_INDENTED_LINE_OPENS = re.compile(rb"\n(?=[ \t]*+[{\[])")
_STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_STRAY_VALUE = re.compile(rb"[^,\[\]{}\s]++")
_UNFINISHED = re.compile(rb'(?:"(?:[^"\\\n]++|\\.)*+\\?|[^",\[\]{}\s][^,\[\]{}\s]*+)\Z', re.DOTALL)
_BLANK_TAIL = re.compile(rb"\n[ \t]{0,256}+\Z")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: `line` counts from 1, `offset` in decompressed bytes from 0."""

    source: str
    member: str | None
    line: int
    offset: int

    def __str__(self) -> str:
        name = f"{self.source}!{self.member}" if self.member else self.source
        return f"{name}, line {self.line}, byte {self.offset}"


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object, its bytes as they stood in the source, and what is told beside it."""

    raw: bytes
    place: Place
    told: Told = NOTHING_TOLD


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read: why, where, how many bytes, and the first MiB of them."""

    place: Place
    reason: str
    raw: bytes
    size: int


def split_records(
    chunks: Iterator[bytes], source: str, member: str | None, limits: Limits
) -> Iterator[Record | Reject]:
    """The objects of a stream in order, and a Reject for everything else that it holds."""
    window = _Window(chunks, source, member)
    open_arrays, is_first = 0, True
    while (first := window.skip_separators()) is not None:
        if first == b"{":
            item = _read_object(window, limits)
            yield item
            if isinstance(item, Reject) and window.exhausted:
                open_arrays = 0
        elif first == b"[":
            open_arrays += 1
            window.at += 1
        elif first == b"]" and open_arrays:
            open_arrays -= 1
            window.at += 1
        elif open_arrays:
            yield _read_stray_value(window, limits)
        else:
            yield _read_stray_text(window, is_first)
        is_first = False
    if window.fault and not window.fault_told:
        yield window.reject(str(window.fault))
    elif open_arrays and not window.fault:
        yield window.reject("the array is never closed: the file ends too early")
    elif window.blank:
        yield window.reject("the file is empty")


class _Window:
    """The part of a stream that is in memory, and how far it has been read."""

    def __init__(self, chunks: Iterator[bytes], source: str, member: str | None) -> None:
        self._chunks = chunks
        self._source, self._member = source, member
        self._base = 0  # offset of text[0] in the stream
        self._line, self._counted = 1, 0
        self._ended = False
        self.text = b""
        self.at = 0
        self.blank = True
        self.fault: SourceFault | None = None
        self.fault_told = False

    @property
    def exhausted(self) -> bool:
        return self._ended and self.at >= len(self.text)

    def more(self) -> bool:
        """Read on, at least as much as is held already, so that a giant record stays linear."""
        if self._ended:
            return False
        self._count_lines()
        pieces, wanted, got = [self.text[self.at :]], max(len(self.text) - self.at, 1), 0
        try:
            while got < wanted:
                piece = next(self._chunks, b"")
                if not piece:
                    self._ended = True
                    break
                pieces.append(piece)
                got += len(piece)
        except SourceFault as fault:
            self._ended, self.fault = True, fault
        self._base += self.at
        self._counted = self.at = 0
        self.text = b"".join(pieces)
        return got > 0

    def skip_separators(self) -> bytes | None:
        """Move to the next byte that means something; None at the end."""
        while True:
            blank = _SEPARATORS.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at < len(self.text):
                if not _BOM.startswith(self.text[self.at : self.at + 3]) or not self.more():
                    self.blank = False
                    return self.text[self.at : self.at + 1]
            elif not self.more():
                return None

    def hold(self, size: int) -> None:
        """Read on until so many bytes are at hand, if there are."""
        while len(self.text) - self.at < size and self.more():
            pass

    def place(self) -> Place:
        self._count_lines()
        return Place(self._source, self._member, self._line, self._base + self.at)

    def take(self, end: int) -> Record:
        place = self.place()
        raw, self.at = self.text[self.at : end], end
        return Record(raw, place)

    def reject(self, reason: str, end: int | None = None) -> Reject:
        place = self.place()
        end = self.at if end is None else end
        raw, size, self.at = self.text[self.at : end][:KEPT_OF_REJECT], end - self.at, end
        return Reject(place, reason, raw, size)

    def reject_through(self, place: Place, head: bytes, reason: str) -> Reject:
        """A reject that was longer than the window, from `place` to here."""
        size = self._base + self.at - place.offset
        return Reject(place, reason, head[: min(size, KEPT_OF_REJECT)], size)

    def _count_lines(self) -> None:
        self._line += self.text.count(b"\n", self._counted, self.at)
        self._counted = self.at


def _read_object(window: _Window, limits: Limits) -> Record | Reject:
    while True:
        parsed = _parse_end(window.text, window.at)
        if isinstance(parsed, int):
            end: int | None = parsed
        else:
            end, seam = _follow_brackets(window.text, window.at)
            if end is None and seam is not None:
                return _reject_lines(window, f"not valid JSON: {parsed}", seam + 1)
            if end is not None and window.text[end - 1 : end] == b"]":  # of an array around it
                return _reject_lines(window, f"not valid JSON: {parsed}", end - 1)
        held = (len(window.text) if end is None else end) - window.at
        if held > limits.event_bytes:
            return _reject_oversized(window, limits)
        if end is not None:
            return window.take(end)
        if not window.more():
            return _reject_unfinished(window)


def _parse_end(text: bytes, at: int) -> int | str:
    """Where the object that begins at `at` ends, or what a strict parser has against it.

    The parser tells where the characters after the first value begin; what it tells is
    checked by parsing exactly that far.
    """
    view = memoryview(text)[at:]
    try:
        msgspec.json.decode(view, type=msgspec.Raw)
        return len(text.rstrip())
    except RecursionError:
        return "nested too deeply"
    except msgspec.DecodeError as error:
        trailing = _TRAILING.search(str(error))
        if trailing is None:
            return str(error)
    length = int(trailing[1]) - 1
    try:
        msgspec.json.decode(view[:length], type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return str(error)
    return at + len(text[at : at + length].rstrip())


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


def _find_seam(text: bytes, at: int, stop: int) -> int | None:
    """The end of the first line after which a line opens a value where JSON allows none."""
    for line in _LINE_OPENS.finditer(text, at, stop):
        before = text[max(at, line.start() - 256) : line.start()].rstrip()
        if before and before[-1:] not in (b",", b":", b"["):
            return line.start()
    return None


def _reject_lines(window: _Window, reason: str, stop: int) -> Reject:
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


def _reject_unfinished(window: _Window) -> Reject:
    """The stream ended inside an object: what follows on later lines may still be whole."""
    unclosed = _find_unclosed(window.text, window.at, len(window.text))
    line = _LINE_OPENS.search(window.text, unclosed)
    if line:
        return window.reject("not valid JSON: the object is never closed", line.end())
    window.fault_told = window.fault is not None
    reason = str(window.fault or "the file ends in the middle of an object")
    return window.reject(reason, len(window.text))


def _reject_oversized(window: _Window, limits: Limits) -> Reject:
    """Skip an object, or a string, without holding more of it than the window."""
    place, head = window.place(), window.text[window.at : window.at + KEPT_OF_REJECT]
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
    return window.reject_through(place, head, f"larger than {limits.event_bytes:,} bytes")


def _leave_string(window: _Window) -> bool:
    """Move behind the closing quote, or to the end of the window (before a last backslash)."""
    rest = _STRING_REST.match(window.text, window.at)
    if rest:
        window.at = rest.end()
        return True
    text = window.text[window.at :]
    backslashes = len(text) - len(text.rstrip(b"\\"))
    window.at = len(window.text) - backslashes % 2
    return False


def _read_stray_value(window: _Window, limits: Limits) -> Reject:
    """A null, number, string or worse where an array should hold an object."""
    while _UNFINISHED.match(window.text, window.at):
        if len(window.text) - window.at > limits.event_bytes:
            if window.text[window.at : window.at + 1] == b'"':
                return _reject_oversized(window, limits)
            break
        if not window.more():
            break
    token = STRING.match(window.text, window.at) or _STRAY_VALUE.match(window.text, window.at)
    end = token.end() if token else window.at + 1
    shown = window.text[window.at : min(end, window.at + 60)].decode(errors="replace")
    return window.reject(f"not an event but {shown}", end)


def _read_stray_text(window: _Window, is_first: bool) -> Reject:
    """Text that is no JSON, up to the next line that looks as if it were.

    Where a stream begins with what is no text at all, no such line is looked for.
    """
    window.hold(_DESCRIBED)
    place, head = window.place(), window.text[window.at : window.at + KEPT_OF_REJECT]
    reason, is_foreign = _describe(head)
    hopeless = is_first and is_foreign
    while True:
        line = None if hopeless else _INDENTED_LINE_OPENS.search(window.text, window.at)
        if line:
            window.at = line.end()
            return window.reject_through(place, head, reason)
        tail = None if hopeless else _BLANK_TAIL.search(window.text, window.at)
        window.at = tail.start() if tail else len(window.text)
        if not window.more():
            window.at = len(window.text)
            return window.reject_through(place, head, reason)


def _describe(head: bytes) -> tuple[str, bool]:
    """Why a text is no JSON, and whether it belongs to a file of another kind."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text; convert it with: iconv -f UTF-16 -t UTF-8", True
    shown = head[:40].decode(errors="replace").split("\n")[0].strip()
    if head.startswith(b"<"):
        return f"not JSON but HTML or XML: {shown!r}", True
    if _BINARY.search(head[:_DESCRIBED]):
        return f"not JSON but binary data: {head[:16]!r}", True
    return f"not JSON: {shown!r}", False
