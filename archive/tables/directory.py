"""The archive as a directory: made once, opened often, written to by one process at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import ArchiveLocked, DamagedArchive, NewerArchive, NoArchive
from archive.tables.durable import TEMPORARY, report_storage, sync_directory, write_exclusively
from archive.tables.manifest import DIRECTORY as MANIFESTS
from archive.tables.manifest import Manifest

FORMAT = 1
MARK = "archive.json"
LOCK = "lock"
REJECTS = "rejects"
TABLES = ("events", "frames", "tags", "payloads", "index", "sources")
GRACE_SECONDS = 3600


def open_directory(path: str | Path) -> Path:
    """The root of an archive. Raises NoArchive, NewerArchive, DamagedArchive."""
    root = Path(path)
    mark = root / MARK
    try:
        found = json.loads(mark.read_bytes())["format"]
    except FileNotFoundError as error:
        raise NoArchive(path=root) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedArchive(path=mark, reason=f"not readable: {error}", archive=root) from error
    if found > FORMAT:
        raise NewerArchive(path=mark, found=found, known=FORMAT)
    return root


def make_directory(path: str | Path, version: str) -> Path:
    """The root of an archive, made if there is none yet."""
    root = Path(path)
    if (root / MARK).exists():
        return open_directory(root)
    with report_storage(root):
        for name in (MANIFESTS, REJECTS, *TABLES):
            (root / name).mkdir(parents=True, exist_ok=True)
        born = {"format": FORMAT, "created": format_now(), "created_by": f"event-archive {version}"}
        write_exclusively(root / MARK, json.dumps(born, indent=1).encode() + b"\n")
        sync_directory(root)
        sync_directory(root.absolute().parent)
    return root


@contextmanager
def lock_directory(root: Path) -> Iterator[None]:
    """Be the only writer. The lock ends with the process, however it ends. Raises ArchiveLocked."""
    from filelock import FileLock, Timeout

    lock = FileLock(root / LOCK, timeout=0)
    with report_storage(root / LOCK):
        try:
            lock.acquire()
        except Timeout as error:
            raise ArchiveLocked(path=root) from error
    try:
        yield
    finally:
        lock.release()


def sweep(root: Path, manifest: Manifest) -> None:
    """Remove what an interrupted load left behind, and parts that were replaced a while ago.

    For the holder of the lock. A replaced part stays for an hour, for readers that opened the
    archive before it was replaced.
    """
    live = {part.path for part in manifest.parts}
    loads = {load.load_id for load in manifest.loads}
    old = time.time() - GRACE_SECONDS
    for name in (MANIFESTS, REJECTS, *TABLES):
        for path in (root / name).iterdir():
            unfinished = path.name.endswith(TEMPORARY)
            kept = name == MANIFESTS or f"{name}/{path.name}" in live
            abandoned = not kept and _find_load_id(path.name) not in loads
            replaced = not kept and name != REJECTS and path.stat().st_ctime < old
            if unfinished or abandoned or replaced:
                path.unlink(missing_ok=True)


def _find_load_id(name: str) -> str:
    """The load that wrote a file: `<load_id>-<n>.parquet` or `<load_id>.jsonl.zst`."""
    return "-".join(name.split(".")[0].split("-")[:2])


def format_now() -> str:
    """The present moment in UTC, ISO 8601, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
