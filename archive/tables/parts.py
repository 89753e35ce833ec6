"""Read and write parts: immutable Parquet files, five of one name holding the same events.

`events` and `payloads` have one row per event, in the same order. `frames` and `tags` have
`frame_count` and `tag_count` rows per event, in that order too, so that a part can be rewritten
without some of its events. `frame_counts` counts the rows of `frames`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from archive.errors import DamagedArchive
from archive.storage.checksums import check_bytes
from archive.storage.damage import wrap_arrow_errors
from archive.storage.durable import wrap_os_errors
from archive.storage.manifest import PARQUET, PartFile
from archive.storage.staging import measure_staged, prepare_staged, staged_path
from archive.tables.index import TABLE as INDEX
from archive.tables.index import check_index
from archive.tables.registry import EVENT_TABLES, TABLES, Layout
from archive.tables.schema import cut_row_groups, find_schema

WRITE_BYTES = 1 << 20  # unbuffered, PyArrow writes each page header separately
BATCH_ROWS = 1 << 16
_ENCODINGS = {
    pa.int64(): "DELTA_BINARY_PACKED",
    pa.timestamp("us", tz="UTC"): "DELTA_BINARY_PACKED",
    pa.string(): "DELTA_LENGTH_BYTE_ARRAY",
}


def write_part(
    root: Path,
    table: str,
    name: str,
    pieces: Iterable[pa.Table],
    packed: bool = False,
) -> PartFile:
    """Stage a part: write it piece by piece, flush it to disk and read it back.

    packed: whether to take the table's packed layout, if it has one.

    Until `publish` renames it, it has a name that no engine takes for Parquet.
    Raises StorageFailed, DamagedArchive.
    """
    layout = TABLES[table].find_layout(packed)
    part = PartFile(table, name, 0, "", 0, packed=layout is TABLES[table].packed)
    path = staged_path(root, part)
    rows, ids = 0, list[str]()
    with wrap_os_errors(path):
        prepare_staged(root, part)
        with (
            pa.output_stream(path, compression=None, buffer_size=WRITE_BYTES) as stream,
            _open_writer(stream, table, layout) as writer,
        ):
            for piece in pieces:
                for group in cut_row_groups(layout, _measure_rows(piece)):
                    writer.write_table(piece.slice(group.start, len(group)))
                if "event_id" in piece.column_names and table not in EVENT_TABLES:
                    extremes: list[str | None] = list(
                        pc.min_max(piece["event_id"]).as_py().values()
                    )
                    ids += filter(None, extremes)
                rows += piece.num_rows
        part = measure_staged(root, part)
    scan_part(path, rows, root)
    return replace(
        part, rows=rows, min_event_id=min(ids, default=None), max_event_id=max(ids, default=None)
    )


def _measure_rows(data: pa.Table) -> list[int] | int:
    """Return the size of each row's exported JSON, or without such a column the number of rows."""
    if "raw" not in data.column_names:
        return int(data.num_rows)
    sizes: list[int] = pc.binary_length(data["raw"]).to_pylist()
    return sizes


def read_part(
    path: Path, columns: list[str] | None, rows: int | None = None, root: Path | None = None
) -> pa.Table:
    """Read a part and verify its page checksums. Raises DamagedArchive."""
    archive = root or path.parent
    with _open_part(archive, path) as part:
        data = part.read(columns)
    if rows is not None:
        _check_rows(path, data.num_rows, rows, archive)
    return data


def scan_part(path: Path, rows: int, root: Path) -> None:
    """Verify the page checksums and the number of rows of a part. Raises DamagedArchive."""
    with _open_part(root, path) as part:
        found = part.scan_contents()
    _check_rows(path, found, rows, root)


def check_part(root: Path, part: PartFile) -> None:
    """Verify a part's SHA-256, and those of a table its checksums within and number of rows.

    Raises DamagedArchive.
    """
    check_bytes(root, part)
    if part.table == INDEX:
        check_index(root, root / part.path, part)
    elif part.suffix == PARQUET:
        scan_part(root / part.path, part.rows, root)


def check_footer(path: Path, rows: int, root: Path) -> None:
    """Verify the number of rows in a part's footer. Raises DamagedArchive."""
    with wrap_arrow_errors(root, path):
        found = pq.read_metadata(path).num_rows
    _check_rows(path, found, rows, root)


def read_batches(
    root: Path,
    path: Path,
    columns: list[str] | None = None,
    rows: int = BATCH_ROWS,
    buffer: int = 0,
) -> Iterator[pa.RecordBatch]:
    """Read columns of a part, or all of them, in batches.

    rows: of a batch. buffer: bytes to read at a time; 0 reads a whole column of a row group.
    Raises DamagedArchive.
    """
    with _open_part(root, path, buffer) as part:
        for batch in part.iter_batches(rows, columns=columns, use_threads=False):
            yield batch if columns is None else batch.select(columns)


def read_groups(root: Path, path: Path) -> Iterator[pa.Table]:
    """Read the row groups of a part, one after the other. Raises DamagedArchive."""
    with _open_part(root, path) as part:
        for number in range(part.metadata.num_row_groups):
            yield part.read_row_group(number, use_threads=False)


def read_rows(
    root: Path, path: Path, rows: Iterable[int], columns: list[str] | None = None
) -> Iterator[pa.Table]:
    """Read columns of some rows of a part, from only those row groups that contain any.

    Raises DamagedArchive.
    """
    rows = sorted(rows)
    start = 0
    with _open_part(root, path) as part:
        for number in range(part.metadata.num_row_groups):
            stop = start + part.metadata.row_group(number).num_rows
            first, last = bisect_left(rows, start), bisect_left(rows, stop)
            if first < last:
                group = part.read_row_group(number, columns, use_threads=False)
                yield group.take(pa.array([row - start for row in rows[first:last]], pa.int64()))
            start = stop


@contextmanager
def _open_part(root: Path, path: Path, buffer: int = 0) -> Iterator[pq.ParquetFile]:
    """Open a part to verify its page checksums as it is read. Raises DamagedArchive."""
    with (
        wrap_arrow_errors(root, path),
        pq.ParquetFile(path, page_checksum_verification=True, buffer_size=buffer) as part,
    ):
        yield part


def _check_rows(path: Path, found: int, expected: int, root: Path) -> None:
    if found != expected:
        reason = f"it has {found:,} rows and should have {expected:,}"
        raise DamagedArchive(path=path, reason=reason, archive=root)


def _open_writer(stream: pa.NativeFile, table: str, layout: Layout) -> pq.ParquetWriter:
    schema = find_schema(table)
    blooms = {"event_id": {"ndv": layout.bloom, "fpp": 0.01}} if layout.bloom else None
    order = [pq.SortingColumn(schema.get_field_index(name)) for name in layout.sorted_by]
    return pq.ParquetWriter(
        stream,
        schema,
        compression="zstd",
        compression_level=layout.level,
        use_dictionary=[name for name in schema.names if name not in layout.distinct],
        column_encoding={
            name: _ENCODINGS.get(schema.field(name).type, "PLAIN") for name in layout.distinct
        },
        write_statistics=[name for name in schema.names if name not in layout.opaque],
        sorting_columns=order or None,
        write_page_index=layout.row_group_bytes is None,  # others have one page per column
        write_page_checksum=True,
        bloom_filter_options=blooms,
        store_schema=True,
    )
