"""Open what wraps the JSON: compression, zip and tar, recognised by their first bytes."""

from __future__ import annotations

import bz2
import io
import lzma
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import IO, NamedTuple, Protocol, Self, cast

from archive.exports.limits import Limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 1 << 20
MAX_LAYERS = 8
RATIO_FLOOR = 64 << 20  # below this much output a high ratio harms nobody
TAR_HEADER = 512


class SourceFault(Exception):
    """A source can be read no further; the text says why."""


class Member(NamedTuple):
    """A stream of bytes inside a source; `name` is its path in the zip or tar, or None."""

    name: str | None
    chunks: Iterator[bytes]


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface that bz2, lzma and zstd share."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self._full = False  # zlib may hold back more, even where all input is consumed
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
        except zlib.error as error:  # which drops what was decompressed before it: get it again
            self._error, self._full = error, True
            pieces: list[bytes] = []
            with suppress(zlib.error):
                pieces.extend(before.decompress(data[at : at + 1]) for at in range(len(data)))
            return b"".join(pieces)


_CODECS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "zstd": zstd.ZstdDecompressor,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}
_DAMAGE = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, EOFError, ValueError)


def open_members(
    chunks: Iterator[bytes], limits: Limits, name: str | None = None, layers: int = 0
) -> Iterator[Member]:
    """Unwrap a stream of bytes down to what is not wrapped, one member at a time.

    A member must be read before the next is asked for. Raises SourceFault, from here or from
    a member's chunks, where the wrapping is damaged, truncated or a bomb; everything before
    the fault has been handed out by then.
    """
    head, chunks = _peek(chunks)
    kind = _recognise(head)
    if kind is None:
        yield Member(name, chunks)
    elif layers == MAX_LAYERS:
        raise SourceFault(f"compressed more than {MAX_LAYERS} times over")
    elif kind == "zip":
        yield from _open_zip(chunks, limits, name, layers)
    elif kind == "tar":
        yield from _open_tar(chunks, limits, name, layers)
    else:
        yield from open_members(decompress(chunks, kind, limits), limits, name, layers + 1)


def is_wrapped(head: bytes) -> bool:
    """Whether a file that begins like this must be unwrapped."""
    return _recognise(head) is not None


