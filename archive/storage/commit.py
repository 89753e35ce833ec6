"""Commit staged parts to an archive: all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.errors import ArchiveLocked
from archive.storage.checksums import check_parts
from archive.storage.cleanup import clean_up, keep_journal, remove_staged_files
from archive.storage.durable import exists
from archive.storage.layout import format_now, lock_directory
from archive.storage.manifest import Manifest, PartFile, ReplacedFile, write_next
from archive.storage.staging import publish
from archive.storage.state import read_newest


@contextmanager
def open_transaction(root: Path, any_format: bool = False) -> Iterator[Manifest]:
    """Lock the archive and give its current state; staged files left at the end are removed.

    any_format: accept older formats.

    Raises ArchiveLocked, StorageFailed, OlderArchive and DamagedArchive. A missing manifest counts
    as damage: the next commit would take its number, and its parts would be lost.
    """
    with lock_directory(root):
        before = read_newest(root, any_format)
        clean_up(root, before)
        try:
            yield before
        finally:
            with suppress(OSError):  # do not hide the error that led here
                remove_staged_files(root)


@dataclass(slots=True)
class Change:
    """The changes that a commit makes to the state.

    name: of the commit, with which the names of its parts begin. added: staged parts. removed:
    paths of parts. manifest_fields: new values of the manifest's fields.
    """

    name: str
    added: list[PartFile] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    manifest_fields: dict[str, Any] = field(default_factory=dict)


def commit(root: Path, before: Manifest, change: Change) -> Manifest:
    """Commit a change. Removed parts stay on disk for a while, for readers.

    Raises StorageFailed, DamagedArchive, and ArchiveLocked if another process ignored the lock and
    committed first.
    """
    now = format_now()
    retired = [old for old in before.retired if exists(root / old.path)]
    after = replace(
        before,
        parts=(*(part for part in before.parts if part.path not in change.removed), *change.added),
        retired=(*retired, *(ReplacedFile(path, now) for path in sorted(change.removed))),
        **change.manifest_fields,
    )
    with keep_journal(root, change.name):
        publish(root, change.added)
        check_parts(root, change.added)
        written = write_next(root, before, after)
        if written is None:
            raise ArchiveLocked(path=root)
    return written
