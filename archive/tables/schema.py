"""Arrow schemas of the tables, and rows as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, repeat
from typing import Any, TypeVar

import pyarrow as pa
from msgspec.structs import astuple

from archive.events.rows import Row
from archive.tables.registry import TABLES, Layout

T = TypeVar("T", pa.Table, pa.RecordBatch)

_TYPES: dict[str, Any] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "digest": pa.binary(16),
    "binary": pa.binary(),
}


def cut_row_groups(layout: Layout, sizes: Sequence[int] | int) -> Iterator[range]:
    """Yield the rows of each row group.

    sizes: the size in bytes of each row, or the number of rows if only that is limited.
    """
    if isinstance(sizes, int):
        starts = range(0, sizes, layout.row_group)
        yield from (range(at, min(at + layout.row_group, sizes)) for at in starts)
        return
    start = held = 0
    for row, size in enumerate(sizes):
        bound = layout.row_group_bytes
        if row - start == layout.row_group or (bound and held and held + size > bound):
            yield range(start, row)
            start, held = row, 0
        held += size
    if start < len(sizes):
        yield range(start, len(sizes))


def fill_columns(table: str, data: pa.Table) -> pa.Table:
    """Return all columns of a table; those that an older format did not have are null."""
    schema, present = find_schema(table), set(data.column_names)
    columns = [
        data[field.name] if field.name in present else pa.nulls(data.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


@cache
def find_schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a table."""
    return pa.schema(
        [(name, _TYPES[column.type]) for name, column in TABLES[table].columns.items()]
    )


def build_table(table: str, rows: Sequence[Row]) -> pa.Table:
    """Build an Arrow table from rows."""
    schema = find_schema(table)
    columns = build_columns(table, schema.names, [astuple(row) for row in rows])
    return pa.Table.from_arrays(list(columns.values()), schema=schema)


def build_columns(
    table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> dict[str, pa.Array]:
    """Build some columns of a table from rows that have only these values."""
    values = zip(*rows, strict=True) if rows else repeat(())
    return {
        name: build_column(table, name, column) for name, column in zip(names, values, strict=False)
    }


def build_column(table: str, name: str, values: Sequence[Any]) -> pa.Array:
    """Build a column of a table."""
    kind = find_schema(table).field(name).type
    if kind == pa.binary() and None not in values:
        return _build_binary(values)
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # lone surrogates, which JSON can escape and UTF-8 cannot hold
        return pa.array([_replace_surrogates(value) for value in values], kind)


def _build_binary(values: Sequence[bytes]) -> pa.Array:
    """Build a binary column in one copy; `pa.array` would visit each value."""
    offsets = pa.array(list(accumulate(map(len, values), initial=0)), pa.int32())
    buffers = [None, offsets.buffers()[1], pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)


def _replace_surrogates(value: str | None) -> str | None:
    return value and value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
