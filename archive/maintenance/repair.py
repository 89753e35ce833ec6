"""Repair a damaged archive by rebuilding tables from the stored payloads."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.errors import DamagedArchive
from archive.events.rows import FlatEvent, LoadRow
from archive.storage.commit import Change, commit, open_transaction
from archive.storage.layout import open_directory
from archive.storage.manifest import Manifest, PartFile, part_path
from archive.storage.names import REJECTS
from archive.storage.quarantine import discard_quarantined, list_quarantined, quarantine
from archive.tables.builder import Batch
from archive.tables.index import TABLE as INDEX
from archive.tables.index import open_index, write_index
from archive.tables.keys import find_commit_keys
from archive.tables.loads import read_loads
from archive.tables.parts import check_part, read_part, write_part
from archive.tables.rebuild import rebuild_rows
from archive.tables.registry import EVENT_TABLES, Kind, list_tables
from archive.tables.schema import build_table


@dataclass(frozen=True, slots=True)
class Lost:
    """An event whose payload cannot be read. event_id: None if it is not known."""

    event_id: str | None
    reason: str


@dataclass(slots=True)
class Repair:
    """The result of a repair.

    damaged: files that were replaced. rebuilt: number of events whose rows were rebuilt.
    sources_forgotten: number of damaged files of the table `sources`; a later load reads the
    sources that they listed again. rows_lost: number of rows that cannot be rebuilt from the
    payloads, by table. quarantined: damaged files of this and earlier repairs that are kept.
    """

    damaged: list[str] = field(default_factory=list)
    rebuilt: int = 0
    sources_forgotten: int = 0
    rows_lost: dict[str, int] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)


def repair(path: Path, discard: bool = False) -> Repair:
    """Rebuild damaged tables from the stored payloads, and keep damaged files in `quarantine/`.

    discard: delete the files in `quarantine/` afterwards.

    Raises NoArchive, ArchiveLocked, StorageFailed, and DamagedArchive if the manifest is damaged.
    """
    root = open_directory(path)
    with open_transaction(root) as before:
        done = _repair(root, before)
        if discard:
            discard_quarantined(root)
        done.quarantined = list_quarantined(root)
        return done


def _repair(root: Path, before: Manifest) -> Repair:
    damaged = {part.path for part in before.parts if _is_damaged(root, part)}
    if not damaged:
        return Repair()
    quarantine(root, damaged)
    name = before.name_next()
    salvage = _Salvage(root, before, damaged, find_commit_keys(name))
    added = [
        part
        for number, old_name in enumerate(salvage.names, 1)
        for part in salvage.rebuild(old_name, f"{name}-{number:04}")
    ]
    lost = salvage.list_lost()
    whole = [part for part in before.list_parts("payloads") if part.name not in salvage.names]
    payloads = [part for part in added if part.table == "payloads"]
    added.append(write_index(root, name, [*payloads, *whole]))
    removed = {part_path(table, old_name) for old_name in salvage.names for table in EVENT_TABLES}
    removed |= {part.path for part in before.list_parts(INDEX)} | damaged
    fields = {"lost": before.lost + len(lost)}
    intact = [part for part in before.list_parts("loads") if part.path not in damaged]
    if len(intact) < len(before.list_parts("loads")):
        kept = (p.rows for p in (*whole, *added) if p.table == "payloads")
        missing = sum(kept) + fields["lost"] - sum(load.stored for load in read_loads(root, intact))
        rows = [_make_load(name, missing)]
        added.append(write_part(root, "loads", f"{name}-0001", [build_table("loads", rows)]))
    commit(root, before, Change(name, added, removed, manifest_fields=fields))
    forgotten = sum(path.startswith("sources/") for path in damaged)
    rows_lost = dict(_count_lost_rows(before, damaged))
    return Repair(sorted(damaged), salvage.rebuilt, forgotten, rows_lost, lost)


def _make_load(load_id: str, stored: int) -> LoadRow:
    """Make a row that replaces the loads of damaged parts, so that the counts still agree."""
    now = int(time.time()) * 1_000_000
    return LoadRow(load_id, now, now, "", 0, stored, stored, 0, 0, 0, 0, 0, None, None)


def _count_lost_rows(before: Manifest, damaged: set[str]) -> Iterator[tuple[str, int]]:
    for table in (*list_tables(Kind.APPENDED), REJECTS):
        rows = sum(part.rows for part in before.list_parts(table) if part.path in damaged)
        if rows and table != "sources":
            yield table, rows


def _is_damaged(root: Path, part: PartFile) -> bool:
    try:
        check_part(root, part)
    except DamagedArchive:
        return True
    return False


class _Salvage:
    """The events that the payloads of damaged parts still contain, and those that are lost.

    Files may have been swapped, so an event is accepted from any part; and a file may have been
    copied over another, so it is accepted only as often as it was stored.
    """

    def __init__(self, root: Path, before: Manifest, damaged: set[str], keys: range) -> None:
        self._root, self._damaged, self._keys = root, damaged, keys
        whole = tuple(part for part in before.parts if part.path not in damaged)
        self._whole = replace(before, parts=whole)
        self._sizes = {
            part.name: part.rows
            for part in before.list_parts("payloads")
            if {part_path(table, part.name) for table in EVENT_TABLES} & damaged
        }
        self.names = sorted(self._sizes)
        self._known = {name: self._find_ids(name) for name in self.names}
        self._missing = Counter(i for ids in self._known.values() for i in ids.values())
        self._unidentified = 0
        self._reasons: dict[tuple[str, int], str] = {}
        self.rebuilt = 0

    def rebuild(self, name: str, new_name: str) -> list[PartFile]:
        """Stage the events of a part under a new name; return no parts if none is left."""
        batch = Batch()
        for rows in self._rebuild(name):
            batch.add(rows)
        self.rebuilt += len(batch)
        if not self._known[name]:
            self._unidentified += self._sizes[name] - len(batch)
        keys, self._keys = self._keys, self._keys[len(batch) :]
        return batch.stage(self._root, new_name, keys)[0] if len(batch) else []

    def list_lost(self) -> list[Lost]:
        """List the events that no part contained; call it after all parts are rebuilt."""
        lost = [Lost(None, "its payload cannot be read")] * self._unidentified
        for name, ids in self._known.items():
            for row, event_id in sorted(ids.items()):
                if self._missing[event_id] > 0:
                    self._missing[event_id] -= 1
                    reason = self._reasons.get((name, row), "its payload is missing")
                    lost.append(Lost(event_id, reason))
        return lost

    def _rebuild(self, name: str) -> Iterator[FlatEvent]:
        try:
            load_ids = self._read_column(name, "load_id")
            for row, rebuilt in enumerate(rebuild_rows(self._root, name, load_ids)):
                if isinstance(rebuilt, str):
                    self._reasons[name, row] = rebuilt
                elif self._take(name, rebuilt.event.event_id):
                    yield rebuilt
        except DamagedArchive as error:
            for row in range(self._sizes[name]):
                self._reasons[name, row] = str(error.fields["reason"])

    def _take(self, name: str, event_id: str) -> bool:
        """Count an event as found; return whether it was missing."""
        self._missing[event_id] -= 1
        return self._missing[event_id] >= 0 or not self._known[name]

    def _find_ids(self, name: str) -> dict[int, str]:
        """Find the event ID of each row of a part, in its `events` or else in the index."""
        return self._read_column(name, "event_id") or dict(self._search_index(name))

    def _read_column(self, name: str, column: str) -> dict[int, str]:
        """Read a column of the part's `events` by row; empty if they are damaged."""
        path = part_path("events", name)
        if path in self._damaged:
            return {}
        data = read_part(self._root / path, [column], root=self._root)
        return dict(enumerate(data[column].to_pylist()))

    def _search_index(self, name: str) -> Iterator[tuple[int, str]]:
        with open_index(self._root, self._whole) as connection:
            rows = connection.execute('SELECT "row", event_id FROM entries WHERE part = $1', [name])
            for row, event_id in rows.fetchall():
                yield row, event_id.hex
