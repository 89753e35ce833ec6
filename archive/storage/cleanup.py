"""Remove files that are no longer needed.

These are files of unfinished loads (listed in a journal), parts that a commit replaced an hour ago
(listed in the manifest), and old manifests. Nothing else is touched.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archive.jsontext import dump, parse
from archive.storage.durable import TEMPORARY, sync_directory, wrap_os_errors, write_exclusively
from archive.storage.layout import REJECTS, list_table_directories
from archive.storage.manifest import DIRECTORY as MANIFESTS
from archive.storage.manifest import Manifest, list_manifests

GRACE_SECONDS = 3600
KEPT_SECONDS = 30 * 86_400  # of manifests that are not the current state
KEPT_FEWEST, KEPT_MOST = 2, 50
KEPT_BYTES = 8 << 20
JOURNAL = ".journal"
_STAGED = f"*{TEMPORARY}*"  # DuckDB adds .wal to the name of a file


def clean_up(root: Path, manifest: Manifest) -> None:
    """Remove leftover files. The caller must hold the lock.

    Replaced parts are kept for an hour for readers that still have the earlier state open.
    """
    live = {part.path for part in manifest.parts}
    now = time.time()
    with wrap_os_errors(root):
        for journal in root.glob(f"*{JOURNAL}"):
            _remove(root, _read_journal(journal) - live)
            journal.unlink()
        remove_staged_files(root)
        expired = {r.path for r in manifest.retired if now - _read_time(r.since) > GRACE_SECONDS}
        _remove(root, expired - live)
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
    """Remove the staged files that have not been published."""
    directories = (root / MANIFESTS, root / REJECTS, *list_table_directories(root))
    staged = [path for directory in directories for path in directory.glob(_STAGED)]
    for path in (*staged, *root.glob(f".{_STAGED}")):
        if path.is_file():
            path.unlink()


@contextmanager
def keep_journal(root: Path, name: str, paths: Iterable[str]) -> Iterator[None]:
    """Record which files are being published, so that they can be removed after a crash."""
    journal = root / f"{name}{JOURNAL}"
    with wrap_os_errors(journal):
        write_exclusively(journal, dump(list(paths)))
    yield
    journal.unlink()
    sync_directory(root)


def read_journals(root: Path) -> set[str]:
    """Return the paths of the files that unfinished commits were publishing."""
    return {path for journal in root.glob(f"*{JOURNAL}") for path in _read_journal(journal)}


class Orphan(NamedTuple):
    """A part of a commit whose manifest is missing."""

    path: Path
    commit: int

    @property
    def reason(self) -> str:
        return f"of commit {self.commit}, whose manifest is missing"

    @property
    def remedy(self) -> str:
        manifest = f"{MANIFESTS}/{self.commit:08}.json"
        return f"restore {manifest} from a backup, or give up the files named {self.commit:08}-*"


def list_orphans(root: Path, newest: int) -> Iterator[Orphan]:
    """Yield the parts of commits that are later than the newest manifest.

    A commit that did not finish left a journal. Parts that no journal lists were committed, so
    their manifest is missing.
    """
    unfinished = read_journals(root)
    for directory in list_table_directories(root):
        for path in sorted(directory.glob("*")):
            commit = path.name.partition("-")[0]
            is_later = commit.isdecimal() and int(commit) > newest and TEMPORARY not in path.name
            if is_later and f"{directory.name}/{path.name}" not in unfinished:
                yield Orphan(path, int(commit))


def _read_journal(journal: Path) -> set[str]:
    return set(parse(journal.read_bytes()))


def _remove(root: Path, paths: Iterable[str]) -> None:
    """Remove files durably: after a crash they must not reappear, because nothing lists them."""
    removed = [root / path for path in paths]
    for path in removed:
        path.unlink(missing_ok=True)
    for directory in {path.parent for path in removed}:
        sync_directory(directory)


def _read_time(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
