"""Merge small parts into larger ones, for faster lookups and less disk space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from archive.storage.commit import Change, commit, open_transaction
from archive.storage.layout import open_directory
from archive.storage.manifest import Manifest, PartFile
from archive.storage.staging import staged_path
from archive.tables.index import merge_index
from archive.tables.merge import merge_parts, plan_merges
from archive.tables.newest import merge_newest
from archive.tables.registry import EVENT_TABLES, KEYED_TABLES
from archive.tables.superseded import merge_versions

MANY = 32
SMALL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Compaction:
    """The number of parts and their bytes, in all tables, before and after a compaction."""

    parts_before: int
    parts_after: int
    bytes_before: int
    bytes_after: int


def needs_compaction(manifest: Manifest) -> bool:
    """Whether many small parts have accumulated, as nightly loads leave them."""
    tables = ("index", "superseded", *KEYED_TABLES)
    return len(_list_small(manifest)) >= MANY or any(
        len(manifest.list_parts(table)) >= MANY for table in tables
    )


def compact(
    path: Path,
    only_small: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
    drop_superseded: bool = False,
) -> Compaction:
    """Merge the parts that are not full, and those of the index and of tables with a key.

    Of each key of these tables, only the newest row is kept.

    only_small: merge only parts under 1 MiB, and tables with many parts.
    progress: called with the number of bytes written and their maximum.
    drop_superseded: remove the replaced versions of events.

    Raises NoArchive, ArchiveLocked, DamagedArchive, StorageFailed; the archive is then unchanged.
    """
    root = open_directory(path)
    with open_transaction(root) as before:
        many = MANY if only_small else 2
        work = _Work(
            events=_list_small(before) if only_small else _list_unfilled(before),
            keyed=_list_keyed(before, many),
            superseded=_list_superseded(before, 1 if drop_superseded else many),
            drop_superseded=drop_superseded,
        )
        after = _compact(root, before, work, progress) if work.is_needed(before) else before
    return Compaction(
        len(before.parts),
        len(after.parts),
        sum(part.size for part in before.parts),
        sum(part.size for part in after.parts),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What to merge: names of event parts, and parts of other tables."""

    events: list[str]
    keyed: dict[str, list[PartFile]]
    superseded: list[PartFile]
    drop_superseded: bool

    def is_needed(self, before: Manifest) -> bool:
        has_parts = bool(self.events or self.keyed or self.superseded)
        return has_parts or len(before.list_parts("index")) > 1


def _compact(
    root: Path, before: Manifest, work: _Work, progress: Callable[[int, int], None]
) -> Manifest:
    name = before.name_next()
    index = before.list_parts("index")
    old = [p for p in before.parts if p.table in EVENT_TABLES and p.name in set(work.events)]
    total, done = sum(part.size for part in old), 0
    merged = []
    for number, names in enumerate(plan_merges(old), 1):
        for part in merge_parts(root, names, f"{name}-{number:04}"):
            merged.append(part)
            done += part.size
            progress(min(done, total), total)
    payloads = [staged_path(root, part) for part in merged if part.table == "payloads"]
    added = merged + merge_index(root, name, payloads, index, work.events)
    keyed = work.keyed.items()
    added += [merge_newest(root, table, f"{name}-0001", parts) for table, parts in keyed]
    if work.superseded and not work.drop_superseded:
        added.append(merge_versions(root, f"{name}-0001", work.superseded))
    replaced = [*old, *index, *chain.from_iterable(work.keyed.values()), *work.superseded]
    change = Change(name, added, {part.path for part in replaced})
    return commit(root, before, change)


def _list_superseded(manifest: Manifest, many: int) -> list[PartFile]:
    """List the parts of the table `superseded` if there are at least this many."""
    parts = manifest.list_parts("superseded")
    return parts if len(parts) >= many else []


def _list_keyed(manifest: Manifest, many: int) -> dict[str, list[PartFile]]:
    """List the parts of the tables with a key that have at least this many."""
    tables = {table: manifest.list_parts(table) for table in KEYED_TABLES}
    return {table: parts for table, parts in tables.items() if len(parts) >= many}


def _list_unfilled(manifest: Manifest) -> list[str]:
    """List the names of the parts that are not full; a single one cannot be improved."""
    names = [part.name for part in manifest.list_parts("payloads") if not part.level]
    return names if len(names) > 1 else []


def _list_small(manifest: Manifest) -> list[str]:
    parts = manifest.list_parts("payloads")
    return [part.name for part in parts if not part.level and part.size < SMALL_BYTES]
