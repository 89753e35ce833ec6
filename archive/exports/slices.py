"""Cut large JSON Lines files into slices that can be read independently.

A slice has the records that begin in its blocks. Its last record ends in the next slice, so the
slices of a file overlap by a record; each block is hashed by the slice that it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import BinaryIO

from archive.exports.containers import is_wrapped
from archive.exports.envelopes import is_envelope
from archive.exports.source_hash import BLOCK
from archive.exports.sources import CHUNK, Source, open_source

SEARCHED = 16 << 20
SEARCHED_FIRST = 64 << 10

# Between two records on separate lines: inside a record that spans lines, the text after a
# bracket is indented or preceded by a comma.
_SEAM = re.compile(rb"\}\r?\n(?=\{\")")
_FIRST_LINE = re.compile(rb"\{[^\n]*\}\r?\n\{\"")


@dataclass(frozen=True, slots=True)
class Slice:
    """The records of a source from `start` up to `stop`, or to the end if that is None.

    first, last: where its blocks begin and end; `last` is None at the end of the source.
    """

    source: Source
    start: int = 0
    stop: int | None = None
    first: int = 0
    last: int | None = None

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
        cuts = {0: 0, **dict(_find_cuts(source, count))}
    except OSError:  # reported when it is read
        return [Slice(source)]
    starts, firsts = list(cuts), list(cuts.values())
    ends = zip([*starts[1:], None], [*firsts[1:], None], strict=True)
    return [
        Slice(source, start, stop, first, last)
        for start, first, (stop, last) in zip(starts, firsts, ends, strict=True)
    ]


def read_slice(piece: Slice, on_read: Callable[[bytes], None]) -> Iterator[bytes]:
    """Yield the bytes of a slice's records in pieces of at most 1 MiB.

    on_read: called with the bytes of its blocks, in order.
    """
    at = piece.first
    with open_source(piece.source) as stream:
        if at:
            stream.seek(at)
        while chunk := stream.read(CHUNK if piece.stop is None else min(CHUNK, piece.stop - at)):
            on_read(chunk if piece.last is None else chunk[: max(piece.last - at, 0)])
            if records := chunk[max(piece.start - at, 0) :]:
                yield records
            at += len(chunk)


def count_lines_before(piece: Slice) -> int:
    """Count the lines before a slice."""
    if not piece.start:
        return 0
    before = read_slice(Slice(piece.source, stop=piece.start), lambda chunk: None)
    return sum(chunk.count(b"\n") for chunk in before)


def _find_cuts(source: Source, count: int) -> Iterator[tuple[int, int]]:
    """Yield where the records and the blocks of each slice but the first begin."""
    with open_source(source) as stream:
        head = stream.read(CHUNK)
        if is_wrapped(head) or is_envelope(head) or not _FIRST_LINE.match(head):
            return
        shares = (source.size * number / count for number in range(1, count))
        for first in sorted({round(share / BLOCK) * BLOCK for share in shares}):
            if start := _find_seam(stream, first):
                yield start, first


def _find_seam(stream: BinaryIO, start: int) -> int | None:
    """Find the first record that begins after `start`, and not too far away."""
    stream.seek(start)
    text = b""
    while len(text) < SEARCHED and (more := stream.read(len(text) or SEARCHED_FIRST)):
        text += more
        if seam := _SEAM.search(text):
            return start + seam.end()
    return None
