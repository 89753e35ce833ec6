"""Write files so that a crash at any instant leaves the old state or the new, nothing between."""

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
    """Turn an operating system's error on the archive's own files into StorageFailed."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise StorageFailed(path=where, reason=error.strerror or str(error)) from error


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_directory(path: Path) -> None:
    """Force a directory's entries to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_exclusively(path: Path, data: bytes) -> bool:
    """Create a file with these bytes, whole or not at all; False if it is there already."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)
    return True
