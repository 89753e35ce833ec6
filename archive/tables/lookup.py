"""Look up single events: by ID in the index, then by row in the payloads.

Only the row groups that hold an event are read, with their page checksums verified. Row groups of
the index are cached.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from archive.storage.damage import wrap_arrow_errors
from archive.storage.manifest import Manifest, PartFile, part_path
from archive.tables.projects import Ownership
from archive.tables.schema import with_missing_columns
from archive.tables.values import read_value

INDEX_GROUPS_KEPT = 1_024  # of about 2,048 events, an eighth of a MB each
FILES_KEPT = 256
FEW_GROUPS = 4
READERS = 4
_OPENED = {"page_checksum_verification": True, "pre_buffer": False}


class IndexEntry(NamedTuple):
    """An event in the index; `timestamp` is in microseconds since 1970."""

    event_id: str
    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    timestamp: int | None
    shape: str
    digest: bytes
    organization_given: bool | None
    project_given: bool | None
    part: str
    row: int

    @property
    def owner(self) -> Ownership:
        """The event's organization and project, as its export or an option says."""
        return Ownership(
            self.organization_slug,
            self.project_slug,
            self.project_id,
            self.organization_given,
            self.project_given,
        )


class Payload(NamedTuple):
    """An event as it was exported, and its group, which only its surroundings may contain."""

    group_id: str | None
    raw: bytes


class Lookup:
    """Looks up events in the state of a manifest; it can be shared between threads."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self._root = root
        self._index = manifest.list_parts("index")
        self._lock = Lock()
        self._open: Callable[[str], _File] = lru_cache(FILES_KEPT)(self._open_file)
        self._group: Callable[[str, int], list[pa.Array]] = lru_cache(INDEX_GROUPS_KEPT)(
            self._read_index_group
        )

    def find(self, event_ids: Iterable[str]) -> Iterator[IndexEntry]:
        """Find the index entries of sorted event IDs. Raises DamagedArchive."""
        ids = list(event_ids)
        for part in self._index:
            for event_id in list_within(ids, part):
                yield from self._find_in(part.path, event_id)

    def read(self, part: str, rows: Iterable[int]) -> dict[int, Payload]:
        """Read some rows of a payload part, in parallel if there are many row groups.

        Raises DamagedArchive.
        """
        path = part_path("payloads", part)
        with self._lock:
            file = self._open(path)
            groups = file.group_rows(rows)
            if len(groups) < FEW_GROUPS:
                read = [self._read_payloads(path, file.parquet, *item) for item in groups.items()]
                return dict(chain.from_iterable(read))

        from concurrent.futures import ThreadPoolExecutor

        def read_group(item: tuple[int, list[int]]) -> list[tuple[int, Payload]]:
            whole = self._root / path
            with wrap_arrow_errors(self._root, whole), file.reopen(whole) as parquet:
                return self._read_payloads(path, parquet, *item)

        with ThreadPoolExecutor(READERS) as readers:
            return dict(chain.from_iterable(readers.map(read_group, groups.items())))

    def _find_in(self, path: str, event_id: str) -> Iterator[IndexEntry]:
        with self._lock:
            file = self._open(path)
            first = bisect_left(file.highest, event_id)
            last = bisect_right(file.lowest, event_id)
            groups = [self._group(path, group) for group in range(first, last)]
        with wrap_arrow_errors(self._root, self._root / path):
            entries = [entry for group in groups for entry in _search(group, event_id)]
        yield from entries

    def _read_index_group(self, path: str, group: int) -> list[pa.Array]:
        table = self._read_group(path, self._open(path).parquet, group, list(IndexEntry._fields))
        return [column.combine_chunks() for column in table.columns]

    def _read_payloads(
        self, path: str, parquet: pq.ParquetFile, group: int, rows: list[int]
    ) -> list[tuple[int, Payload]]:
        table = self._read_group(path, parquet, group, list(Payload._fields))
        start = self._open(path).starts[group]
        with wrap_arrow_errors(self._root, self._root / path):
            return [
                (row, Payload(*(column[row - start].as_py() for column in table.columns)))
                for row in rows
                if row - start < table.num_rows
            ]

    def _read_group(
        self, path: str, parquet: pq.ParquetFile, group: int, columns: list[str]
    ) -> pa.Table:
        with wrap_arrow_errors(self._root, self._root / path):
            data = parquet.read_row_group(group, columns, use_threads=False)
            return with_missing_columns(Path(path).parent.name, data, columns)

    def _open_file(self, path: str) -> _File:
        with wrap_arrow_errors(self._root, self._root / path):
            return _File.open(self._root / path, path.startswith("index/"))


def _search(group: list[pa.Array], event_id: str) -> Iterator[IndexEntry]:
    """Find the rows of an event in a row group of the index, which is sorted by event ID."""
    ids, *columns = group
    at = bisect_left(range(len(ids)), event_id, key=lambda row: ids[row].as_py())
    while at < len(ids) and ids[at].as_py() == event_id:
        yield IndexEntry(event_id, *(read_value(column[at]) for column in columns))
        at += 1


def list_within(event_ids: Iterable[str], part: PartFile) -> list[str]:
    """List the IDs that are within the bounds of a part."""
    low, high = part.min_event_id or "", part.max_event_id or ""
    return [event_id for event_id in event_ids if low <= event_id <= high]


@dataclass(frozen=True, slots=True)
class _File:
    """An open part: the first row of each row group and, if sorted, its lowest and highest ID."""

    parquet: pq.ParquetFile
    starts: list[int]
    lowest: list[str]
    highest: list[str]

    @classmethod
    def open(cls, path: Path, is_sorted: bool) -> _File:
        repetitive = ["organization_slug", "project_slug", "project_id", "shape", "part"]
        parquet = pq.ParquetFile(path, read_dictionary=repetitive if is_sorted else None, **_OPENED)
        groups = [parquet.metadata.row_group(n) for n in range(parquet.metadata.num_row_groups)]
        starts, total = [], 0
        for group in groups:
            starts.append(total)
            total += group.num_rows
        bounds: list[Any] = [group.column(0).statistics for group in groups] if is_sorted else []
        if not all(bounds):
            raise pa.ArrowInvalid("the bounds of its row groups are missing")
        return cls(parquet, starts, [b.min for b in bounds], [b.max for b in bounds])

    def reopen(self, path: Path) -> pq.ParquetFile:
        """Open the same part again, for another thread."""
        return pq.ParquetFile(path, metadata=self.parquet.metadata, **_OPENED)

    def group_rows(self, rows: Iterable[int]) -> dict[int, list[int]]:
        """Group rows by row group."""
        groups: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            groups[bisect_right(self.starts, row) - 1].append(row)
        return groups
