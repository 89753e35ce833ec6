"""Cut large JSON Lines files into slices that can be read independently."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from archive.exports.containers import is_wrapped
from archive.exports.envelopes import is_envelope
from archive.exports.sources import CHUNK, Source, open_source

SEARCHED = 16 << 20

# Between two records on separate lines: inside a record that spans lines, the text after a
# bracket is indented or preceded by a comma.
_SEAM = re.compile(rb"\}\r?\n(?=\{\")")
_FIRST_LINE = re.compile(rb"\{[^\n]*\}\r?\n\{\"")


@dataclass(frozen=True, slots=True)
class Slice:
    """The bytes of a source from `start` up to `stop`, or to the end if that is None."""

    source: Source
    start: int = 0
    stop: int | None = None

    @property
    def is_whole(self) -> bool:
        return not self.start and self.stop is None

    @property
    def size(self) -> int:
        return (self.source.size if self.stop is None else self.stop) - self.start


def cut_source(source: Source, size: int) -> list[Slice]:
    """Cut a JSON Lines file into equal slices of about `size` bytes; other sources stay whole."""
    count = ceil(source.size / size)
    if count < 2 or not Path(source.path).is_file():
        return [Slice(source)]
    try:
        cuts = sorted({0, *_find_cuts(source, count)})
    except OSError:  # reported when it is read
        return [Slice(source)]
    return [Slice(source, start, stop) for start, stop in zip(cuts, [*cuts[1:], None], strict=True)]


def read_slice(piece: Slice, on_read: Callable[[bytes], None]) -> Iterator[bytes]:
    """Yield the bytes of a slice in pieces of at most 1 MiB, calling `on_read` with each."""
    left = None if piece.stop is None else piece.stop - piece.start
    with open_source(piece.source) as stream:
        if piece.start:
            stream.seek(piece.start)
        while chunk := stream.read(CHUNK if left is None else min(CHUNK, left)):
            left = None if left is None else left - len(chunk)
            on_read(chunk)
            yield chunk


def count_lines_before(piece: Slice) -> int:
    """Count the lines before a slice."""
    if not piece.start:
        return 0
    before = read_slice(Slice(piece.source, 0, piece.start), lambda chunk: None)
    return sum(chunk.count(b"\n") for chunk in before)


def _find_cuts(source: Source, count: int) -> Iterator[int]:
    with open_source(source) as stream:
        head = stream.read(CHUNK)
        if is_wrapped(head) or is_envelope(head) or not _FIRST_LINE.match(head):
            return
        for number in range(1, count):
            target = source.size * number // count
            stream.seek(target)
            seam = _SEAM.search(stream.read(SEARCHED))
            if seam:
                yield target + seam.end()
