"""Merge small parts into larger ones, for faster lookups and less disk space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TypeVar

from archive.storage.commit import Change, commit, open_transaction
from archive.storage.layout import open_directory
from archive.storage.manifest import Manifest, PartFile
from archive.storage.tiers import count_newest, count_smallest
from archive.tables.index import add_to_index, merge_index
from archive.tables.keys import find_commit_keys
from archive.tables.merge import merge_parts
from archive.tables.newest import merge_newest
from archive.tables.registry import EVENT_TABLES, KEYED_TABLES
from archive.tables.superseded import merge_versions

T = TypeVar("T")

TARGET_BYTES = 48 << 20  # of all event tables, in a merged part
GROWS_FROM = 32 << 30  # bytes of all event tables from which on the target grows
DUE_BYTES = 16 << 20  # the target after a load, and that of replaced versions
SMALL_BYTES = 1 << 20
DUE_MERGES = 4  # of event parts after one load; the next loads do the rest
RUN_ROWS = 16 << 20  # of all event tables, in one merge: memory grows with it
RUNS = 128  # open files of one merge


@dataclass(frozen=True, slots=True)
class Compaction:
    """The number of parts and their bytes, in all tables, before and after a compaction."""

    parts_before: int
    parts_after: int
    bytes_before: int
    bytes_after: int


def needs_compaction(manifest: Manifest) -> bool:
    """Whether enough small parts have accumulated, as nightly loads leave them."""
    return _plan_due(manifest).is_needed


def compact(
    path: Path,
    only_due: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
    drop_superseded: bool = False,
) -> Compaction:
    """Merge the event parts that are much smaller than they should be, and other small parts.

    Event parts as loads write them are packed, once. Of each key of the merged parts of a table
    with a key, only the newest row is kept.

    only_due: merge only as many parts as pay after a load, whatever the size of the archive.
    progress: called with the number of bytes written and their maximum.
    drop_superseded: remove the replaced versions of events.

    Raises NoArchive, ArchiveLocked, DamagedArchive, StorageFailed; the archive is then unchanged.
    """
    root = open_directory(path)
    with open_transaction(root) as before:
        work = _plan_due(before) if only_due else _plan_all(before, drop_superseded)
        after = _compact(root, before, work, progress) if work.is_needed else before
    return Compaction(
        len(before.parts),
        len(after.parts),
        sum(part.size for part in before.parts),
        sum(part.size for part in after.parts),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What to merge: names of event parts, and parts of other tables; each list makes one part.

    dropped: parts to remove. index: whether to merge all index files. packed: whether to pack the
    events.
    """

    events: list[list[str]]
    keyed: dict[str, list[PartFile]]
    superseded: list[list[PartFile]]
    dropped: list[PartFile] = field(default_factory=list)
    index: bool = False
    packed: bool = False

    @property
    def is_needed(self) -> bool:
        others = self.superseded or self.dropped or self.index
        return bool(self.events or self.keyed or others)


@dataclass(slots=True)
class _Events:
    """The parts of one name in all event tables: their bytes and rows.

    packed: whether `compact` wrote them.
    """

    name: str
    bytes: int = 0
    rows: int = 0
    packed: bool = False


def _plan_due(manifest: Manifest) -> _Work:
    """Plan what pays after a load: each row is rewritten a logarithmic number of times."""
    events = [e for e in _list_events(manifest) if _is_small(e.bytes, e.rows, DUE_BYTES)]
    superseded = [p for p in manifest.list_parts("superseded") if p.size * 2 < DUE_BYTES]
    keyed = {table: _take_due(manifest.list_parts(table), _measure) for table in KEYED_TABLES}
    return _Work(
        _group_events(_take_due(events, lambda e: e.bytes), DUE_BYTES)[:DUE_MERGES],
        {table: parts for table, parts in keyed.items() if parts},
        _group_parts(_take_due(superseded, _measure)),
    )


