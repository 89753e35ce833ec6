"""The views of an archive, and queries over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import InvalidQuery
from archive.query.connection import connect
from archive.query.views import create_views
from archive.tables.files import check_bytes
from archive.tables.manifest import Manifest

if TYPE_CHECKING:
    import duckdb

BATCH = 1024
Parameters = Mapping[str, Any] | Sequence[Any] | None


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


class Database:
    """The state of an archive in SQL; it stays the state that it was made at."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        """Raises DamagedArchive where a part is missing or cannot be opened."""
        self._root, self._manifest = root, manifest
        self._connection = connect()
        with self._explain():
            create_views(self._connection, root, manifest)

    def run(self, query: str, parameters: Parameters = None) -> Result:
        """Run SQL with bound parameters.

        Raises InvalidQuery with DuckDB's own explanation, DamagedArchive where the query failed
        because a part is damaged. A damaged part in which DuckDB notices nothing is found by
        `verify` only: DuckDB does not check the checksums of Parquet's pages.
        """
        cursor = self._connection.cursor()
        with self._explain():
            cursor.execute(query, parameters)
        described = cursor.description
        if described is None:
            raise InvalidQuery(reason="there is no SQL in the query")
        names = _tell_apart([str(column[0]) for column in described])
        return Result(names, [str(column[1]) for column in described], self._fetch(cursor))

    def close(self) -> None:
        self._connection.close()

    def _fetch(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
        while True:
            with self._explain():
                rows = cursor.fetchmany(BATCH)
            if not rows:
                return
            yield from rows

    @contextmanager
    def _explain(self) -> Iterator[None]:
        """Tell a query that is wrong from an archive that is damaged."""
        import duckdb

        theirs = duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException
        try:
            yield
        except theirs as error:
            raise InvalidQuery(reason=str(error)) from error
        except (duckdb.Error, UnicodeDecodeError) as error:
            self._find_damage()
            raise InvalidQuery(reason=str(error)) from error

    def _find_damage(self) -> None:
        for part in self._manifest.parts:
            check_bytes(self._root, part)


def _tell_apart(names: list[str]) -> list[str]:
    """Number the columns that have the name of one before them: a, a_1, a_2."""
    told: list[str] = []
    for name in names:
        number, unique = 0, name
        while unique in told:
            number += 1
            unique = f"{name}_{number}"
        told.append(unique)
    return told
