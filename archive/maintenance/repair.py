"""Repair a damaged archive: all that the payloads tell is made from them again."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive.errors import DamagedArchive
from archive.events.rows import FlatEvent
from archive.storage.commit import Change, commit, open_transaction
from archive.storage.layout import open_directory
from archive.storage.manifest import Manifest, PartFile, part_path
from archive.storage.staging import staged_path
from archive.tables.builder import Batch
from archive.tables.index import merge_index
from archive.tables.parts import check_part, read_part
from archive.tables.rebuild import rebuild_rows
from archive.tables.registry import EVENT_TABLES, Kind, list_tables


@dataclass(frozen=True, slots=True)
class Lost:
    """An event that is gone: its payload cannot be read. event_id: None where nothing tells it."""

    event_id: str | None
    reason: str


@dataclass(slots=True)
class Repair:
    """What a repair did. damaged: the files that were; the repaired archive has others instead.

    rebuilt: events whose rows were made anew. sources_forgotten: files of the table `sources`
    that are gone with what they told: those sources are read again if they are loaded again.
    rows_lost: rows of other tables that do not follow from the payloads, by table.
    """

    damaged: list[str] = field(default_factory=list)
    rebuilt: int = 0
    sources_forgotten: int = 0
    rows_lost: dict[str, int] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)


def repair(path: Path) -> Repair:
    """Make all tables but the payloads anew wherever they are damaged.

    Damaged files stay on disk for an hour, as all that a commit replaces.
    Raises NoArchive, ArchiveLocked, StorageFailed, and DamagedArchive where the manifest is.
    """
    root = open_directory(path)
    with open_transaction(root) as before:
        return _repair(root, before)


def _repair(root: Path, before: Manifest) -> Repair:
    damaged = {part.path for part in before.parts if _is_damaged(root, part)}
    if not damaged:
        return Repair()
    name = f"{before.number + 1:08}-{secrets.token_hex(2)}"
    salvage = _Salvage(root, before, damaged)
    added = [
        part
        for number, stem in enumerate(salvage.parts, 1)
        for part in salvage.rebuild(stem, f"{name}-{number:04}")
    ]
    lost = salvage.list_lost()
    whole = [part for part in before.list_parts("payloads") if part.name not in salvage.parts]
    payloads = [staged_path(root, part) for part in added if part.table == "payloads"]
    payloads += [root / part.path for part in whole]
    added += merge_index(root, name, payloads, [], [])
    gone = {part_path(table, stem) for stem in salvage.parts for table in EVENT_TABLES}
    gone |= {part.path for part in before.list_parts("index")} | damaged
    commit(root, before, Change(name, added, gone, members={"lost": before.lost + len(lost)}))
    forgotten = sum(path.startswith("sources/") for path in damaged)
    rows_lost = dict(_count_lost_rows(before, damaged))
    return Repair(sorted(damaged), salvage.rebuilt, forgotten, rows_lost, lost)


def _count_lost_rows(before: Manifest, damaged: set[str]) -> Iterator[tuple[str, int]]:
    for table in list_tables(Kind.APPENDED):
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
    """What the payloads of damaged parts still give, and which events they do not.

    An event counts as found wherever it lies, for files can have been swapped; and only where it
    is missed, for one file can have been copied over another.
    """

    def __init__(self, root: Path, before: Manifest, damaged: set[str]) -> None:
        self._root, self._damaged = root, damaged
        self._index = [p for p in before.list_parts("index") if p.path not in damaged]
        self._sizes = {
            part.name: part.rows
            for part in before.list_parts("payloads")
            if {part_path(table, part.name) for table in EVENT_TABLES} & damaged
        }
        self.parts = sorted(self._sizes)
        self._known = {stem: self._find_ids(stem) for stem in self.parts}
        self._missed = Counter(i for ids in self._known.values() for i in ids.values())
        self._nameless = 0
        self._reasons: dict[tuple[str, int], str] = {}
        self.rebuilt = 0

    def rebuild(self, stem: str, name: str) -> list[PartFile]:
        """Stage a part anew; empty if nothing of it is left."""
        batch = Batch()
        for rows in self._rebuild(stem):
            batch.add(rows)
        self.rebuilt += len(batch)
        if not self._known[stem]:
            self._nameless += self._sizes[stem] - len(batch)
        return batch.stage(self._root, name)[0] if len(batch) else []

    def list_lost(self) -> list[Lost]:
        """The events that no part has given, once all are rebuilt."""
        lost = [Lost(None, "its payload cannot be read")] * self._nameless
        for stem, ids in self._known.items():
            for row, event_id in sorted(ids.items()):
                if self._missed[event_id] > 0:
                    self._missed[event_id] -= 1
                    reason = self._reasons.get((stem, row), "its payload is missing")
                    lost.append(Lost(event_id, reason))
        return lost

    def _rebuild(self, stem: str) -> Iterator[FlatEvent]:
        try:
            for row, derived in enumerate(rebuild_rows(self._root, stem, self._read_loads(stem))):
                if isinstance(derived, str):
                    self._reasons[stem, row] = derived
                elif self._is_missed(stem, derived.event.event_id):
                    yield derived
        except DamagedArchive as error:
            for row in range(self._sizes[stem]):
                self._reasons[stem, row] = str(error.fields["reason"])

    def _is_missed(self, stem: str, event_id: str) -> bool:
        self._missed[event_id] -= 1
        return self._missed[event_id] >= 0 or not self._known[stem]

    def _read_loads(self, stem: str) -> dict[int, str]:
        """Which load brought the event of each row in, as far as `events` still tells."""
        return self._read_column(stem, "load_id")

    def _find_ids(self, stem: str) -> dict[int, str]:
        """The event ID of each row of a part, as its events or else the index still know it."""
        return self._read_column(stem, "event_id") or dict(self._search_index(stem))

    def _read_column(self, stem: str, column: str) -> dict[int, str]:
        path = part_path("events", stem)
        if path in self._damaged:
            return {}
        data = read_part(self._root / path, [column], root=self._root)
        return dict(enumerate(data[column].to_pylist()))

    def _search_index(self, stem: str) -> Iterator[tuple[int, str]]:
        for part in self._index:
            data = read_part(self._root / part.path, ["event_id", "part", "row"], root=self._root)
            for event_id, name, row in zip(*data.to_pydict().values(), strict=True):
                if name == stem:
                    yield row, event_id
