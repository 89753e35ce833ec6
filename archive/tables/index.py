"""The index: where each event's payload is, sorted by event ID.

It is a projection of the payload parts and can be built from them again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archive.events.rows import list_columns
from archive.tables.files import check_bytes
from archive.tables.manifest import PartFile
from archive.tables.parts import read_part, write_part
from archive.tables.schema import find_schema
from archive.tables.sql import select_parts

if TYPE_CHECKING:
    import duckdb

ROWS_PER_PART = 1_000_000
_SORTER: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    "TimeZone": "UTC",
    "autoinstall_known_extensions": False,
}
_COLUMNS = tuple(list_columns("index"))
_COPIED = [name for name in _COLUMNS if name not in ("part", "row")]


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


def select_payloads(files: str) -> str:
    """The SQL for payloads with the names of their parts, and where in these they stand."""
    place = ", split_part(parse_filename(filename), '.', 1) AS part, file_row_number AS row"
    return select_parts("payloads", files, place)


def find_stale(root: Path, index: Iterable[PartFile], replaced: Iterable[str]) -> list[PartFile]:
    """Those of the index parts that name one of these payload parts."""
    names = pa.array(sorted(replaced), pa.string())
    if not len(names):
        return []
    return [part for part in index if _names_any(root / part.path, names)]


def merge_index(
    root: Path,
    name: str,
    payloads: Sequence[Path],
    index: Sequence[PartFile],
    replaced: Iterable[str],
) -> list[PartFile]:
    """Stage an index of some payload files and of what index parts have, each part a range.

    replaced: payload parts that are no more; their rows are left out. DuckDB sorts, on disk where
    memory does not suffice. It checks no pages, so the old files' own checksums are checked first.
    """
    for part in index:
        check_bytes(root, part)
    selects = []
    if index:
        selects.append(
            f"SELECT {', '.join(_COLUMNS)} "
            f"FROM ({select_parts('index', '$index')}) WHERE NOT list_contains($replaced, part)"
        )
    if payloads:
        selects.append(f"SELECT {', '.join(_COLUMNS)} FROM ({select_payloads('$payloads')})")
    values = {
        "index": [str(root / part.path) for part in index],
        "replaced": sorted(replaced),
        "payloads": [str(path) for path in payloads],
    }
    query = f"{' UNION ALL '.join(selects)} ORDER BY event_id, part, row"
    used = {key: value for key, value in values.items() if f"${key}" in query}
    return list(_write_sorted(root, name, query, used)) if selects else []


def _write_sorted(
    root: Path, name: str, query: str, values: dict[str, list[str]]
) -> Iterator[PartFile]:
    import duckdb

    with TemporaryDirectory() as spill, duckdb.connect(config=_SORTER) as connection:
        connection.execute("SET temp_directory = $spill", {"spill": spill})
        reader = connection.sql(query, params=values).to_arrow_reader(1 << 17)
        batches = (pa.Table.from_batches([batch]).cast(find_schema("index")) for batch in reader)
        for number in count(1):
            piece = _take_rows(batches, ROWS_PER_PART)
            if not piece:
                return
            yield write_part(root, "index", f"{name}-{number:04}", piece)


def _take_rows(batches: Iterator[pa.Table], rows: int) -> list[pa.Table]:
    taken: list[pa.Table] = []
    while sum(map(len, taken)) < rows and (batch := next(batches, None)) is not None:
        taken.append(batch)
    return taken


def _names_any(path: Path, names: pa.Array) -> bool:
    return bool(pc.any(pc.is_in(read_part(path, ["part"])["part"], names)).as_py())


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
    columns = ", ".join(_COLUMNS)
    connection.register("fresh", fresh)
    connection.execute(f"CREATE TABLE candidates AS SELECT {columns}, ordinal FROM fresh")
    if index_files:
        connection.execute(
            f"INSERT INTO candidates SELECT {columns}, -1 "
            f"FROM ({select_parts('index', '$files')}) SEMI JOIN fresh USING (event_id)",
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
