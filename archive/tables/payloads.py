"""Read payloads with PyArrow, which is faster than DuckDB once it is imported.

Files stay open. Only the row groups that contain an event are read, and their page checksums are
verified.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Self

import pyarrow.parquet as pq

from archive.storage.damage import wrap_arrow_errors

FILES_KEPT = 256
FEW_GROUPS = 4
READERS = 4
_OPENED = {"page_checksum_verification": True, "pre_buffer": False}


class PayloadFiles:
    """The payload parts of an archive; it can be shared between threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._open: Callable[[str], _File] = lru_cache(FILES_KEPT)(self._open_file)

    def read(self, path: str, rows: Iterable[int]) -> dict[int, bytes]:
        """Read the exported JSON of some rows, in parallel if there are many row groups.

        path: of the part in the archive. Raises DamagedArchive.
        """
        with self._lock, wrap_arrow_errors(self._root, self._root / path):
            file = self._open(path)
            groups = file.group_rows(rows)
            if len(groups) < FEW_GROUPS:
                return dict(chain.from_iterable(file.read(*item) for item in groups.items()))

        def read_group(item: tuple[int, list[int]]) -> list[tuple[int, bytes]]:
            whole = self._root / path
            with wrap_arrow_errors(self._root, whole), file.reopen(whole) as reopened:
                return reopened.read(*item)

        with ThreadPoolExecutor(READERS) as readers:
            return dict(chain.from_iterable(readers.map(read_group, groups.items())))

    def _open_file(self, path: str) -> _File:
        return _File.open(self._root / path)


@dataclass(frozen=True, slots=True)
class _File:
    """An open part, and the first row of each row group."""

    parquet: pq.ParquetFile
    starts: list[int]

    @classmethod
    def open(cls, path: Path) -> _File:
        parquet = pq.ParquetFile(path, **_OPENED)
        starts, total = [], 0
        for group in range(parquet.metadata.num_row_groups):
            starts.append(total)
            total += parquet.metadata.row_group(group).num_rows
        return cls(parquet, starts)

    def reopen(self, path: Path) -> Self:
        """Open the same part again, for another thread."""
        parquet = pq.ParquetFile(path, metadata=self.parquet.metadata, **_OPENED)
        return type(self)(parquet, self.starts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.parquet.close()

    def group_rows(self, rows: Iterable[int]) -> dict[int, list[int]]:
        """Group rows by row group."""
        groups: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            groups[bisect_right(self.starts, row) - 1].append(row)
        return groups

    def read(self, group: int, rows: Iterable[int]) -> list[tuple[int, bytes]]:
        """Read rows of a row group; rows that it does not have are left out."""
        raw = self.parquet.read_row_group(group, ["raw"], use_threads=False)["raw"]
        start = self.starts[group]
        return [(row, raw[row - start].as_py()) for row in rows if row - start < len(raw)]
