"""The archive as a directory: made once, opened often, written to by one process at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.errors import (
    ArchiveLocked,
    DamagedArchive,
    NewerArchive,
    NoArchive,
    NotAnArchive,
)
from archive.storage.durable import TEMPORARY, sync_directory, wrap_os_errors, write_exclusively
from archive.storage.manifest import DIRECTORY as MANIFESTS

FORMAT = 1
ARCHIVE_FILE = "archive.json"
LOCK = "lock"
REJECTS = "rejects"

_KNOWN_ENTRIES = {ARCHIVE_FILE, LOCK, MANIFESTS, REJECTS}


def open_directory(path: str | Path) -> Path:
    """The root of an archive. Raises NoArchive, NewerArchive, DamagedArchive."""
    root = Path(path)
    mark = root / ARCHIVE_FILE
    try:
        metadata = json.loads(mark.read_bytes())
        found = metadata["format"]
        newer = found > FORMAT
        if not newer:
            _check_metadata(metadata)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoArchive(path=root) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedArchive(path=mark, reason=f"not readable: {error}", archive=root) from error
    if newer:
        raise NewerArchive(path=mark, found=found, known=FORMAT)
    return root


def make_directory(path: str | Path, version: str) -> Path:
    """The root of an archive, made if there is none yet.

    Raises NotAnArchive where the directory holds something else, StorageFailed.
    """
    root = Path(path)
    is_new = not (root / ARCHIVE_FILE).exists()
    with wrap_os_errors(root):
        if is_new and root.exists() and not all(map(_is_known_entry, root.iterdir())):
            raise NotAnArchive(path=root)
        for name in (MANIFESTS, REJECTS):
            (root / name).mkdir(parents=True, exist_ok=True)
        if is_new:
            metadata: dict[str, Any] = {
                "format": FORMAT,
                "created": format_now(),
                "created_by": f"event-archive {version}",
            }
            metadata["sha256"] = _digest_metadata(metadata)
            write_exclusively(root / ARCHIVE_FILE, json.dumps(metadata, indent=1).encode() + b"\n")
            sync_directory(root)
            sync_directory(root.absolute().parent)
    return open_directory(root)


def _check_metadata(metadata: dict[str, Any]) -> None:
    """Raises ValueError where the mark is not what was written; the first ones had no SHA-256."""
    told = {key: value for key, value in metadata.items() if key != "sha256"}
    is_known = told.keys() == {"format", "created", "created_by"}
    if not is_known or metadata.get("sha256", _digest_metadata(told)) != _digest_metadata(told):
        raise ValueError("its checksum does not match")


def _digest_metadata(metadata: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(metadata).encode()).hexdigest()


def _is_known_entry(entry: Path) -> bool:
    """Whether it is of an archive, or of one whose making was cut short."""
    is_unfinished = entry.name.startswith(f".{ARCHIVE_FILE}.") and entry.name.endswith(TEMPORARY)
    return entry.name in _KNOWN_ENTRIES or is_unfinished


def list_table_directories(root: Path) -> list[Path]:
    """The directories of an archive that hold the parts of a table."""
    return sorted(
        path
        for path in root.iterdir()
        if path.is_dir() and path.name not in (MANIFESTS, REJECTS) and path.name[0] != "."
    )


@contextmanager
def lock_directory(root: Path) -> Iterator[None]:
    """Be the only writer. The lock ends with the process, however it ends.

    Raises ArchiveLocked, and StorageFailed for whatever the disk refuses its holder.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(root / LOCK, timeout=0)
    with wrap_os_errors(root / LOCK):
        try:
            lock.acquire()
        except Timeout as error:
            raise ArchiveLocked(path=root) from error
    try:
        with wrap_os_errors(root):
            yield
    finally:
        lock.release()


def format_now() -> str:
    """The present moment in UTC, ISO 8601, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
