"""The SHA-256 of a source: the same, whether it is read whole or in slices."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from archive.exports import slices
from archive.exports.slices import cut_source, read_slice
from archive.exports.source_hash import BLOCK, BlockHasher, hash_source, join_digests
from archive.exports.sources import Source

LINE = b'{"eventID": "1"' + b" " * 1007 + b"}\n"


def _hash_blocks(data: bytes) -> str:
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
    return sha256(b"".join(sha256(block).digest() for block in blocks)).hexdigest()


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1])
def test_hash_source(tmp_path: Path, size: int) -> None:
    data = (LINE * (size // len(LINE) + 1))[:size]
    (tmp_path / "file").write_bytes(data)
    expected = sha256(data).hexdigest() if 0 < size <= BLOCK else _hash_blocks(data)
    assert hash_source(Source(str(tmp_path / "file"))) == expected


@pytest.mark.parametrize("size", [BLOCK, 2 * BLOCK, 3 * BLOCK - 5000])
def test_slices_have_the_hash_of_the_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(LINE * (9 * BLOCK // len(LINE)))
    source = Source(str(path), path.stat().st_size)
    pieces = cut_source(source, size)
    digests = []
    for piece in pieces:
        hasher = BlockHasher()
        for _ in read_slice(piece, hasher.update):
            pass
        digests += hasher.list_digests()
    assert len(pieces) > 2
    assert join_digests(digests) == hash_source(source)


def test_a_record_larger_than_a_slice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SEARCHED", 1 << 20)
    path = tmp_path / "file"
    path.write_bytes(LINE + b'{"text": "' + b"x" * (3 * BLOCK) + b'"}\n' + LINE * 9000)
    source = Source(str(path), path.stat().st_size)
    pieces = cut_source(source, BLOCK)
    read = b"".join(chunk for piece in pieces for chunk in read_slice(piece, lambda data: None))
    assert read == path.read_bytes()
    assert 1 < len(pieces) < 5
