"""The user's own files as tables in SQL; they are read before the sandbox is locked."""

from __future__ import annotations

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
    """A CSV, JSON or Parquet file, and the name that it has in SQL."""

    name: str
    place: Path
    reader: str

    @classmethod
    def find(cls, name: str, path: str | Path) -> UserFile:
        """Raises InvalidParameter where there is no such file, or of no kind that is known."""
        place = Path(path).absolute()
        if not place.is_file():
            raise InvalidParameter(name=name, reason=f"{path}: no such file")
        kinds = [suffix.lower() for suffix in place.suffixes]
        while kinds and kinds[-1] in _COMPRESSED:
            kinds.pop()
        reader = _READERS.get(kinds[-1]) if kinds else None
        if reader is None:
            known = ", ".join(_READERS)
            raise InvalidParameter(
                name=name, reason=f"{path}: unsupported extension; expected {known}"
            )
        return cls(name, place, reader)

    def read(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make it a table. Raises InvalidParameter where it cannot be read or the name is taken."""
        import duckdb

        name = self.name.replace('"', '""')
        query = f'CREATE TABLE "{name}" AS SELECT * FROM {self.reader}(?)'
        try:
            connection.execute(query, [str(self.place)])
        except duckdb.Error as error:
            raise InvalidParameter(name=self.name, reason=str(error).splitlines()[0]) from error
