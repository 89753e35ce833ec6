"""The SHA-256 by which a source that was loaded before is known.

A source of more than one block has the SHA-256 of its blocks' digests, so that tasks can hash the
blocks that they read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from archive.exports.sources import CHUNK, Source, open_source

BLOCK = 4 << 20


class BlockHasher:
    """Hashes the blocks of a source, or of a slice that begins with a block."""

    def __init__(self) -> None:
        self._digests: list[bytes] = []
        self._block = hashlib.sha256()
        self._size = 0

    def update(self, data: bytes) -> None:
        """Hash the next bytes."""
        while self._size + len(data) > BLOCK:
            split = BLOCK - self._size
            self._block.update(data[:split])
            self._digests.append(self._block.digest())
            self._block, self._size, data = hashlib.sha256(), 0, data[split:]
        self._block.update(data)
        self._size += len(data)

    def list_digests(self) -> list[bytes]:
        """Return the SHA-256 of each block."""
        return [*self._digests, self._block.digest()] if self._size else self._digests


def join_digests(digests: Iterable[bytes]) -> str:
    """Return the SHA-256 of a source, in hex, from those of its blocks."""
    blocks = list(digests)
    if len(blocks) == 1:
        return blocks[0].hex()
    return hashlib.sha256(b"".join(blocks)).hexdigest()


def hash_source(source: Source) -> str:
    """Compute the SHA-256 of a source."""
    hasher = BlockHasher()
    with open_source(source) as stream:
        while chunk := stream.read(CHUNK):
            hasher.update(chunk)
    return join_digests(hasher.list_digests())
