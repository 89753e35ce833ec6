"""SQL over the live parts of an archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedArchive, InvalidQuery
from archive.events.rows import list_columns
from archive.tables.manifest import KnownProject, Load, Manifest

if TYPE_CHECKING:
    import duckdb

BATCH = 1024
_SQL_TYPES = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "timestamp": "TIMESTAMPTZ",
    "digest": "BLOB",
    "binary": "BLOB",
}
_PARAMETERS = dict[str, Any] | Sequence[Any] | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a query gives: names and DuckDB types of its columns, and its rows, once."""

    columns: list[str]
    types: list[str]
    rows: Iterator[tuple[Any, ...]]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self.rows

    def dicts(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


def find_sql() -> Path:
    """The directory of views and reports: inside the installed package, or beside it."""
    installed = Path(str(files("archive"))) / "sql"
    return installed if installed.is_dir() else installed.parent.parent / "sql"


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that reckons in UTC and fetches nothing from anywhere."""
    import duckdb

    return duckdb.connect(
        config={
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
            "parquet_metadata_cache": True,
        }
    )


def create_views(connection: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest) -> None:
    """Make the views of `sql/views.sql` over exactly the parts that the manifest lists.

    Raises DamagedArchive where a part is missing or has another size than it should.
    """
    check_parts(root, manifest)
    connection.execute("CREATE SCHEMA parts")
    for table in ("events", "frames", "tags", "payloads", "sources"):
        connection.execute(f"CREATE VIEW parts.{table} AS {_select_parts(root, manifest, table)}")
    _create_listing(connection, "projects", KnownProject, manifest.projects)
    connection.execute(
        "ALTER TABLE parts.projects ALTER project_id TYPE BIGINT "
        "USING try_cast(project_id AS BIGINT)"
    )
    _create_listing(connection, "loads", Load, manifest.loads)
    for column in ("started", "finished"):
        connection.execute(f"ALTER TABLE parts.loads ALTER {column} TYPE TIMESTAMPTZ")
    connection.execute((find_sql() / "views.sql").read_text())


def run_query(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, Any] | Sequence[Any] | None = None,
) -> Result:
    """Run SQL with bound parameters. Raises InvalidQuery with DuckDB's own explanation."""
    import duckdb

    cursor = connection.cursor()
    try:
        cursor.execute(query, parameters)
    except duckdb.IOException as error:
        raise InvalidQuery(reason=str(error)) from error
    except duckdb.Error as error:
        raise InvalidQuery(reason=str(error)) from error
    described = cursor.description or []
    names, types = [str(column[0]) for column in described], [str(c[1]) for c in described]
    return Result(names, types, _fetch(cursor))


def check_parts(root: Path, manifest: Manifest) -> None:
    """Look that every part is there with its size. Raises DamagedArchive."""
    for part in manifest.parts:
        path = root / part.path
        try:
            size = path.stat().st_size
        except OSError as error:
            raise DamagedArchive(path=path, reason="part is missing", archive=root) from error
        if size != part.size:
            reason = f"part has {size:,} bytes and should have {part.size:,}"
            raise DamagedArchive(path=path, reason=reason, archive=root)


def read_parquet(paths: Sequence[str]) -> str:
    """The SQL that reads these files."""
    listed = ", ".join("'{}'".format(path.replace("'", "''")) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"


@contextmanager
def report_damage(root: Path, path: Path) -> Iterator[None]:
    """Turn what DuckDB says of an unreadable part into DamagedArchive."""
    import duckdb

    try:
        yield
    except (duckdb.Error, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedArchive(path=path, reason=reason, archive=root) from error


def _fetch(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    import duckdb

    try:
        while rows := cursor.fetchmany(BATCH):
            yield from rows
    except duckdb.Error as error:
        raise InvalidQuery(reason=str(error)) from error


def _select_parts(root: Path, manifest: Manifest, table: str) -> str:
    columns = list_columns(table)
    parts = manifest.list_parts(table)
    if not parts:
        typed = ", ".join(f"NULL::{_SQL_TYPES[c.type]} AS {name}" for name, c in columns.items())
        return f"SELECT {typed} LIMIT 0"
    return f"SELECT * FROM {read_parquet([str(root / part.path) for part in parts])}"


def _create_listing(
    connection: duckdb.DuckDBPyConnection, name: str, kind: type[Any], rows: Sequence[Any]
) -> None:
    """A small table of what the manifest itself holds."""
    columns = {field.name: "BIGINT" if field.type == "int" else "VARCHAR" for field in fields(kind)}
    typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"CREATE TABLE parts.{name} ({typed})")
    if rows:
        marks = ", ".join("?" * len(columns))
        values = [[getattr(row, column) for column in columns] for row in rows]
        connection.executemany(f"INSERT INTO parts.{name} VALUES ({marks})", values)
