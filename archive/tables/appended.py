"""Tables to which each load appends rows, merged in tiers as they are appended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa

from archive.events.rows import Row
from archive.storage.manifest import Manifest, PartFile
from archive.storage.tiers import count_newest
from archive.tables.parts import read_groups, write_part
from archive.tables.schema import build_table

PIECE_BYTES = 2 << 20


def append_rows(
    root: Path, manifest: Manifest, table: str, name: str, rows: Sequence[Row]
) -> tuple[PartFile, list[PartFile]]:
    """Stage rows as a part, together with those of the newest parts that are to be merged.

    Returns it and the parts that it replaces. Raises DamagedArchive, StorageFailed.
    """
    parts = manifest.list_parts(table)
    count = count_newest([part.rows for part in parts], len(rows))
    merged = parts[len(parts) - count :]
    pieces = chain(read_parts(root, merged), [build_table(table, rows)])
    return write_part(root, table, name, join_small(pieces)), merged


def read_parts(root: Path, parts: Iterable[PartFile]) -> Iterator[pa.Table]:
    """Read the row groups of some parts, one after the other. Raises DamagedArchive."""
    return chain.from_iterable(read_groups(root, root / part.path) for part in parts)


def join_small(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Join tables to a few megabytes each, because each is written as at least one row group."""
    joined: list[pa.Table] = []
    for table in tables:
        joined.append(table)
        if sum(piece.nbytes for piece in joined) >= PIECE_BYTES:
            yield pa.concat_tables(joined)
            joined = []
    if joined:
        yield pa.concat_tables(joined)
