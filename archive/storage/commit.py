"""The commit: staged parts become the state of the archive, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.errors import ArchiveLocked, DamagedArchive
from archive.storage.checksums import check_parts
from archive.storage.cleanup import clean_up, keep_journal, list_orphans, remove_staged_files
from archive.storage.layout import format_now, lock_directory
from archive.storage.manifest import Manifest, PartFile, ReplacedFile, read_newest, write_next
from archive.storage.staging import publish


@contextmanager
def open_transaction(root: Path) -> Iterator[Manifest]:
    """The state to change, for the only writer; what is staged and not committed goes at the end.

    Raises ArchiveLocked, StorageFailed, and DamagedArchive, also where a manifest is gone: the
    next would take its place, and what it had brought would be lost for good.
    """
    with lock_directory(root):
        before = read_newest(root)
        for orphan in list_orphans(root, before.number):
            reason = f"{orphan.reason}; {orphan.remedy}"
            raise DamagedArchive(path=orphan.path, reason=reason, archive=root)
        clean_up(root, before)
        try:
            yield before
        finally:
            with suppress(OSError):  # an error on the way here says more
                remove_staged_files(root)


@dataclass(slots=True)
class Change:
    """What a commit adds to the state and takes from it.

    name: that of the load, or whatever else changes the archive. added: staged parts. gone: paths
    of parts that are no more. files: other staged files. members: new values of the manifest's.
    """

    name: str
    added: list[PartFile] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)


def commit(root: Path, before: Manifest, change: Change) -> Manifest:
    """Make the change; what is gone stays on disk for a while, for readers.

    Raises StorageFailed, DamagedArchive, and ArchiveLocked if a rival that ignores the lock came
    first.
    """
    now = format_now()
    retired = [old for old in before.retired if (root / old.path).exists()]
    after = replace(
        before,
        parts=(*_keep(before.parts, change.gone), *change.added),
        retired=(*retired, *(ReplacedFile(path, now) for path in sorted(change.gone))),
        **change.members,
    )
    paths = [part.path for part in change.added] + change.files
    with keep_journal(root, change.name, paths):
        publish(root, paths)
        check_parts(root, after.parts)
        written = write_next(root, before, after)
        if written is None:
            raise ArchiveLocked(path=root)
    return written


def _keep(parts: Iterable[PartFile], gone: set[str]) -> Iterable[PartFile]:
    return (part for part in parts if part.path not in gone)
