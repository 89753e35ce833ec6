"""A window that moves over a stream of bytes and knows where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archive.exports.compression import SourceFault
from archive.exports.raw_members import Members
from archive.exports.records import REJECT_SAMPLE_BYTES, Record, Reject, SourceLocation
from archive.exports.shapes import NO_HINTS, Hints

_SHOWN = 1 << 12
_BOM = b"\xef\xbb\xbf"
_SEPARATORS = re.compile(rb"(?:[\s,\x1e]++|\xef\xbb\xbf)*+")


class Line(NamedTuple):
    """A kind of line: how one opens, and what may be the beginning of that at the end of a text."""

    opens: re.Pattern[bytes]
    may_open: re.Pattern[bytes]


class Buffer:
    """The part of a stream that is in memory, and how far it has been read."""

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
        self.fault_told = False

    @property
    def exhausted(self) -> bool:
        return self.ended and self.at >= len(self.text)

    def more(self) -> bool:
        """Read on, at least as much as is held already, so that a giant record stays linear."""
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

    def place(self) -> SourceLocation:
        self._count_lines()
        return SourceLocation(self._source, self._member, self._line, self._base + self.at)

    def take(self, end: int, hints: Hints = NO_HINTS, members: Members | None = None) -> Record:
        """The record from here to `end`."""
        place = self.place()
        raw, self.at = self.text[self.at : end], end
        return Record(raw, place, hints, members)

    def reject(self, reason: str, end: int | None = None) -> Reject:
        """What stands from here to `end`, or nothing but the place, rejected."""
        place = self.place()
        end = self.at if end is None else end
        raw, size, self.at = self.text[self.at : end][:REJECT_SAMPLE_BYTES], end - self.at, end
        return Reject(place, reason, raw, size)

    def mark(self) -> tuple[SourceLocation, bytes]:
        """The place, and the first bytes, of something that may be longer than the window."""
        return self.place(), self.text[self.at : self.at + REJECT_SAMPLE_BYTES]

    def reject_through(self, place: SourceLocation, head: bytes, reason: str) -> Reject:
        """A reject from a mark to here."""
        size = self._base + self.at - place.offset
        return Reject(place, reason, head[: min(size, REJECT_SAMPLE_BYTES)], size)

    def reject_to(self, line: Line, reason: str) -> Reject:
        """Reject everything up to the next line that may be good."""
        self.hold(_SHOWN)
        if found := line.opens.search(self.text, self.at):
            return self.reject(reason, found.end())
        place, head = self.mark()
        self.skip_to(line)
        return self.reject_through(place, head, reason)

    def skip_to(self, line: Line) -> None:
        """Move to the next line of a kind, or to the end, holding no more than before."""
        for _ in self.pieces_to(line):
            pass

    def pieces_to(self, line: Line) -> Iterator[bytes]:
        """What comes before the next line of a kind, or the end, as the window moves over it."""
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
        """The next bytes, so many or what is left of the stream, as the window moves over them."""
        while size:
            at = self.at
            self.at = min(at + size, len(self.text))
            size -= self.at - at
            yield self.text[at : self.at]
            if size and not self.more():
                return

    def skip_to_end(self) -> None:
        """Move to the end of the stream."""
        self.at = len(self.text)
        while self.more():
            self.at = len(self.text)

    def find_newline(self) -> int:
        """Where the next line break at hand is, or -1; many records of one line cost one search."""
        if self._newline is None or 0 <= self._newline < self.at:
            self._newline = self.text.find(b"\n", self.at)
        return self._newline

    def find_line_end(self, held: int) -> int:
        """The end of the line that begins here, or as far as so many bytes at hand tell."""
        while (end := self.text.find(b"\n", self.at)) < 0:
            if len(self.text) - self.at > held or not self.more():
                return len(self.text)
        return end

    def _count_lines(self) -> None:
        self._line += self.text.count(b"\n", self._counted, self.at)
        self._counted = self.at
