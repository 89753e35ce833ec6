"""The index: where each event's payload is, sorted by event ID.

It is a projection of the payload parts and can be built from them again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from archive.events.rows import IndexRow
from archive.tables.manifest import PartFile
from archive.tables.parts import read_part, write_part
from archive.tables.schema import find_schema

if TYPE_CHECKING:
    import duckdb

ROWS_PER_PART = 4_000_000
_COPIED = [name for name in IndexRow._fields if name not in ("part", "row")]


def index_payloads(files: Iterable[tuple[str, Path]]) -> pa.Table:
    """Index rows of some payload parts, given as (name of the part, file), in the parts' order."""
    tables = []
    for name, path in files:
        rows = read_part(path, _COPIED)
        part = pa.array([name], pa.string()).take(pa.array([0] * rows.num_rows, pa.int64()))
        rows = rows.append_column("part", part)
        tables.append(rows.append_column("row", pa.array(range(rows.num_rows), pa.int64())))
    schema = find_schema("index")
    return pa.concat_tables([t.cast(schema) for t in tables]) if tables else schema.empty_table()


def write_index(root: Path, name: str, rows: pa.Table) -> list[PartFile]:
    """Stage index parts of some rows, each a range of event IDs of its own."""
    rows = rows.sort_by([("event_id", "ascending"), ("part", "ascending"), ("row", "ascending")])
    return [
        write_part(root, "index", f"{name}-{number:04}", rows.slice(start, ROWS_PER_PART))
        for number, start in enumerate(range(0, rows.num_rows, ROWS_PER_PART), 1)
    ]


def drop_parts(rows: pa.Table, names: Iterable[str]) -> pa.Table:
    """Index rows without those of some payload parts."""
    import pyarrow.compute as pc

    return rows.filter(pc.invert(pc.is_in(rows["part"], pa.array(sorted(names), pa.string()))))


def find_contested(
    connection: duckdb.DuckDBPyConnection, fresh: pa.Table, index_files: Sequence[str]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Candidates whose event ID occurs more than once: (of the archive, of this load).

    fresh: index rows of this load with their reading order as the last column, `ordinal`.
    """
    connection.register("fresh", fresh)
    columns = ", ".join(IndexRow._fields)
    known: list[tuple[Any, ...]] = []
    if index_files:
        known = connection.execute(
            f"SELECT {columns}, -1 FROM read_parquet($files) SEMI JOIN fresh USING (event_id)",
            {"files": list(index_files)},
        ).fetchall()
    contested = {row[0] for row in known}
    repeated = connection.execute(
        "SELECT event_id FROM fresh GROUP BY event_id HAVING count(*) > 1"
    ).fetchall()
    contested.update(row[0] for row in repeated)
    connection.register("contested", pa.table({"event_id": pa.array(sorted(contested))}))
    rivals = connection.execute(
        f"SELECT {columns}, ordinal FROM fresh SEMI JOIN contested USING (event_id)"
    ).fetchall()
    return known, rivals
