"""Run read-only queries over the views of an archive."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedArchive, InvalidQuery, QueryStopped
from archive.query.bounds import Bounds, Watch
from archive.query.connection import connect
from archive.query.filesystem import PROTOCOL, ArchiveFiles
from archive.query.sandbox import allow, explain_refusal
from archive.query.search.conditions import Condition
from archive.query.user_files import UserFile
from archive.query.views import create_views, restrict_views
from archive.storage.manifest import Manifest
from archive.storage.temporary import make_temporary_directory
from archive.tables.sql import quote

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATCH = 1024
MESSAGE_CHARS = 1_000
ARROW_BATCH = 65_536
Parameters = Mapping[str, Any] | Sequence[Any] | None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a query: the names and DuckDB types of its columns, and its rows.

    rows: can be read once. open_arrow: returns the rows as Arrow batches instead. It runs the query
    again, because DuckDB streams rows and Arrow in different ways.
    """

    columns: list[str]
    types: list[str]
    rows: Iterator[tuple[Any, ...]]
    open_arrow: Callable[[], pa.RecordBatchReader]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self.rows

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield the rows as dictionaries."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


class Database:
    """The state of an archive in SQL. It does not change when other processes commit.

    DuckDB does not verify checksums of Parquet, so the SHA-256 of a part is checked when a query
    opens it: the first time, when its file has changed, and once an hour.
    """

    def __init__(
        self,
        root: Path,
        manifest: Manifest,
        files: Mapping[str, str | Path] | None = None,
        unsafe: bool = False,
        bounds: Bounds | None = None,
        selected: Condition | None = None,
    ) -> None:
        """Create the views; without `unsafe`, queries can only read the archive and `files`.

        files: CSV, JSON or Parquet files to query as tables, by name.
        selected: what the events of the views have in common; all events without it.

        Raises DamagedArchive if a part is missing or cannot be opened, InvalidParameter if a file
        cannot be read as a table.
        """
        self._unsafe, self._bounds = unsafe, bounds or Bounds()
        given = [UserFile.find(name, path) for name, path in (files or {}).items()]
        self._files = ArchiveFiles(root, manifest.parts)
        self._connection = connect()
        self._connection.register_filesystem(self._files)
        with self._explain():
            create_views(self._connection, root, manifest)
        self._files.trusting = False
        self._bounds.apply(self._connection)
        spill = make_temporary_directory(self._connection)
        self._connection.execute(f"SET temp_directory = {quote(str(spill))}")
        for file in given:
            self._watch(self._connection).run(partial(file.read, self._connection))
        if selected is not None:
            with self._explain():
                restrict = partial(restrict_views, self._connection, manifest, selected)
                self._watch(self._connection).run(restrict)
        if not unsafe:
            self._lock()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection."""
        return self._connection

    def run(self, query: str, parameters: Parameters = None) -> Result:
        """Run SQL with bound parameters.

        Raises InvalidQuery with DuckDB's message, NotAllowed if the query does more than read,
        QueryStopped if it exceeds its bounds, and DamagedArchive if a part of its data is damaged.
        """
        _check_text(query)
        with self._explain():
            cursor = self._start(query)
            watch = self._watch(cursor)
            watch.run(partial(cursor.execute, query, parameters))
        described = cursor.description
        if described is None:
            raise InvalidQuery(reason="there is no SQL in the query")
        names = _make_unique([str(column[0]) for column in described])
        types = [str(column[1]) for column in described]
        open_arrow = partial(self._open_arrow, cursor, query, parameters, names)
        return Result(names, types, self._fetch(cursor, watch), open_arrow)

    def close(self) -> None:
        self._connection.close()

    def _lock(self) -> None:
        """Bar files, the network and extensions for good, except for our own file system."""
        self._connection.execute(f"SET allowed_directories = ['{PROTOCOL}://']")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET python_enable_replacements = false")
        self._connection.execute("SET lock_configuration = true")

    def _start(self, query: str) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        if not self._unsafe:
            allow(self._connection, query)
            cursor.execute("BEGIN TRANSACTION READ ONLY")
        return cursor

    def _watch(self, connection: duckdb.DuckDBPyConnection) -> Watch:
        return Watch(connection, self._bounds.timeout)

    def _fetch(self, cursor: duckdb.DuckDBPyConnection, watch: Watch) -> Iterator[tuple[Any, ...]]:
        while True:
            with self._explain():
                rows = watch.run(partial(cursor.fetchmany, BATCH))
            if not rows:
                return
            yield from rows

    def _open_arrow(
        self,
        cursor: duckdb.DuckDBPyConnection,
        query: str,
        parameters: Parameters,
        names: list[str],
    ) -> pa.RecordBatchReader:
        import pyarrow as pa

        watch = self._watch(cursor)
        with self._explain():
            if self._unsafe:  # a query that writes must not run twice
                with warnings.catch_warnings(action="ignore"):
                    table: pa.Table = watch.run(cursor.to_arrow_table)
                batches = table.to_reader()
            else:
                cursor = self._start(query)
                watch = self._watch(cursor)
                batches = watch.run(
                    lambda: cursor.sql(query, params=parameters).to_arrow_reader(ARROW_BATCH)
                )
        schema = pa.schema(map(pa.Field.with_name, batches.schema, names))
        return pa.RecordBatchReader.from_batches(schema, self._fetch_batches(batches, names, watch))

    def _fetch_batches(
        self, reader: pa.RecordBatchReader, names: list[str], watch: Watch
    ) -> Iterator[pa.RecordBatch]:
        while True:
            with self._explain():
                batch = watch.run(lambda: next(reader, None))
            if batch is None:
                return
            yield batch.rename_columns(names)

    @contextmanager
    def _explain(self) -> Iterator[None]:
        """Tell a query that is wrong, or does too much, from an archive that is damaged."""
        import duckdb

        try:
            yield
        except DamagedArchive:
            raise
        except (duckdb.Error, UnicodeDecodeError, PermissionError) as error:
            damage = self._files.take_damage()
            if damage:
                raise damage from error
            if isinstance(error, duckdb.OutOfMemoryException):
                reason = f"it needs more than {self._bounds.describe_space()}"
                raise QueryStopped(reason=reason) from error
            refusal = None if self._unsafe else explain_refusal(error)
            if refusal:
                raise refusal from error
            self._files.check_opened()  # a damaged footer may name other columns
            raise InvalidQuery(reason=_shorten(str(error))) from error


def _check_text(query: object) -> None:
    """Raise InvalidQuery if the query is not text that DuckDB can read."""
    if not isinstance(query, str):
        raise InvalidQuery(reason=f"the query is not text but {type(query).__name__}")
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise InvalidQuery(reason="the query is not UTF-8") from error


def _shorten(text: str) -> str:
    """Shorten the middle of a message: DuckDB quotes values whole, even payloads."""
    if len(text) <= MESSAGE_CHARS:
        return text
    half = MESSAGE_CHARS // 2
    return f"{text[:half]} … {text[-half:]}"


def _make_unique(names: list[str]) -> list[str]:
    """Number columns of the same name: a, a_1, a_2."""
    result: list[str] = []
    for name in names:
        number, unique = 0, name
        while unique in result:
            number += 1
            unique = f"{name}_{number}"
        result.append(unique)
    return result
