"""Merge parts into fewer and larger ones, which compress better.

Every part is clustered by project, group and time, so that parts are merged as sorted runs: one
table after the other, each part read once and in small batches.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from archive.errors import DamagedArchive
from archive.events.rows import cluster_key
from archive.storage.manifest import PartFile, part_path
from archive.tables.frame_counts import write_frame_counts
from archive.tables.keys import repeat_each, with_event_keys
from archive.tables.parts import read_batches, read_groups, write_part
from archive.tables.registry import CARRIED_TABLES, TABLES
from archive.tables.schema import cut_row_groups
from archive.tables.values import list_values

READ_ROWS = 1_024
READ_BYTES = 1 << 16

_Key = tuple[str, str, str, int]


@dataclass(slots=True)
class _Order:
    """The events of a merged part, in order.

    origins: for each, the number of its run. sizes: of its exported JSON. frames, tags: how many
    rows it has in these tables.
    """

    origins: array[int] = field(default_factory=lambda: array("i"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    frames: array[int] = field(default_factory=lambda: array("i"))
    tags: array[int] = field(default_factory=lambda: array("i"))

    def add(self, origin: int, size: int, frames: int, tags: int) -> None:
        self.origins.append(origin)
        self.sizes.append(size)
        self.frames.append(frames)
        self.tags.append(tags)

    def list_rows(self, table: str, values: Iterable[int]) -> Iterator[int]:
        """Yield the value of the event of each row of a table."""
        nested = {"frames": self.frames, "tags": self.tags}
        return repeat_each(values, nested[table]) if table in nested else iter(values)

    def cut_row_groups(self, table: str, packed: bool) -> Iterator[range]:
        layout = TABLES[table].find_layout(packed)
        if table == "payloads":
            return cut_row_groups(layout, self.sizes)
        nested = {"frames": self.frames, "tags": self.tags}
        rows = sum(nested[table]) if table in nested else len(self.origins)
        return cut_row_groups(layout, rows)


def merge_parts(
    root: Path, names: Sequence[str], name: str, first_key: int, packed: bool
) -> Iterator[PartFile]:
    """Stage the events of some parts as one new part, one table after the other.

    first_key: of the events, which are numbered from it. packed: whether to spend time for less
    space. Raises DamagedArchive, StorageFailed.
    """
    order = _Order()
    for event in _merge_order(root, names):
        order.add(*event)
    for table in CARRIED_TABLES:
        runs = [_Run(root, table, run) for run in names]
        pieces = _take_pieces(table, order, runs, first_key, packed)
        part = write_part(root, table, name, pieces, packed)
        yield part
        if table == "frames":
            yield write_frame_counts(root, part)


def _merge_order(root: Path, names: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the run, size, and number of frames and tags of each event, in merged order."""
    runs = [_read_run(root, name, number) for number, name in enumerate(names)]
    for _, event in heapq.merge(*runs, key=itemgetter(0)):
        yield event


def _read_run(
    root: Path, name: str, number: int
) -> Iterator[tuple[tuple[_Key, int], tuple[int, int, int, int]]]:
    owners = _read_rows(root, "payloads", name, ["project_slug", "project_id", "group_id"])
    events = _read_rows(root, "events", name, ["timestamp", "size", "frame_count", "tag_count"])
    for (slug, project, group), (timestamp, *counts) in zip(owners, events, strict=True):
        size, frames, tags = counts
        yield (cluster_key(slug, project, group, timestamp), number), (number, size, frames, tags)


def _read_rows(root: Path, table: str, name: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    for batch in _read_batches(root, part_path(table, name), columns):
        yield from zip(*(list_values(batch[name]) for name in columns), strict=True)


def _take_pieces(
    table: str, order: _Order, runs: list[_Run], first_key: int, packed: bool
) -> Iterator[pa.Table]:
    """Yield the rows of a merged part, one row group at a time."""
    origins = order.list_rows(table, order.origins)
    keys = order.list_rows(table, count(first_key))
    for group in order.cut_row_groups(table, packed):
        group_origins = array("i", islice(origins, len(group)))
        batches: list[pa.RecordBatch] = []
        next_rows: dict[int, count[int]] = {}
        start = 0
        for origin, taken in sorted(Counter(group_origins).items()):
            batches += runs[origin].take(taken)
            next_rows[origin] = count(start)
            start += taken
        rows = array("q", [next(next_rows[origin]) for origin in group_origins])
        data = pa.Table.from_batches(batches).combine_chunks()
        indexes = pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)])
        yield with_event_keys(data.take(indexes), islice(keys, len(group)))


class _Run:
    """A part that is being merged, read from start to end."""

    def __init__(self, root: Path, table: str, name: str) -> None:
        self._root, self._path = root, part_path(table, name)
        read = _read_payloads if table == "payloads" else _read_batches
        self._batches = read(root, self._path)
        self._rest: pa.RecordBatch | None = None

    def take(self, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the next rows of the part, in batches."""
        while rows:
            batch = self._rest or next(self._batches, None)
            if batch is None:
                path, reason = self._root / self._path, "it has fewer rows than its events need"
                raise DamagedArchive(path=path, reason=reason, archive=self._root)
            taken = batch.slice(0, rows)
            self._rest = batch.slice(rows) if len(batch) > rows else None
            rows -= len(taken)
            yield taken


def _read_payloads(root: Path, path: str) -> Iterator[pa.RecordBatch]:
    """Read the payloads of a part one row group at a time, because some may be very large."""
    return (batch for group in read_groups(root, root / path) for batch in group.to_batches())


def _read_batches(
    root: Path, path: str, columns: list[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Read the rows of a part in small batches, because many parts are read at the same time."""
    return read_batches(root, root / path, columns, READ_ROWS, READ_BYTES)
