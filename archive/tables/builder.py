"""Collect the rows of events until they are staged as a part.

Rows are kept as Arrow, which takes a tenth of the memory of Python objects. The exported JSON is
kept as bytes until it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from pathlib import Path

import pyarrow as pa

from archive.errors import StorageFailed
from archive.events.rows import FlatEvent, PayloadRow, cluster_key
from archive.storage.manifest import PartFile
from archive.tables.frame_counts import count_frames
from archive.tables.keys import repeat_each, with_event_keys
from archive.tables.parts import write_part
from archive.tables.registry import TABLES
from archive.tables.schema import build_table, cut_row_groups
from archive.tables.unnest import BUILDERS

BUFFERED_BYTES = 4 << 20  # of exported JSON whose rows are still Python objects
BUFFERED_EVENTS = 1_000


class Batch:
    """The events of the next part.

    bytes: size of their exported JSON. rows: number of their frames and tags.
    """

    def __init__(self) -> None:
        self._fresh: list[FlatEvent] = []
        self._fresh_bytes = 0
        self._payloads: list[PayloadRow] = []
        self._clusters: list[tuple[str, str, str, int]] = []
        self._built: dict[str, list[pa.Table]] = {table: [] for table in BUILDERS}
        self._nested: dict[str, list[int]] = {"frames": [], "tags": []}
        self.bytes = self.rows = 0

    def __len__(self) -> int:
        return len(self._payloads)

    def add(self, rows: FlatEvent) -> None:
        """Add an event."""
        event, payload = rows.event, rows.payload
        self._payloads.append(payload)
        owner = payload.project_slug, payload.project_id, payload.group_id
        self._clusters.append(cluster_key(*owner, event.timestamp))
        self._nested["frames"].append(event.frame_count)
        self._nested["tags"].append(event.tag_count)
        self.bytes += event.size
        self.rows += event.frame_count + event.tag_count
        self._fresh.append(rows)
        self._fresh_bytes += event.size
        if self._fresh_bytes >= BUFFERED_BYTES or len(self._fresh) == BUFFERED_EVENTS:
            self._build()

    def stage(self, root: Path, name: str, keys: range) -> tuple[list[PartFile], list[int]]:
        """Stage the events as one part of each table, clustered by project, group and time.

        keys: the first of them become the events' keys.

        Returns the parts, and for each of their events its position in the order of `add`.
        Raises StorageFailed.
        """
        if len(keys) < len(self):
            reason = "too many events in one load; load fewer sources at a time"
            raise StorageFailed(path=root, reason=reason)
        self._build()
        order = sorted(range(len(self)), key=self._clusters.__getitem__)
        tables = {table: self._take(table, order, keys) for table in BUILDERS}
        tables["frame_counts"] = count_frames(tables["frames"].to_batches())
        parts = [write_part(root, table, name, [data]) for table, data in tables.items()]
        rows = [self._payloads[row] for row in order]
        for row, key in zip(rows, keys, strict=False):
            row.event_key = key
        payloads = write_part(root, "payloads", name, _build_payloads(rows))
        return [*parts, payloads], order

    def _build(self) -> None:
        if self._fresh:
            for table, build in BUILDERS.items():
                self._built[table].append(build(self._fresh))
            self._fresh, self._fresh_bytes = [], 0

    def _take(self, table: str, order: list[int], keys: range) -> pa.Table:
        """Take the rows of a table, with the events in this order and with these keys."""
        data = pa.concat_tables(self._built[table]).combine_chunks()
        if table not in self._nested:
            return with_event_keys(data.take(pa.array(order, pa.int32())), keys[: len(order)])
        counts = self._nested[table]
        starts = list(accumulate(counts, initial=0))
        rows = chain.from_iterable(range(starts[row], starts[row + 1]) for row in order)
        taken = data.take(pa.array(rows, pa.int32(), size=data.num_rows))
        return with_event_keys(taken, repeat_each(keys, (counts[row] for row in order)))


def _build_payloads(rows: Sequence[PayloadRow]) -> Iterator[pa.Table]:
    """Build one table per row group: a single table would double the memory."""
    for group in cut_row_groups(TABLES["payloads"].layout, [len(row.raw) for row in rows]):
        yield build_table("payloads", rows[group.start : group.stop])
