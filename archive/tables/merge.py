"""Merge parts into fewer and larger ones: what lay apart lies together, and compresses better.

Every part is clustered by project, group and time, so that parts can be merged as sorted runs:
memory is bounded by the size of one merged part, however much is merged.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.events.rows import cluster
from archive.tables.damage import report_damage
from archive.tables.manifest import PartFile
from archive.tables.parts import read_batches, read_part, write_part
from archive.tables.schema import LAYOUTS, complete, cut_row_groups, measure_rows

MERGED_BYTES = 128 << 20  # of exported JSON, in one merged part
LEVEL = 9

_Place = tuple[int, int]  # which of the merged parts, and the row in it


@dataclass(slots=True)
class _Chunk:
    """Events that become one part, in their order there."""

    places: list[_Place] = field(default_factory=list)
    bytes: int = 0


def merge_parts(root: Path, names: Sequence[str], prefix: str) -> Iterator[list[PartFile]]:
    """Stage the events of some parts as new parts, four tables each.

    Those that are full have `level` 1: merging them again would gain nothing.
    """
    for number, chunk in enumerate(_cut(_merge_order(root, names)), 1):
        level = 1 if chunk.bytes >= MERGED_BYTES else 0
        yield list(_write_chunk(root, names, chunk, f"{prefix}-{number:04}", level))


def _merge_order(root: Path, names: Sequence[str]) -> Iterator[tuple[_Place, int]]:
    """Where each event is, in the order of the merged parts, and the size of its JSON."""
    runs = [_read_run(root, name, number) for number, name in enumerate(names)]
    for _, place, size in heapq.merge(*runs, key=itemgetter(0, 1)):
        yield place, size


def _read_run(
    root: Path, name: str, number: int
) -> Iterator[tuple[tuple[str, str, str, int], _Place, int]]:
    columns = ["project_slug", "project_id", "group_id", "timestamp"]
    payloads = _read_rows(root, _path(root, "payloads", name), columns)
    sizes = _read_rows(root, _path(root, "events", name), ["size"])
    for row, (key, (size,)) in enumerate(zip(payloads, sizes, strict=True)):
        yield cluster(*key), (number, row), size


def _read_rows(root: Path, path: Path, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    for batch in read_batches(root, path, columns):
        values = [
            column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
            for column in (batch[name] for name in columns)
        ]
        yield from zip(*(column.to_pylist() for column in values), strict=True)


def _cut(order: Iterable[tuple[_Place, int]]) -> Iterator[_Chunk]:
    chunk = _Chunk()
    for place, event_bytes in order:
        chunk.places.append(place)
        chunk.bytes += event_bytes
        if chunk.bytes >= MERGED_BYTES:
            yield chunk
            chunk = _Chunk()
    if chunk.places:
        yield chunk


def _write_chunk(
    root: Path, names: Sequence[str], chunk: _Chunk, name: str, level: int
) -> Iterator[PartFile]:
    ranges = _find_ranges(chunk.places)
    order = _number_rows(chunk.places, ranges)
    counts = {number: _count_nested(root, names[number]) for number in ranges}
    for table in ("events", "payloads"):
        rows = [_read_range(root, _path(root, table, names[n]), r) for n, r in ranges.items()]
        yield _write(root, table, name, rows, order, level)
    for table in ("frames", "tags"):
        starts = {n: list(accumulate(counts[n][table], initial=0)) for n in ranges}
        rows = [
            _read_range(
                root, _path(root, table, names[n]), range(starts[n][r.start], starts[n][r.stop])
            )
            for n, r in ranges.items()
        ]
        nested = [counts[n][table][row] for n, r in ranges.items() for row in r]
        begins = list(accumulate(nested, initial=0))
        inner = chain.from_iterable(range(begins[at], begins[at + 1]) for at in order)
        yield _write(root, table, name, rows, list(inner), level)


def _find_ranges(places: list[_Place]) -> dict[int, range]:
    """The rows of each part that are in a chunk: a run of them, as the parts are sorted."""
    rows: dict[int, list[int]] = {}
    for number, row in places:
        rows.setdefault(number, []).append(row)
    return {number: range(found[0], found[-1] + 1) for number, found in sorted(rows.items())}


def _number_rows(places: list[_Place], ranges: dict[int, range]) -> list[int]:
    """For each event of a chunk its row in the ranges, one after the other."""
    bases = dict(zip(ranges, accumulate(map(len, ranges.values()), initial=0), strict=False))
    return [bases[number] + row - ranges[number].start for number, row in places]


def _count_nested(root: Path, name: str) -> dict[str, list[int]]:
    counts = read_part(_path(root, "events", name), ["frame_count", "tag_count"], root=root)
    return {
        "frames": counts["frame_count"].to_pylist(),
        "tags": counts["tag_count"].to_pylist(),
    }


def _read_range(root: Path, path: Path, rows: range) -> pa.Table:
    """Some rows of a part, by way of the row groups that they are in."""
    with report_damage(root, path), pq.ParquetFile(path, page_checksum_verification=True) as part:
        sizes = [part.metadata.row_group(n).num_rows for n in range(part.metadata.num_row_groups)]
        starts = list(accumulate(sizes, initial=0))
        groups = [
            n for n in range(len(sizes)) if starts[n] < rows.stop and starts[n + 1] > rows.start
        ]
        data = complete(path.parent.name, part.read_row_groups(groups, use_threads=False))
        if not groups:
            return data
        return data.slice(rows.start - starts[groups[0]], len(rows))


def _write(
    root: Path, table: str, name: str, rows: list[pa.Table], order: list[int], level: int
) -> PartFile:
    data = pa.concat_tables(rows).combine_chunks()
    rows.clear()  # the parts as they were are not needed beside their copy
    sizes = measure_rows(data)
    ordered = [sizes[row] for row in order] if isinstance(sizes, list) else len(order)
    groups = cut_row_groups(LAYOUTS[table], ordered)
    pieces = (data.take(pa.array(order[group.start : group.stop], pa.int64())) for group in groups)
    return write_part(root, table, name, pieces, LEVEL, level)


def _path(root: Path, table: str, name: str) -> Path:
    return root / table / f"{name}.parquet"