def _peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes and the whole stream again, a fault on the way kept for its reader."""
    head = b""
    try:
        for chunk in chunks:
            head += chunk
            if len(head) >= TAR_HEADER:
                break
    except SourceFault as fault:
        chunks = _fail(fault)
    return head, chain((head,) if head else (), chunks)


def _fail(fault: SourceFault) -> Iterator[bytes]:
    raise fault
    yield  # a generator, so that the fault is raised when it is read


def _recognise(head: bytes) -> str | None:
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:
        return "zstd"  # a skippable frame, as pzstd and seekable zstd begin with
    return "tar" if head[257:262] == b"ustar" else None


def decompress(chunks: Iterator[bytes], kind: str, limits: Limits) -> Iterator[bytes]:
    """Decompress every member or frame of a stream, giving all that there is before a fault."""
    decoder: _Decoder | None = None
    taken = given = 0
    for chunk in chunks:
        data = chunk
        taken += len(chunk)
        while data or (decoder is not None and not decoder.needs_input):
            if decoder is None:
                if kind in ("gzip", "xz") and not data.strip(b"\0"):
                    break  # they allow zero padding after the last member
                decoder = _CODECS[kind]()
            try:
                piece = decoder.decompress(data, PIECE)
            except _DAMAGE as error:
                raise SourceFault(f"damaged {kind} data: {error}") from error
            data = b""
            given += len(piece)
            if given > RATIO_FLOOR and given > taken * limits.ratio:
                raise SourceFault(f"{kind} data expands more than {limits.ratio:,}-fold")
            if given > limits.source_bytes:
                raise SourceFault(f"{kind} data expands to more than {limits.source_bytes:,} bytes")
            if piece:
                yield piece
            if decoder.eof:
                data, decoder = decoder.unused_data, None
    if decoder is not None:
        raise SourceFault(f"truncated {kind} data: it ends in the middle")


def _open_zip(
    chunks: Iterator[bytes], limits: Limits, name: str | None, layers: int
) -> Iterator[Member]:
    with tempfile.TemporaryFile() as spool:  # zip's directory stands at its end
        for chunk in chunks:
            spool.write(chunk)
        try:
            bundle = zipfile.ZipFile(spool)
        except (zipfile.BadZipFile, NotImplementedError, *_DAMAGE) as error:
            raise SourceFault(f"damaged zip: {error}") from error
        for info in bundle.infolist():
            if not info.is_dir():
                inner = _read_zip_member(bundle, info, limits)
                yield from _open_inner(inner, limits, _join(name, info.filename), layers)


def _read_zip_member(
    bundle: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits
) -> Iterator[bytes]:
    given = 0
    try:
        with bundle.open(info) as stream:
            while piece := stream.read(PIECE):
                given += len(piece)
                if given > RATIO_FLOOR and given > info.compress_size * limits.ratio:
                    raise SourceFault(f"zip member expands more than {limits.ratio:,}-fold")
                yield piece
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, *_DAMAGE) as error:
        raise SourceFault(f"damaged zip member: {error}") from error


def _open_tar(
    chunks: Iterator[bytes], limits: Limits, name: str | None, layers: int
) -> Iterator[Member]:
    stream = _ChunkReader(chunks)
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=PIECE, tarinfo=_TarHeader) as bundle:
            for info in bundle:
                if info.isfile():
                    inner = _read_tar_member(bundle, info, stream)
                    yield from _open_inner(inner, limits, _join(name, info.name), layers)
        stream.drain()
    except (tarfile.TarError, EOFError, ValueError) as error:
        stream.fault = stream.fault or SourceFault(f"damaged or truncated tar: {error}")
    if stream.fault and not stream.fault_told:
        raise stream.fault


def _read_tar_member(
    bundle: tarfile.TarFile, info: tarfile.TarInfo, stream: _ChunkReader
) -> Iterator[bytes]:
    # tarfile's own reader of a member drops what it has read where the tar ends too early
    data = cast(IO[bytes], bundle.extractfile(info) if info.issparse() else bundle.fileobj)
    left = info.size
    try:
        while left:
            piece = data.read(min(left, PIECE))
            if not piece:
                raise tarfile.ReadError("unexpected end of data")
            left -= len(piece)
            yield piece
    except (tarfile.TarError, EOFError) as error:
        stream.fault_told = True
        raise stream.fault or SourceFault(f"truncated tar: {error}") from error


class _TarHeader(tarfile.TarInfo):
    """A header that is damaged or missing is a fault; tarfile takes it for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == TAR_HEADER and not buf.strip(b"\0"):
                raise  # the true end
            raise tarfile.ReadError(str(error)) from error


class _ChunkReader(io.RawIOBase):
    """Chunks as a file for tarfile; a fault looks like the end of the file, and is kept.

    So tarfile hands out all that came before the fault.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""
        self.fault: SourceFault | None = None
        self.fault_told = False

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            try:
                chunk = next(self._chunks, b"")
            except SourceFault as fault:
                self.fault, chunk = fault, b""
            if not chunk:
                break
            self._rest += chunk
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def drain(self) -> None:
        """Read to the end, so that a fault behind the last member is found too."""
        while self.read(PIECE):
            pass


def _open_inner(
    chunks: Iterator[bytes], limits: Limits, name: str, layers: int
) -> Iterator[Member]:
    """Unwrap a member of a zip or tar; what is wrong with it does not cost the others."""
    try:
        yield from open_members(chunks, limits, name, layers + 1)
    except SourceFault as fault:
        yield Member(name, _fail(fault))


def _join(outer: str | None, inner: str) -> str:
    return f"{outer}!{inner}" if outer else inner
