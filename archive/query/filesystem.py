"""The archive as DuckDB sees it: a read-only file system of its current parts.

Measured on 40,000 events, the report top-frames takes 95 ms with it, 86 ms with DuckDB's own local
file system, and 350 ms with PyArrow datasets, which would prevent writing too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from threading import local
from typing import Any

from fsspec import AbstractFileSystem

from archive.errors import DamagedArchive
from archive.storage.checksums import PartChecker
from archive.storage.manifest import PartFile

PROTOCOL = "archive"


class ArchiveFiles(AbstractFileSystem):  # type: ignore[misc]
    """The current parts as `archive://frames/<part>.parquet`.

    When a part is opened, its SHA-256 is compared with the manifest's, so that a damaged part is an
    error and never a wrong number; `take_damage` returns that error. While `trusting` is set, parts
    are opened without this check, because views only need the footers.
    """

    protocol = PROTOCOL
    cachable = False

    def __init__(self, root: Path, parts: Iterable[PartFile]) -> None:
        super().__init__()
        self._root = root
        self._parts = {part.path: part for part in parts}
        self._paths = {path: root / path for path in self._parts}
        self._opened: set[str] = set()
        self._checker = PartChecker(root)
        self._damage: DamagedArchive | None = None
        self.trusting = True

    def open(self, path: str, mode: str = "rb", **_: Any) -> _Reader:
        """Open a file for reading. Raises PermissionError, DamagedArchive."""
        name = self._strip_protocol(path)
        if mode != "rb":
            raise PermissionError(f"{name}: SQL cannot write to an archive")
        if not self.trusting:
            self._check(name)
        self._opened.add(name)
        return _Reader(self._find(name), self._report)

    def check_opened(self) -> None:
        """Check the parts that were opened without a check. Raises DamagedArchive."""
        for name in sorted(self._opened):
            self._check(name)

    def take_damage(self) -> DamagedArchive | None:
        """Return the damage found since the last call, if any: DuckDB hides its type."""
        damage, self._damage = self._damage, None
        return damage

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the file itself, if it exists."""
        name = self._strip_protocol(path)
        return [name] if name in self._paths else []

    def exists(self, path: str, **_: Any) -> bool:
        return self._strip_protocol(path) in self._paths

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        name = self._strip_protocol(path)
        return {"name": name, "size": self._find(name).stat().st_size, "type": "file"}

    def modified(self, path: str) -> datetime:
        return datetime.fromtimestamp(self._find(self._strip_protocol(path)).stat().st_mtime, UTC)

    def _find(self, name: str) -> Path:
        if name not in self._paths:
            raise PermissionError(f"{name}: not a file of this archive")
        return self._paths[name]

    def _check(self, name: str) -> None:
        part = self._parts.get(name)
        if part is None:
            return
        try:
            self._checker.check(part)
        except DamagedArchive as error:
            self._damage = error
            raise

    def _report(self, path: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        self._damage = DamagedArchive(path=path, reason=reason, archive=self._root)


class _Reader:
    """An open file, with the members that DuckDB uses.

    DuckDB's threads share it, and each seeks before it reads, so the position is per thread.
    DuckDB does not close every file that it opens; such a file is closed when it is collected.
    """

    def __init__(self, path: Path, report: Callable[[Path, OSError], None]) -> None:
        """report: called with an error that is about to be raised."""
        self._path, self._report = path, report
        self._descriptor: int | None = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._own = local()
        self.size = os.fstat(self._descriptor).st_size

    def seek(self, offset: int) -> None:
        self._own.position = offset

    def tell(self) -> int:
        return int(getattr(self._own, "position", 0))

    def read(self, count: int) -> bytes:
        at = self.tell()
        if self._descriptor is None:
            raise ValueError("the file is closed")
        try:
            data = os.pread(self._descriptor, count, at)
        except OSError as error:
            self._report(self._path, error)
            raise
        self.seek(at + len(data))
        return data

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    __del__ = close
