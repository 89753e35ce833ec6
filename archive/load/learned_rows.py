"""Buffer the rows of learned records until they are staged."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from archive.events.learned import Facts
from archive.events.rows import Row
from archive.storage.manifest import PartFile
from archive.tables.parts import write_part
from archive.tables.schema import build_table

HELD_BYTES = 32 << 20  # of JSON and attachments
HELD_ROWS = 50_000


class LearnedRows:
    """The rows that a task appends to tables, staged when there are too many.

    parts: the staged parts.
    """

    def __init__(self, root: Path, attempt: str) -> None:
        self._root, self._attempt = root, attempt
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self._held_bytes = self._held_rows = 0
        self.parts: list[PartFile] = []

    def add(self, facts: Facts, size: int) -> None:
        """Add the rows of a record; size: of the record, in bytes."""
        for table, row in facts.rows.items():
            self._rows[table].append(row)
            self._held_rows += 1
            self._held_bytes += size
        if self._held_bytes >= HELD_BYTES or self._held_rows >= HELD_ROWS:
            self.flush()

    def flush(self) -> None:
        """Stage the buffered rows. Raises StorageFailed."""
        for table, rows in self._rows.items():
            name = f"{self._attempt}-{len(self.parts) + 1:04}"
            pieces = [build_table(table, rows)]
            self.parts.append(write_part(self._root, table, name, pieces))
        self._rows.clear()
        self._held_bytes = self._held_rows = 0
