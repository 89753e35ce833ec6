"""A buffer over a stream of bytes that keeps track of its position."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archive.exports.budget import SourceFault
from archive.exports.raw_members import Members
from archive.exports.records import REJECT_SAMPLE_BYTES, Record, Reject, SourceLocation
from archive.exports.shapes import NO_HINTS, Hints

_HELD_BYTES = 1 << 12
_BOM = b"\xef\xbb\xbf"
_SEPARATORS = re.compile(rb"(?:[\s,\x1e]++|\xef\xbb\xbf)*+")


class Line(NamedTuple):
    """How a kind of line opens, and what may be the start of one at the end of the buffer."""

    opens: re.Pattern[bytes]
    may_open: re.Pattern[bytes]


class Buffer:
    """The part of a stream that is in memory; `at` is the position in `text`."""

    def __init__(
        self, chunks: Iterator[bytes], source: str, member: str | None, offset: int
    ) -> None:
        self._chunks = chunks
        self._source, self._member = source, member
        self._base = offset  # offset of text[0] in the stream
        self._line, self._counted = 1, 0
        self._newline: int | None = None
        self.ended = False
        self.text = b""
        self.at = 0
        self.blank = True
        self.fault: SourceFault | None = None
        self.is_fault_reported = False

    @property
    def exhausted(self) -> bool:
        return self.ended and self.at >= len(self.text)

    def more(self) -> bool:
        """Read at least as much again as is held, so that a giant record takes linear time."""
        if self.ended:
            return False
        self._count_lines()
        pieces, wanted, got = [self.text[self.at :]], max(len(self.text) - self.at, 1), 0
        try:
            while got < wanted:
                piece = next(self._chunks, b"")
                if not piece:
                    self.ended = True
                    break
                pieces.append(piece)
                got += len(piece)
        except SourceFault as fault:
            self.ended, self.fault = True, fault
        self._base += self.at
        self._counted = self.at = 0
        self._newline = None
        self.text = b"".join(pieces)
        return got > 0

    def skip_separators(self) -> bytes | None:
        """Move to the next byte that is not a separator and return it; None at the end."""
        while True:
            self.skip(_SEPARATORS)
            if self.at < len(self.text):
                if not _BOM.startswith(self.text[self.at : self.at + 3]) or not self.more():
                    self.blank = False
                    return self.text[self.at : self.at + 1]
            elif not self.more():
                return None

    def hold(self, size: int) -> None:
        """Read until `size` bytes are in memory, or the stream ends."""
        while len(self.text) - self.at < size and self.more():
            pass

    def place(self) -> SourceLocation:
        self._count_lines()
        return SourceLocation(self._source, self._member, self._line, self._base + self.at)

    def take(self, end: int, hints: Hints = NO_HINTS, members: Members | None = None) -> Record:
        """Take the record from here to `end`."""
        place = self.place()
        raw, self.at = self.text[self.at : end], end
        return Record(raw, place, hints, members)

    def reject(self, reason: str, end: int | None = None) -> Reject:
        """Reject the bytes from here to `end`; without it, only the place."""
        place = self.place()
        end = self.at if end is None else end
        raw, size, self.at = self.text[self.at : end][:REJECT_SAMPLE_BYTES], end - self.at, end
        return Reject(place, reason, raw, size)

    def mark(self) -> tuple[SourceLocation, bytes]:
        """Return the place and the first bytes of something that may not fit in memory."""
        return self.place(), self.text[self.at : self.at + REJECT_SAMPLE_BYTES]

    def reject_through(self, place: SourceLocation, head: bytes, reason: str) -> Reject:
        """Reject everything from a mark to here."""
        size = self._base + self.at - place.offset
        return Reject(place, reason, head[: min(size, REJECT_SAMPLE_BYTES)], size)

    def reject_to(self, line: Line, reason: str) -> Reject:
        """Reject everything up to the next line of a kind."""
        self.hold(_HELD_BYTES)
        if found := line.opens.search(self.text, self.at):
            return self.reject(reason, found.end())
        place, head = self.mark()
        self.skip_to(line)
        return self.reject_through(place, head, reason)

    def skip_to(self, line: Line) -> None:
        """Move to the next line of a kind, or to the end."""
        for _ in self.pieces_to(line):
            pass

    def pieces_to(self, line: Line) -> Iterator[bytes]:
        """Yield the bytes up to the next line of a kind, or to the end, and move past them."""
        while True:
            at = self.at
            if found := line.opens.search(self.text, at):
                self.at = found.end()
                yield self.text[at : self.at]
                return
            tail = line.may_open.search(self.text, at)
            self.at = tail.start() if tail else len(self.text)
            yield self.text[at : self.at]
            if not self.more():
                at, self.at = self.at, len(self.text)
                yield self.text[at:]
                return

    def pieces_of(self, size: int) -> Iterator[bytes]:
        """Yield the next `size` bytes, or as many as there are, and move past them."""
        while size:
            at = self.at
            self.at = min(at + size, len(self.text))
            size -= self.at - at
            yield self.text[at : self.at]
            if size and not self.more():
                return

    def skip(self, pattern: re.Pattern[bytes]) -> bool:
        """Move past a match of the pattern at this position; whether there is one."""
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found is not None

    def skip_to_end(self) -> None:
        """Move to the end of the stream."""
        self.at = len(self.text)
        while self.more():
            self.at = len(self.text)

    def find_newline(self) -> int:
        """Find the next line break in memory, or -1; the result is cached until it is passed."""
        if self._newline is None or 0 <= self._newline < self.at:
            self._newline = self.text.find(b"\n", self.at)
        return self._newline

    def find_line_end(self, limit: int) -> int:
        """Find the end of the line that begins here, reading ahead at most about `limit` bytes."""
        while (end := self.text.find(b"\n", self.at)) < 0:
            if len(self.text) - self.at > limit or not self.more():
                return len(self.text)
        return end

    def _count_lines(self) -> None:
        self._line += self.text.count(b"\n", self._counted, self.at)
        self._counted = self.at
