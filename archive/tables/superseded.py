"""The table `superseded`: the bytes of the versions of events that are not kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from archive.tables.parts import read_rows
from archive.tables.registry import TABLES
from archive.tables.schema import find_schema

ROW_GROUP_BYTES = TABLES["superseded"].layout.row_group_bytes or 0
_COPIED = ("event_id", "project_id", "shape", "digest", "raw")


def take_versions(
    root: Path, payloads: Path, rows: Iterable[int], replaced_at: int, load_id: str
) -> Iterator[pa.Table]:
    """Some rows of a payload part as rows of `superseded`, about a row group at a time.

    replaced_at: in microseconds since 1970. Raises DamagedArchive.
    """
    schema = find_schema("superseded")
    constants = {
        "replaced_at": pa.scalar(replaced_at, schema.field("replaced_at").type),
        "load_id": pa.scalar(load_id, pa.string()),
    }
    for taken in _join_small(read_rows(root, payloads, rows)):
        columns = {name: taken[name] for name in _COPIED}
        columns |= {name: pa.repeat(value, len(taken)) for name, value in constants.items()}
        yield pa.table(columns).select(schema.names).cast(schema)


def _join_small(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of about the size of a row group: each table becomes one."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(piece.nbytes for piece in held) >= ROW_GROUP_BYTES:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)
