"""Open compressed files, zips and tars, detected by their first bytes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import PurePosixPath
from typing import NamedTuple

from archive.exports.budget import Budget, SourceFault
from archive.exports.compression import decompress
from archive.exports.records import Skipped
from archive.exports.zip_tar import TAR_HEADER, open_tar, open_zip

MAX_LAYERS = 8

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}


class Stream(NamedTuple):
    """A stream of bytes inside a source; `member` is its path in the zip or tar, or None."""

    member: str | None
    chunks: Iterator[bytes]


def open_streams(
    chunks: Iterator[bytes], budget: Budget, member: str | None = None, layers: int = 0
) -> Iterator[Stream | Skipped]:
    """Yield the innermost streams of a stream, one per member.

    Hidden files in a zip or tar are skipped, as they are in directories. A stream must be read
    before the next is requested. Raises SourceFault, here or from a stream's chunks, if a
    container is damaged, truncated or a bomb, after everything before the fault was yielded.
    """
    head, chunks = _peek(chunks if layers else budget.take(chunks))
    kind = _detect_kind(head)
    if kind is None:
        yield Stream(member, chunks)
    elif layers == MAX_LAYERS:
        raise SourceFault(f"compressed more than {MAX_LAYERS} times over")
    elif kind in ("zip", "tar"):
        for inner in open_zip(chunks, budget) if kind == "zip" else open_tar(chunks, budget):
            if _is_hidden(inner.name):
                yield Skipped("hidden file")
            else:
                name = f"{member}!{inner.name}" if member else inner.name
                yield from _open_inner(inner.chunks, budget, name, layers)
    else:
        inner_chunks = decompress(chunks, kind, budget.limits, budget)
        yield from open_streams(inner_chunks, budget, member, layers + 1)


def is_wrapped(head: bytes) -> bool:
    """Whether a file that begins like this is compressed, a zip or a tar."""
    return _detect_kind(head) is not None


def _peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes and the whole stream; a fault is raised when the stream is read."""
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


def _detect_kind(head: bytes) -> str | None:
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:
        return "zstd"  # a skippable frame: pzstd and seekable zstd begin with one
    return "tar" if head[257:262] == b"ustar" else None


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part == "__MACOSX" or (part[0] == "." and part != "..") for part in parts)


def _open_inner(
    chunks: Iterator[bytes], budget: Budget, name: str, layers: int
) -> Iterator[Stream | Skipped]:
    """Open a member of a zip or tar; a fault in it does not affect the others."""
    try:
        yield from open_streams(chunks, budget, name, layers + 1)
    except SourceFault as fault:
        yield Stream(name, _fail(fault))
