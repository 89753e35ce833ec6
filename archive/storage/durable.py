"""Write files durably: a crash leaves either the old state or the new one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import StorageFailed

TEMPORARY = ".tmp"


@contextmanager
def wrap_os_errors(path: Path) -> Iterator[None]:
    """Turn an OSError on the archive's own files into StorageFailed."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise StorageFailed(path=where, reason=error.strerror or str(error)) from error


def sync_file(path: Path) -> None:
    """Flush a file to disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_directory(path: Path) -> None:
    """Flush the entries of a directory to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_exclusively(path: Path, data: bytes) -> bool:
    """Create a file atomically; return False if it already exists."""
    with _write_temporary(path, data) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
    sync_directory(path.parent)
    return True


def replace_file(path: Path, data: bytes) -> None:
    """Replace the content of a file atomically."""
    with _write_temporary(path, data) as temporary:
        temporary.replace(path)
    sync_directory(path.parent)


@contextmanager
def _write_temporary(path: Path, data: bytes) -> Iterator[Path]:
    """Write data to a temporary file next to a path; remove it at the end."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
