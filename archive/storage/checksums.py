"""Check the files of parts: their presence, size and SHA-256."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

from archive.errors import DamagedArchive
from archive.storage.manifest import PartFile

CHECKED_SECONDS = 3600.0


class PartChecker:
    """Checks parts before they are read.

    Each is read as a whole at first, when its file has changed, and once an hour: long-lived
    processes must notice damage too.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._checked: dict[str, tuple[float, tuple[int, ...]]] = {}

    def check(self, part: PartFile) -> None:
        """Check the size and SHA-256 of a part. Raises DamagedArchive."""
        now = time.monotonic()
        when, known = self._checked.get(part.path, (0.0, ()))
        found = _identify(self._root / part.path)
        if found != known or now - when > CHECKED_SECONDS:
            check_bytes(self._root, part)
            self._checked[part.path] = now, found


def _identify(path: Path) -> tuple[int, ...]:
    """Return what changes with the content of a file; nothing if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


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
