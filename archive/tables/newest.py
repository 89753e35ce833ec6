"""Keep the newest row of each key in tables to which loads append.

Exports of different days describe the same issue. Older rows are kept until the archive is
compacted; queries see only the newest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from archive.storage.checksums import check_bytes
from archive.storage.manifest import PartFile
from archive.tables.parts import write_part
from archive.tables.rewrite import filter_groups
from archive.tables.selects import select_newest
from archive.tables.sorting import open_external_sorter
from archive.tables.sql import list_paths, select_parts


def merge_newest(root: Path, table: str, name: str, parts: Sequence[PartFile]) -> PartFile:
    """Stage one part with the newest row of each key.

    Raises DamagedArchive, StorageFailed.
    """
    for part in parts:  # DuckDB does not check their pages
        check_bytes(root, part)
    return write_part(root, table, name, _filter(root, table, parts))


def _filter(root: Path, table: str, parts: Sequence[PartFile]) -> Iterator[pa.Table]:
    paths = [root / part.path for part in parts]
    files = list_paths([str(path) for path in paths])
    rows = f"({select_parts(files, ', filename, file_row_number')})"
    masks = [[False] * part.rows for part in parts]
    mask_of = dict(zip(map(str, paths), masks, strict=True))
    with open_external_sorter() as connection:
        query = connection.execute(select_newest(table, rows, "filename, file_row_number"))
        while rows_kept := query.fetchmany(100_000):
            for path, row in rows_kept:
                mask_of[path][row] = True
    for path, mask in zip(paths, masks, strict=True):
        yield from filter_groups(root, path, mask)
