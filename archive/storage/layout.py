"""Create, open and lock the directory of an archive."""

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
from archive.storage.durable import (
    TEMPORARY,
    replace_file,
    sync_directory,
    wrap_os_errors,
    write_exclusively,
)
from archive.storage.manifest import DIRECTORY as MANIFESTS
from archive.storage.manifest import FORMAT

ARCHIVE_FILE = "archive.json"
LOCK = "lock"
REJECTS = "rejects"

_KNOWN_ENTRIES = {ARCHIVE_FILE, LOCK, MANIFESTS, REJECTS}


def open_directory(path: str | Path) -> Path:
    """Return the root of an archive. Raises NoArchive, NewerArchive, DamagedArchive."""
    root = Path(path)
    file = root / ARCHIVE_FILE
    try:
        metadata = json.loads(file.read_bytes())
        version = metadata["format"]
        is_newer = version > FORMAT
        if not is_newer:
            _check_metadata(metadata)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoArchive(path=root) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedArchive(path=file, reason=f"not readable: {error}", archive=root) from error
    if is_newer:
        raise NewerArchive(path=file, found=version, known=FORMAT)
    return root


def make_directory(path: str | Path, version: str) -> Path:
    """Return the root of an archive, which is created if it does not exist.

    Raises NotAnArchive if the directory holds something else, StorageFailed.
    """
    root = Path(path)
    is_new = not (root / ARCHIVE_FILE).exists()
    with wrap_os_errors(root):
        if is_new and root.exists() and not all(map(_is_known_entry, root.iterdir())):
            raise NotAnArchive(path=root)
        for name in (MANIFESTS, REJECTS):
            (root / name).mkdir(parents=True, exist_ok=True)
        if is_new:
            metadata = {
                "format": FORMAT,
                "created": format_now(),
                "created_by": f"event-archive {version}",
            }
            write_exclusively(root / ARCHIVE_FILE, _format_metadata(metadata))
            sync_directory(root)
            sync_directory(root.absolute().parent)
    return open_directory(root)


def record_format(root: Path) -> None:
    """Record that the archive has the current format. Raises StorageFailed."""
    file = root / ARCHIVE_FILE
    with wrap_os_errors(file):
        metadata = json.loads(file.read_bytes())
        if metadata["format"] < FORMAT:
            metadata.pop("sha256", None)
            replace_file(file, _format_metadata({**metadata, "format": FORMAT}))


def _format_metadata(metadata: dict[str, Any]) -> bytes:
    content = {**metadata, "sha256": _digest_metadata(metadata)}
    return json.dumps(content, indent=1).encode() + b"\n"


def _check_metadata(metadata: dict[str, Any]) -> None:
    """Raise ValueError if the metadata was changed; the first archives have no SHA-256."""
    content = {key: value for key, value in metadata.items() if key != "sha256"}
    digest = _digest_metadata(content)
    is_known = content.keys() == {"format", "created", "created_by"}
    if not is_known or metadata.get("sha256", digest) != digest:
        raise ValueError("its checksum does not match")


def _digest_metadata(metadata: dict[str, Any]) -> str:
    # of the text with spaces, which the first archives were created with and orjson does not write
    return hashlib.sha256(json.dumps(metadata).encode()).hexdigest()


def _is_known_entry(entry: Path) -> bool:
    """Whether an entry belongs to an archive, or to one whose creation was interrupted."""
    is_unfinished = entry.name.startswith(f".{ARCHIVE_FILE}.") and entry.name.endswith(TEMPORARY)
    return entry.name in _KNOWN_ENTRIES or is_unfinished


def list_table_directories(root: Path) -> list[Path]:
    """List the directories of an archive that hold the parts of a table."""
    return sorted(
        path
        for path in root.iterdir()
        if path.is_dir() and path.name not in (MANIFESTS, REJECTS) and path.name[0] != "."
    )


@contextmanager
def lock_directory(root: Path) -> Iterator[None]:
    """Hold the lock of the only writer, which the system releases when the process ends.

    Raises ArchiveLocked, and StorageFailed for any OSError inside the block.
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
    """Format the current time in UTC as ISO 8601, in whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