def _plan_all(manifest: Manifest, drop_superseded: bool) -> _Work:
    """Plan everything that pays."""
    events = _list_events(manifest)
    total = sum(e.bytes for e in events)
    target = int(TARGET_BYTES * max(1.0, (total / GROWS_FROM) ** 0.5))
    superseded = manifest.list_parts("superseded")
    small = [part for part in superseded if part.size * 2 < DUE_BYTES]
    keyed = {table: _take_smallest(manifest.list_parts(table)) for table in KEYED_TABLES}
    return _Work(
        _group_events(
            [e for e in events if not e.packed or _is_small(e.bytes, e.rows, target)],
            target,
            pack=True,
        ),
        {table: parts for table, parts in keyed.items() if len(parts) > 1},
        [] if drop_superseded else _group_parts(small),
        superseded if drop_superseded else [],
        len(manifest.list_parts("index")) > 1,
        packed=True,
    )


def _list_events(manifest: Manifest) -> list[_Events]:
    events: dict[str, _Events] = {}
    for part in manifest.parts:
        if part.table in EVENT_TABLES:
            found = events.setdefault(part.name, _Events(part.name))
            found.bytes += part.size
            found.rows += part.rows
            found.packed |= part.packed
    return list(events.values())


def _is_small(size: int, rows: int, target: int) -> bool:
    return size * 2 < target and rows * 2 < RUN_ROWS


def _take_due(items: list[T], measure: Callable[[T], int]) -> list[T]:
    """Take the smallest items if there are enough of similar size, in their order."""
    count = count_smallest(map(measure, items))
    chosen = sorted(range(len(items)), key=lambda at: measure(items[at]))[:count]
    return [items[at] for at in sorted(chosen)]


def _take_smallest(parts: list[PartFile]) -> list[PartFile]:
    """Take the smallest parts, and larger ones while these are not much larger than all before."""
    ordered = sorted(parts, key=_measure, reverse=True)
    sizes = [max(part.size, SMALL_BYTES) for part in ordered]
    count = 1 + count_newest(sizes[:-1], sizes[-1]) if sizes else 0
    chosen = ordered[len(ordered) - count :]
    return [part for part in parts if part in chosen]


def _group_events(events: list[_Events], target: int, pack: bool = False) -> list[list[str]]:
    """Group events; a single part is left out unless it is to be packed."""
    groups = _group(events, lambda e: (e.bytes, e.rows), target)
    return [
        [e.name for e in group]
        for group in groups
        if len(group) > 1 or (pack and not group[0].packed)
    ]


def _group_parts(parts: list[PartFile]) -> list[list[PartFile]]:
    groups = _group(parts, lambda part: (part.size, part.rows), DUE_BYTES)
    return [group for group in groups if len(group) > 1]


def _group(items: list[T], measure: Callable[[T], tuple[int, int]], target: int) -> list[list[T]]:
    """Group items until each group is large enough."""
    groups, group, held_bytes, held_rows = list[list[T]](), list[T](), 0, 0
    for item in items:
        group.append(item)
        size, rows = measure(item)
        held_bytes += size
        held_rows += rows
        if held_bytes >= target or held_rows >= RUN_ROWS or len(group) == RUNS:
            groups.append(group)
            group, held_bytes, held_rows = [], 0, 0
    return [*groups, group] if group else groups


def _measure(part: PartFile) -> int:
    return part.size


def _compact(
    root: Path, before: Manifest, work: _Work, progress: Callable[[int, int], None]
) -> Manifest:
    name = before.name_next()
    names = set(chain.from_iterable(work.events))
    old = [part for part in before.parts if part.table in EVENT_TABLES and part.name in names]
    total, done = sum(part.size for part in old), 0
    merged = []
    key = find_commit_keys(name).start
    for number, group in enumerate(work.events, 1):
        for part in merge_parts(root, group, f"{name}-{number:04}", key, work.packed):
            merged.append(part)
            key += part.rows if part.table == "payloads" else 0
            done += part.size
            progress(min(done, total), total)
    payloads = [part for part in merged if part.table == "payloads"]
    change_index = merge_index if work.index else add_to_index
    index = change_index(root, name, before, payloads, names)
    added = merged + index.added
    keyed = work.keyed.items()
    added += [merge_newest(root, table, f"{name}-0001", parts) for table, parts in keyed]
    added += [
        merge_versions(root, f"{name}-{number:04}", parts)
        for number, parts in enumerate(work.superseded, 1)
    ]
    others = chain(work.keyed.values(), work.superseded, [work.dropped])
    replaced = [*old, *index.removed, *chain.from_iterable(others)]
    change = Change(name, added, {part.path for part in replaced})
    return commit(root, before, change)
