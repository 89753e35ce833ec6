"""Operations on files: a crash leaves either the old state or the new one, and no error is lost."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE

from archive.errors import StorageFailed
from archive.storage.names import TEMPORARY


@contextmanager
def wrap_os_errors(path: Path) -> Iterator[None]:
    """Turn an OSError on the archive's own files into StorageFailed."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise StorageFailed(path=where, reason=error.strerror or str(error)) from error


def list_names(directory: Path) -> list[str]:
    """List the names in a directory, sorted. Raises OSError, which some versions of glob hide."""
    return sorted(os.listdir(directory))  # noqa: PTH208


def exists(path: Path) -> bool:
    """Whether a file exists. Raises OSError if that is unknown."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def ensure_directory(path: Path) -> None:
    """Create a directory if it does not exist."""
    try:
        path.mkdir()
    except FileExistsError:
        return
    narrow_access(path)


def narrow_access(path: Path) -> None:
    """Take the permissions from a new file that its directory does not give."""
    mode = S_IMODE(path.stat().st_mode)
    path.chmod(mode & S_IMODE(path.parent.stat().st_mode))


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


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files durably: after a crash they must not reappear."""
    removed = list(paths)
    for path in removed:
        path.unlink(missing_ok=True)
    for directory in {path.parent for path in removed}:
        sync_directory(directory)


@contextmanager
def _write_temporary(path: Path, data: bytes) -> Iterator[Path]:
    """Write data to a temporary file next to a path; remove it at the end."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        with temporary.open("xb") as stream:
            narrow_access(temporary)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
