"""Decompress a stream within limits, up to where it is damaged or truncated."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Protocol

from archive.exports.budget import RATIO_FLOOR, Budget, SourceFault
from archive.exports.limits import Limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 1 << 20
XZ_MEMORY = 256 << 20  # xz -9 needs 65 MiB; zstd itself stops at 128
DAMAGE = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, EOFError, ValueError)


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Zlib:
    """zlib's decompressor (zlib and gzip), with the interface that bz2, lzma and zstd share."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
        self._full = False  # zlib may hold back output even after it consumed all input
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._full

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._error:
            raise self._error
        data, before = self._zlib.unconsumed_tail + data, self._zlib.copy()
        try:
            piece = self._zlib.decompress(data, max_length)
            self._full = len(piece) == max_length
            return piece
        except zlib.error as error:  # zlib drops the output before the error: decompress it again
            self._error, self._full = error, True
            pieces: list[bytes] = []
            with suppress(zlib.error):
                pieces.extend(before.decompress(data[at : at + 1]) for at in range(len(data)))
            return b"".join(pieces)


_CODECS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Zlib,
    "zlib": _Zlib,
    "zstd": zstd.ZstdDecompressor,
    "bzip2": bz2.BZ2Decompressor,
    "xz": partial(lzma.LZMADecompressor, memlimit=XZ_MEMORY),
}


class Expansion:
    """Limits the size to which data expands: one stream, or all members of a zip or tar.

    Members can overlap or be sparse, so that each alone may be within the limits.

    kind: names the data in the fault. taken: the size of the data, in bytes, as far as it is read.
    budget: of the source.
    """

    def __init__(
        self, kind: str, limits: Limits, taken: int = 0, budget: Budget | None = None
    ) -> None:
        self._kind, self._limits, self._budget = kind, limits, budget
        self.taken, self._given = taken, 0

    def watch(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks of expanded data. Raises SourceFault."""
        for chunk in chunks:
            self.count(chunk)
            yield chunk

    def count(self, chunk: bytes) -> None:
        """Count a chunk of expanded data. Raises SourceFault if that is too much."""
        self._given += len(chunk)
        if self._given > RATIO_FLOOR and self._given > self.taken * self._limits.ratio:
            raise SourceFault(f"{self._kind} expands more than {self._limits.ratio:,}-fold")
        if self._given > self._limits.source_bytes:
            size = f"{self._limits.source_bytes:,} bytes"
            raise SourceFault(f"{self._kind} expands to more than {size}")
        if self._budget is not None:
            self._budget.expand(len(chunk))


def decompress(
    chunks: Iterator[bytes], kind: str, limits: Limits, budget: Budget | None = None
) -> Iterator[bytes]:
    """Decompress every member or frame of a stream.

    Raises SourceFault after all data before the fault has been yielded.
    """
    decoder: _Decoder | None = None
    expansion = Expansion(f"{kind} data", limits, budget=budget)
    for chunk in chunks:
        data = chunk
        expansion.taken += len(chunk)
        while data or (decoder is not None and not decoder.needs_input):
            if decoder is None:
                if kind in ("gzip", "xz") and not data.strip(b"\0"):
                    break  # they allow zero padding after the last member
                decoder = _CODECS[kind]()
            try:
                piece = decoder.decompress(data, PIECE)
            except DAMAGE as error:
                raise SourceFault(f"damaged {kind} data: {error}") from error
            data = b""
            expansion.count(piece)
            if piece:
                yield piece
            if decoder.eof:
                data, decoder = decoder.unused_data, None
    if decoder is not None:
        raise SourceFault(f"truncated {kind} data: it ends in the middle")
