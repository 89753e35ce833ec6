"""Users' own files as tables; they are read before the sandbox is locked."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import InvalidParameter

if TYPE_CHECKING:
    import duckdb

_READERS = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
    ".parquet": "read_parquet",
}
_COMPRESSED = {".gz", ".zst"}


@dataclass(frozen=True, slots=True)
class UserFile:
    """A CSV, JSON or Parquet file, and the name of its table."""

    name: str
    path: Path
    reader: str

    @classmethod
    def find(cls, name: str, path: str | Path) -> UserFile:
        """Find a file and its reader. Raises InvalidParameter."""
        absolute = Path(path).absolute()
        if not absolute.is_file():
            raise InvalidParameter(name=name, reason=f"{path}: no such file")
        suffixes = [s.lower() for s in absolute.suffixes if s.lower() not in _COMPRESSED]
        reader = _READERS.get(suffixes[-1]) if suffixes else None
        if reader is None:
            reason = f"{path}: unsupported extension; expected {', '.join(_READERS)}"
            raise InvalidParameter(name=name, reason=reason)
        return cls(name, absolute, reader)

    def read(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create the table. Raises InvalidParameter if the file is invalid or the name is taken."""
        import duckdb

        name = self.name.replace('"', '""')
        query = f'CREATE TABLE "{name}" AS SELECT * FROM {self.reader}(?)'
        try:
            connection.execute(query, [glob.escape(str(self.path))])
        except duckdb.Error as error:
            raise InvalidParameter(name=self.name, reason=str(error).splitlines()[0]) from error
