"""Check the files of parts: their presence, size and SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from archive.errors import DamagedArchive
from archive.storage.manifest import PartFile


def check_parts(root: Path, parts: Iterable[PartFile]) -> None:
    """Check that every part exists and has the recorded size. Raises DamagedArchive."""
    for part in parts:
        path = root / part.path
        try:
            size = path.stat().st_size
        except OSError as error:
            raise DamagedArchive(path=path, reason="part is missing", archive=root) from error
        if size != part.size:
            reason = f"part has {size:,} bytes and should have {part.size:,}"
            raise DamagedArchive(path=path, reason=reason, archive=root)


def check_bytes(root: Path, part: PartFile) -> None:
    """Check the size and SHA-256 of a part. Raises DamagedArchive."""
    check_parts(root, [part])
    path = root / part.path
    try:
        digest = hash_file(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DamagedArchive(path=path, reason=reason, archive=root) from error
    if digest != part.sha256:
        reason = "its SHA-256 is not the one recorded"
        raise DamagedArchive(path=path, reason=reason, archive=root)


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
