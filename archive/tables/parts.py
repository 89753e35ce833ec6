"""Parts: immutable Parquet files, five of one name holding the same events.

`events` and `payloads` hold them in the same order, row by row; `frames` and `tags` hold their
rows in that order too, `frame_count` and `tag_count` of each event's. So a part can be
rewritten without some of its events, exactly, whatever their IDs. `functions` counts the rows of
`frames`.
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
from archive.storage.checksums import check_bytes, hash_file
from archive.storage.damage import wrap_arrow_errors
from archive.storage.durable import sync_file, wrap_os_errors
from archive.storage.manifest import PartFile
from archive.storage.staging import staged_path
from archive.tables.registry import TABLES
from archive.tables.schema import cut_row_groups, find_schema, with_missing_columns

WRITE_BYTES = 1 << 20  # at a time: PyArrow itself writes each page header alone
BATCH_ROWS = 1 << 16


def write_part(
    root: Path,
    table: str,
    name: str,
    pieces: Iterable[pa.Table],
    level: int = 0,
) -> PartFile:
    """Stage a part: written piece by piece, forced to disk and read back with page checksums.

    It keeps a name that no engine takes for Parquet until `publish` renames it.
    """
    part = PartFile(table, name, 0, "", 0, level=level)
    path = staged_path(root, part)
    rows, ids = 0, list[str]()
    with wrap_os_errors(path):
        path.parent.mkdir(exist_ok=True)
        with (
            pa.output_stream(path, compression=None, buffer_size=WRITE_BYTES) as stream,
            _open_writer(stream, table) as writer,
        ):
            for piece in pieces:
                for group in cut_row_groups(TABLES[table].layout, _measure_rows(piece)):
                    writer.write_table(piece.slice(group.start, len(group)))
                if "event_id" in piece.column_names:
                    extremes: list[str | None] = list(
                        pc.min_max(piece["event_id"]).as_py().values()
                    )
                    ids += filter(None, extremes)
                rows += piece.num_rows
        sync_file(path)
    scan_part(path, rows, root)
    return replace(
        part,
        size=path.stat().st_size,
        sha256=hash_file(path),
        rows=rows,
        min_event_id=min(ids, default=None),
        max_event_id=max(ids, default=None),
    )


def _measure_rows(data: pa.Table) -> list[int] | int:
    """The size of each row's exported JSON; in tables that hold none, how many rows there are."""
    if "raw" not in data.column_names:
        return int(data.num_rows)
    sizes: list[int] = pc.binary_length(data["raw"]).to_pylist()
    return sizes


def read_part(
    path: Path, columns: list[str] | None, rows: int | None = None, root: Path | None = None
) -> pa.Table:
    """Read a part, every page's checksum verified. Raises DamagedArchive."""
    archive = root or path.parent
    with _open_part(archive, path) as part:
        data = with_missing_columns(path.parent.name, part.read(columns), columns)
    if rows is not None:
        _check_rows(path, data.num_rows, rows, archive)
    return data


def scan_part(path: Path, rows: int, root: Path) -> None:
    """Read every page of a part, its checksum verified, and count. Raises DamagedArchive."""
    with _open_part(root, path) as part:
        found = part.scan_contents()
    _check_rows(path, found, rows, root)


def check_part(root: Path, part: PartFile) -> None:
    """Read a part whole: its SHA-256, each page's checksum, its rows. Raises DamagedArchive."""
    check_bytes(root, part)
    scan_part(root / part.path, part.rows, root)


def check_footer(path: Path, rows: int, root: Path) -> None:
    """Look into a part's footer for its number of rows. Raises DamagedArchive."""
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
    """Columns of a part, or all, in pieces of so many rows, where it is too large to be held whole.

    buffer: bytes that are read of it at a time; 0 for all of a column of a row group.
    Raises DamagedArchive.
    """
    with _open_part(root, path, buffer) as part:
        for batch in part.iter_batches(rows, columns=columns, use_threads=False):
            yield with_missing_columns(path.parent.name, batch, columns)


def read_groups(root: Path, path: Path) -> Iterator[pa.Table]:
    """The row groups of a part, one after the other. Raises DamagedArchive."""
    with _open_part(root, path) as part:
        for number in range(part.metadata.num_row_groups):
            yield with_missing_columns(
                path.parent.name, part.read_row_group(number, use_threads=False)
            )


def read_rows(root: Path, path: Path, rows: Iterable[int]) -> Iterator[pa.Table]:
    """Some rows of a part, by row group; only the row groups that have any are read.

    Raises DamagedArchive.
    """
    wanted = sorted(rows)
    start = 0
    with _open_part(root, path) as part:
        for number in range(part.metadata.num_row_groups):
            stop = start + part.metadata.row_group(number).num_rows
            first, last = bisect_left(wanted, start), bisect_left(wanted, stop)
            if first < last:
                group = with_missing_columns(
                    path.parent.name, part.read_row_group(number, use_threads=False)
                )
                yield group.take(pa.array([row - start for row in wanted[first:last]], pa.int64()))
            start = stop


@contextmanager
def _open_part(root: Path, path: Path, buffer: int = 0) -> Iterator[pq.ParquetFile]:
    """A part whose pages are checked when they are read. Raises DamagedArchive."""
    with (
        wrap_arrow_errors(root, path),
        pq.ParquetFile(path, page_checksum_verification=True, buffer_size=buffer) as part,
    ):
        yield part


def _check_rows(path: Path, found: int, expected: int, root: Path) -> None:
    if found != expected:
        reason = f"it has {found:,} rows and should have {expected:,}"
        raise DamagedArchive(path=path, reason=reason, archive=root)


def _open_writer(stream: pa.NativeFile, table: str) -> pq.ParquetWriter:
    layout, schema = TABLES[table].layout, find_schema(table)
    blooms = {"event_id": {"ndv": layout.row_group, "fpp": 0.01}} if layout.bloom else None
    order = [pq.SortingColumn(schema.get_field_index(name)) for name in layout.sorted_by]
    return pq.ParquetWriter(
        stream,
        schema,
        compression="zstd",
        compression_level=layout.level,
        use_dictionary=[name for name in schema.names if name not in layout.plain],
        write_statistics=[name for name in schema.names if name not in layout.opaque],
        sorting_columns=order or None,
        write_page_index=True,
        write_page_checksum=True,
        bloom_filter_options=blooms,
        store_schema=True,
    )
