"""The index: where each event's payload is, sorted by event ID.

It is a projection of the payload parts and can be built from them again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
        write_part(root, "index", f"{name}-{number:04}", [rows.slice(start, ROWS_PER_PART)])
        for number, start in enumerate(range(0, rows.num_rows, ROWS_PER_PART), 1)
    ]


def drop_parts(rows: pa.Table, names: Iterable[str]) -> pa.Table:
    """Index rows without those of some payload parts."""
    import pyarrow.compute as pc

    return rows.filter(pc.invert(pc.is_in(rows["part"], pa.array(sorted(names), pa.string()))))


@dataclass(frozen=True, slots=True)
class Contest:
    """What a load brought that the archive, or the load itself, has of the same event ID.

    copies: rows of this load's parts that are mere copies. versions: index rows, with when they
    were read as a last member (-1 for those of the archive), of IDs that have several versions.
    uncontested: how many rows of the load nothing else has the ID of, copies of them apart.
    """

    copies: dict[str, list[int]]
    versions: list[tuple[Any, ...]]
    uncontested: int


def find_contest(
    connection: duckdb.DuckDBPyConnection, fresh: pa.Table, index_files: Sequence[str]
) -> Contest:
    """Compare the index rows of a load, their reading order last, with each other and the index.

    Copies are told apart here, in bulk: a load that repeats an earlier one has nothing else.
    """
    columns = ", ".join(IndexRow._fields)
    connection.register("fresh", fresh)
    connection.execute(f"CREATE TABLE candidates AS SELECT {columns}, ordinal FROM fresh")
    if index_files:
        connection.execute(
            f"INSERT INTO candidates SELECT {columns}, -1 "
            "FROM read_parquet($files) SEMI JOIN fresh USING (event_id)",
            {"files": list(index_files)},
        )
    connection.execute(
        """
        CREATE TABLE contests AS
        SELECT event_id, max(ordinal) AS last, min(ordinal) < 0 AS is_known,
               count(DISTINCT (organization_slug, project_slug, project_id, digest)) AS versions
        FROM candidates GROUP BY event_id HAVING count(*) > 1
        """
    )
    copies = connection.execute(
        """
        SELECT part, list(row) FROM candidates JOIN contests USING (event_id)
        WHERE versions = 1 AND ordinal >= 0 AND (is_known OR ordinal < last) GROUP BY part
        """
    ).fetchall()
    versions = connection.execute(
        "SELECT candidates.* FROM candidates JOIN contests USING (event_id) WHERE versions > 1"
    ).fetchall()
    copied = dict(copies)
    contested = sum(1 for row in versions if row[-1] >= 0)
    uncontested = fresh.num_rows - contested - sum(map(len, copied.values()))
    return Contest(copied, versions, uncontested)
