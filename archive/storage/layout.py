"""Create, open and lock the directory of an archive."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE
from typing import Any

from archive.errors import (
    ArchiveLocked,
    DamagedArchive,
    NewerArchive,
    NoArchive,
    NotAnArchive,
    StorageFailed,
)
from archive.storage.durable import (
    ensure_directory,
    list_names,
    replace_file,
    sync_directory,
    wrap_os_errors,
    write_exclusively,
)
from archive.storage.manifest import FORMAT
from archive.storage.names import ARCHIVE_FILE, LOCK, MANIFESTS, REJECTS, TEMPORARY, is_table

_KNOWN_ENTRIES = {ARCHIVE_FILE, LOCK, MANIFESTS, REJECTS}


def open_directory(path: str | Path) -> Path:
    """Return the root of an archive. Raises NoArchive, NewerArchive, DamagedArchive."""
    root = Path(path)
    file = root / ARCHIVE_FILE
    try:
        metadata = json.loads(file.read_bytes())
        version = metadata["format"]
        _check_metadata(metadata)
    except (FileNotFoundError, NotADirectoryError) as error:
        _refuse_remains(root)
        raise NoArchive(path=root) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedArchive(path=file, reason=f"not readable: {error}", archive=root) from error
    if version > FORMAT:
        raise NewerArchive(path=file, found=version, known=FORMAT)
    return root


def _refuse_remains(root: Path) -> None:
    """Raise DamagedArchive if there are manifests, so that this was an archive."""
    with suppress(FileNotFoundError, NotADirectoryError):
        if list_names(root / MANIFESTS):
            reason = "it is missing; restore it from a backup"
            raise DamagedArchive(path=root / ARCHIVE_FILE, reason=reason, archive=root)


def make_directory(path: str | Path, version: str, shared: bool = False) -> Path:
    """Return the root of an archive, which is created if it does not exist.

    shared: let other users access a new directory, as far as the umask does. Otherwise only its
    owner may, because events contain personal data. An existing directory keeps its mode, and new
    files are not more accessible than the directory that they are in.

    Raises NotAnArchive if the directory holds something else, StorageFailed.
    """
    root = Path(path)
    with wrap_os_errors(root):
        root.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            root.mkdir(mode=0o777 if shared else 0o700)
        names = list_names(root)
        is_new = ARCHIVE_FILE not in names
        if is_new and not all(map(_is_known_entry, names)):
            raise NotAnArchive(path=root)
        for name in (MANIFESTS, REJECTS):
            ensure_directory(root / name)
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
    is_first = content.keys() == {"format", "created", "created_by"} and content["format"] == 1
    if metadata.get("sha256", digest if is_first else None) != digest:
        raise ValueError("its checksum does not match")


def _digest_metadata(metadata: dict[str, Any]) -> str:
    # of the text with spaces, which the first archives were created with and orjson does not write
    return hashlib.sha256(json.dumps(metadata).encode()).hexdigest()


def _is_known_entry(name: str) -> bool:
    """Whether an entry belongs to an archive, or to one whose creation was interrupted."""
    is_unfinished = name.startswith(f".{ARCHIVE_FILE}.") and name.endswith(TEMPORARY)
    return name in _KNOWN_ENTRIES or is_unfinished


def list_tables(root: Path) -> list[str]:
    """List the directories of an archive that hold the parts of a table. Raises OSError."""
    with os.scandir(root) as entries:
        return sorted(entry.name for entry in entries if is_table(entry.name) and entry.is_dir())


def list_files(root: Path) -> list[str]:
    """List the paths of all files of tables, relative to the archive. Raises OSError."""
    return [f"{table}/{name}" for table in list_tables(root) for name in list_names(root / table)]


@contextmanager
def lock_directory(root: Path) -> Iterator[None]:
    """Hold the lock of the only writer, which the system releases when the process ends.

    Raises ArchiveLocked, and StorageFailed if the file system has no locks, and for any OSError
    inside the block.
    """
    from filelock import FileLock, Timeout

    _check_locks(root)
    with wrap_os_errors(root / LOCK):
        lock = FileLock(root / LOCK, timeout=0, mode=S_IMODE(root.stat().st_mode) & 0o666)
        try:
            lock.acquire()
        except Timeout as error:
            raise ArchiveLocked(path=root) from error
    try:
        with wrap_os_errors(root):
            yield
    finally:
        lock.release()


def _check_locks(root: Path) -> None:
    """Raise StorageFailed if not even a file that nobody else has can be locked."""
    with wrap_os_errors(root), tempfile.TemporaryFile(dir=root) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            reason = "the file system has no locks (flock); keep the archive on another one"
            raise StorageFailed(path=root, reason=reason) from error


def format_now() -> str:
    """Format the current time in UTC as ISO 8601, in whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
