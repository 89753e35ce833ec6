"""Find the events of a load whose IDs occur more than once, in the load or in the archive.

IDs are compared first, and other columns are read only for those that several events have.
DuckDB bounds the memory and spills to disk.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from archive.storage.manifest import Manifest
from archive.tables.index import OF_EVENTS, IndexEntry, open_index
from archive.tables.parts import BATCH_ROWS, read_batches, read_part
from archive.tables.schema import find_schema
from archive.tables.values import list_values

if TYPE_CHECKING:
    import duckdb

_COLUMNS = ", ".join(IndexEntry._fields)
_COPIED = [
    "received" if name == "delay" else name
    for name in IndexEntry._fields
    if name not in ("part", "row")
]


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged part; `base` plus `order` is the ordinal of each of its events."""

    name: str
    files: Mapping[str, Path]  # by table
    base: int
    order: array[int]


@dataclass(frozen=True, slots=True)
class Conflicts:
    """The events whose IDs are not unique; each iterator can be used once.

    copies: part and row of events of this load that are copies of others. versions: index rows of
    IDs that have several versions, sorted by ID and ordinal. Two values follow the columns of the
    index: the ordinal (-1 for events in the archive), and whether the table `superseded` has the
    version. Times are in microseconds since 1970.
    """

    copies: Iterator[tuple[str, int]]
    versions: Iterator[tuple[Any, ...]]


@contextmanager
def find_conflicts(root: Path, before: Manifest, staged: Sequence[Staged]) -> Iterator[Conflicts]:
    """Compare the events of a load with each other and with those of an archive.

    Copies are found here, in bulk, because a load that repeats an earlier one has nothing else.

    Raises DamagedArchive, StorageFailed.
    """
    with open_index(root, before) as connection:
        _find_ids(connection, staged)
        if not connection.execute("FROM duplicated_ids LIMIT 1").fetchall():
            yield Conflicts(iter(()), iter(()))
            return
        _find_candidates(connection, staged)
        _find_superseded(connection, [root / p.path for p in before.list_parts("superseded")])
        copies = """
            SELECT part, "row" FROM candidates JOIN summaries USING (event_id)
            WHERE versions = 1 AND ordinal >= 0 AND (is_known OR ordinal < last)
        """
        versions = """
            SELECT candidates.* REPLACE (
                replace(candidates.event_id::VARCHAR, '-', '') AS event_id,
                unhex(replace(candidates.digest::VARCHAR, '-', '')) AS digest
            ), EXISTS (
                FROM superseded AS old
                WHERE old.event_id = candidates.event_id AND old.digest = candidates.digest
                AND old.project_id IS NOT DISTINCT FROM candidates.project_id
            )
            FROM candidates JOIN summaries USING (event_id) WHERE versions > 1
            ORDER BY candidates.event_id, ordinal
        """
        yield Conflicts(_stream(connection, copies), _stream(connection, versions))


def _find_ids(connection: duckdb.DuckDBPyConnection, staged: Sequence[Staged]) -> None:
    """Create `duplicated_ids`: IDs of several events, at least one of them in the load."""
    with _register(connection, "staged", _read_staged(staged, ["event_id"])):
        connection.execute("CREATE TABLE fresh AS SELECT event_id::UUID AS event_id FROM staged")
    connection.execute(
        """
        CREATE TABLE duplicated_ids AS
        SELECT event_id FROM fresh GROUP BY event_id HAVING count(*) > 1
        UNION
        SELECT event_id FROM live_entries SEMI JOIN fresh USING (event_id)
        """
    )
    connection.execute("DROP TABLE fresh")


def _find_candidates(connection: duckdb.DuckDBPyConnection, staged: Sequence[Staged]) -> None:
    with _register(connection, "staged", _read_staged(staged, _COPIED)):
        connection.execute(
            f"""
            CREATE TABLE candidates AS
            SELECT {_COLUMNS}, ordinal
            FROM (
                SELECT * REPLACE (
                    event_id::UUID AS event_id,
                    hex(digest)::UUID AS digest,
                    epoch_us(timestamp) AS timestamp
                ), epoch_us(received) - epoch_us(timestamp) AS delay
                FROM staged
            )
            SEMI JOIN duplicated_ids USING (event_id)
            UNION ALL
            SELECT {_COLUMNS}, -1 FROM live_entries SEMI JOIN duplicated_ids USING (event_id)
            """
        )
    connection.execute(
        """
        CREATE TABLE summaries AS
        SELECT event_id, max(ordinal) AS last, min(ordinal) < 0 AS is_known,
               count(DISTINCT (organization_slug, project_slug, project_id, digest)) AS versions
        FROM candidates GROUP BY event_id
        """
    )


def _find_superseded(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    columns = ["event_id", "project_id", "digest"]
    schema = pa.schema([find_schema("superseded").field(name) for name in columns])
    batches = chain.from_iterable(read_batches(path.parent, path, columns) for path in files)
    with _register(connection, "stored", pa.RecordBatchReader.from_batches(schema, batches)):
        connection.execute(
            """
            CREATE TABLE superseded AS
            SELECT event_id, project_id, hex(digest)::UUID AS digest
            FROM (SELECT * REPLACE (event_id::UUID AS event_id) FROM stored)
            SEMI JOIN duplicated_ids USING (event_id)
            """
        )


@contextmanager
def _register(
    connection: duckdb.DuckDBPyConnection, name: str, reader: pa.RecordBatchReader
) -> Iterator[None]:
    """Let DuckDB read batches, and raise what reading them raises.

    DuckDB would turn it, even an interrupt, into an error of its own.
    """
    import duckdb

    raised: list[BaseException] = []

    def read() -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        except BaseException as error:
            raised.append(error)
            raise

    connection.register(name, pa.RecordBatchReader.from_batches(reader.schema, read()))
    try:
        yield
    except duckdb.Error:
        if raised:
            raise raised[0] from None
        raise


def _read_staged(staged: Sequence[Staged], columns: list[str]) -> pa.RecordBatchReader:
    """Read columns of the index from parts, with the part, row and ordinal of each event."""
    tables = ["events" if name in OF_EVENTS else "payloads" for name in columns]
    stored = [find_schema(table).field(name) for table, name in zip(tables, columns, strict=True)]
    added = [("part", pa.string()), ("row", pa.int64()), ("ordinal", pa.int64())]
    schema = pa.schema([*stored, *added])

    def read(part: Staged) -> pa.Table:
        rows = len(part.order)
        ordinals = [part.base + position for position in part.order]
        values = [
            read_part(part.files[table], [name], rows)[name]
            for table, name in zip(tables, columns, strict=True)
        ]
        values += [pa.repeat(part.name, rows), pa.array(range(rows), pa.int64())]
        return pa.table([*values, pa.array(ordinals, pa.int64())], schema=schema)

    batches = chain.from_iterable(read(part).to_batches() for part in staged)
    return pa.RecordBatchReader.from_batches(schema, batches)


def _stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    for batch in connection.sql(query).to_arrow_reader(BATCH_ROWS):
        yield from zip(*map(list_values, batch.columns), strict=True)
