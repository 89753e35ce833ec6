"""Read the files inside a zip or tar one at a time."""

from __future__ import annotations

import io
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, NamedTuple, Self, cast

from archive.exports.budget import Budget, SourceFault
from archive.exports.compression import DAMAGE, PIECE, Expansion

TAR_HEADER = 512


class Member(NamedTuple):
    """A file inside a zip or tar; `name` is its path there."""

    name: str
    chunks: Iterator[bytes]


def open_zip(chunks: Iterator[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the files in a zip. Raises SourceFault, also from a member's chunks."""
    with tempfile.TemporaryFile() as spool:  # a zip ends with its directory
        for chunk in chunks:
            spool.write(chunk)
        try:
            bundle = zipfile.ZipFile(spool)
        except (zipfile.BadZipFile, NotImplementedError, *DAMAGE) as error:
            raise SourceFault(f"damaged zip: {error}") from error
        budget.enter_members(len(bundle.infolist()))
        whole = Expansion("zip", budget.limits, spool.seek(0, io.SEEK_END), budget)
        for info in bundle.infolist():
            if not info.filename.endswith("/"):
                member = Expansion("zip member", budget.limits, info.compress_size)
                chunks = member.watch(_read_zip_member(bundle, info))
                yield Member(info.filename, whole.watch(chunks))


def _read_zip_member(bundle: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with bundle.open(info) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, *DAMAGE) as error:
        raise SourceFault(f"damaged zip member: {error}") from error


def open_tar(chunks: Iterator[bytes], budget: Budget) -> Iterator[Member]:
    """Yield the files in a tar. Raises SourceFault, also from a member's chunks."""
    expansion = Expansion("tar", budget.limits, budget=budget)
    stream = _ChunkReader(chunks, expansion)
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=PIECE, tarinfo=_TarHeader) as bundle:
            for info in bundle:
                bundle.members.clear()  # type: ignore[attr-defined]  # tarfile keeps them all
                budget.enter_members()
                if info.isfile():
                    yield Member(info.name, expansion.watch(_read_tar_member(bundle, info, stream)))
        stream.drain()
    except (tarfile.TarError, EOFError, ValueError) as error:
        stream.fault = stream.fault or SourceFault(f"damaged or truncated tar: {error}")
    if stream.fault and not stream.is_fault_reported:
        raise stream.fault


def _read_tar_member(
    bundle: tarfile.TarFile, info: tarfile.TarInfo, stream: _ChunkReader
) -> Iterator[bytes]:
    # tarfile's own reader drops the data it has read if the tar is truncated
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
        stream.is_fault_reported = True
        raise stream.fault or SourceFault(f"truncated tar: {error}") from error


class _TarHeader(tarfile.TarInfo):
    """A header that is an error if it is damaged or missing; tarfile takes that for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == TAR_HEADER and not buf.strip(b"\0"):
                raise  # the true end
            raise tarfile.ReadError(str(error)) from error


class _ChunkReader(io.RawIOBase):
    """Chunks as a file for tarfile.

    A fault is kept and looks like the end of the file, so that tarfile returns all data before it.
    """

    def __init__(self, chunks: Iterator[bytes], expansion: Expansion) -> None:
        self._chunks, self._expansion = chunks, expansion
        self._rest = b""
        self.fault: SourceFault | None = None
        self.is_fault_reported = False

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            try:
                chunk = next(self._chunks, b"")
            except SourceFault as fault:
                self.fault, chunk = fault, b""
            if not chunk:
                break
            self._expansion.taken += len(chunk)
            self._rest += chunk
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def drain(self) -> None:
        """Read to the end, to find a fault after the last member."""
        while self.read(PIECE):
            pass
