"""Look up events by ID: in the index first, then their payloads.

DuckDB finds events, and reads the first few payloads. A process that reads more imports PyArrow for
them: the import takes as long as some fifty payloads, and each is then read in a fifth of the time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from archive.errors import DamagedArchive
from archive.storage.manifest import Manifest, part_path
from archive.tables.index import TABLE, IndexEntry, attach_index, wrap_index_errors
from archive.tables.sql import read_sql

if TYPE_CHECKING:
    from archive.tables.payloads import PayloadFiles

FEW_IDS = 32  # are looked up one by one; more of them in one pass over the index
FEW_READS = 16  # of payloads by DuckDB
MEMORY = "256MB"


class Lookup:
    """Looks up events in the state of a manifest; it can be shared between threads."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        """Raises DamagedArchive."""
        self._root = root
        self._index = manifest.list_parts(TABLE)
        self._parts = {part.name for part in manifest.list_parts("payloads")}
        self._connection = duckdb.connect(
            config={"threads": 1, "memory_limit": MEMORY, "temp_directory": ""}
        )
        self._of_thread = threading.local()
        self._reads = 0
        self._files: PayloadFiles | None = None
        with wrap_index_errors(root, self._index):
            attach_index(self._connection, root, self._index)
        extract = self._connection.extract_statements
        find_one, self._find_many, self._read = extract(read_sql("resolve.sql"))
        (self._find_one,) = extract(_spell_out(find_one.query, len(self._index)))

    def find(self, event_ids: Iterable[str]) -> list[IndexEntry]:
        """Find the index entries of event IDs. Raises DamagedArchive."""
        ids = list(event_ids)
        with wrap_index_errors(self._root, self._index):
            if len(ids) > FEW_IDS:
                rows = self._run(self._find_many, {"event_ids": ids})
            else:
                rows = [row for i in ids for row in self._run(self._find_one, {"event_id": i})]
        entries = (
            IndexEntry._make((row[0].hex, *row[1:8], row[8].bytes, *row[9:]))  # from UUIDs
            for row in rows
        )
        return [entry for entry in entries if entry.part in self._parts]

    def read(self, part: str, rows: Sequence[int]) -> dict[int, bytes]:
        """Read the exported JSON of some rows of a payload part. Raises DamagedArchive."""
        path = part_path("payloads", part)
        self._reads += len(rows)
        if self._reads > FEW_READS:
            return self._open_files().read(path, rows)
        values = {"path": str(self._root / path), "rows": list(rows)}
        try:
            return dict(self._run(self._read, values))
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise DamagedArchive(
                path=self._root / path, reason=reason, archive=self._root
            ) from error

    def close(self) -> None:
        """Close the files."""
        self._connection.close()

    def _open_files(self) -> PayloadFiles:
        from archive.tables.payloads import PayloadFiles

        if self._files is None:
            self._files = PayloadFiles(self._root)
        return self._files

    def _run(self, statement: duckdb.Statement, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        cursor = getattr(self._of_thread, "cursor", None)
        if cursor is None:
            cursor = self._of_thread.cursor = self._connection.cursor()
        rows: list[tuple[Any, ...]] = cursor.execute(statement, values).fetchall()
        return rows


def _spell_out(query: str, files: int) -> str:
    """Write a query of `entries` as one of each index file: planning a view takes 0.2 ms more."""
    one = query.rstrip(";")
    queries = (one.replace("FROM entries", f"FROM index_{n}.entries") for n in range(files))
    return " UNION ALL ".join(queries) or query
