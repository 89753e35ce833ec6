"""Remove files that are no longer needed.

These are the files of commits that did not finish (which have a journal), parts that a commit
replaced an hour ago (listed in the manifest), and old manifests. Nothing else is touched.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from archive.storage.durable import (
    list_names,
    remove_files,
    sync_directory,
    wrap_os_errors,
    write_exclusively,
)
from archive.storage.layout import list_files
from archive.storage.manifest import Manifest, list_manifests
from archive.storage.names import JOURNAL, MANIFESTS, TEMPORARY, find_commit
from archive.storage.state import list_unfinished

GRACE_SECONDS = 3600
KEPT_SECONDS = 30 * 86_400  # of manifests that are not the current state
KEPT_FEWEST, KEPT_MOST = 2, 50
KEPT_BYTES = 8 << 20


def clean_up(root: Path, manifest: Manifest) -> None:
    """Remove leftover files. The caller must hold the lock.

    Replaced parts are kept for an hour for readers that still have the earlier state open.
    """
    live = {part.path for part in manifest.parts}
    now = time.time()
    with wrap_os_errors(root):
        for commit in list_unfinished(root):
            files = [file for file in list_files(root) if _is_of(commit, file) and file not in live]
            remove_files(root / file for file in files)
            _locate_journal(root, commit).unlink()
        remove_staged_files(root)
        expired = {r.path for r in manifest.retired if now - _read_time(r.since) > GRACE_SECONDS}
        remove_files(root / file for file in expired - live)
        for path in _list_old_manifests(root, now):
            path.unlink()


def _list_old_manifests(root: Path, now: float) -> list[Path]:
    """List the manifests to remove, oldest first, so that a crash leaves an unbroken chain."""
    old, held = list[Path](), 0
    for count, path in enumerate(reversed(list_manifests(root))):
        found = path.stat()
        age = now - found.st_mtime
        is_kept = count < KEPT_MOST and age < KEPT_SECONDS and held + found.st_size <= KEPT_BYTES
        held += found.st_size
        if count >= KEPT_FEWEST and age > GRACE_SECONDS and not is_kept:
            old.append(path)
    return old[::-1]


def remove_staged_files(root: Path) -> None:
    """Remove the staged files that have not been published. Raises OSError."""
    files = [*list_files(root), *(f"{MANIFESTS}/{name}" for name in list_names(root / MANIFESTS))]
    files += [name for name in list_names(root) if name.startswith(".")]
    for path in (root / file for file in files if TEMPORARY in file):  # DuckDB adds .wal
        if path.is_file():
            path.unlink()


@contextmanager
def keep_journal(root: Path, commit: str) -> Iterator[None]:
    """Record that a commit is not finished, so that its files can be removed after a crash.

    The name says it all: the names of the files of a commit begin with the commit's.
    """
    journal = _locate_journal(root, commit)
    with wrap_os_errors(journal):
        write_exclusively(journal, b"")
    yield
    with wrap_os_errors(journal):
        journal.unlink()
        sync_directory(root)


def _locate_journal(root: Path, commit: str) -> Path:
    return root / f"{commit}{JOURNAL}"


def _is_of(commit: str, file: str) -> bool:
    found = find_commit(file.rpartition("/")[2])
    return found is not None and found.name == commit


def _read_time(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
