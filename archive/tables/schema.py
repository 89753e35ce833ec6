"""The rows' columns as Arrow schemas, and how each table is written to Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, repeat
from typing import Any

import pyarrow as pa

from archive.events.rows import list_columns

_TYPES: dict[str, Any] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "digest": pa.binary(16),
    "binary": pa.binary(),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is laid out in Parquet.

    row_group: rows in a row group; small where single rows are looked up.
    plain: columns whose values hardly repeat, so that a dictionary only costs.
    sorted_by: columns in whose order the rows stand.
    bloom: whether each row group has a Bloom filter on event_id.
    level: of zstd.
    """

    row_group: int
    plain: tuple[str, ...] = ()
    sorted_by: tuple[str, ...] = ()
    bloom: bool = False
    level: int = 3


LAYOUTS = {
    "events": Layout(65_536, plain=("event_id",), bloom=True),
    "frames": Layout(131_072, bloom=True),
    "tags": Layout(131_072, bloom=True),
    "payloads": Layout(128, plain=("event_id", "digest", "raw")),
    "index": Layout(8_192, plain=("event_id", "digest", "row"), sorted_by=("event_id",)),
    "sources": Layout(65_536, plain=("path", "sha256")),
}


@cache
def find_schema(table: str) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([(name, _TYPES[column.type]) for name, column in list_columns(table).items()])


def build_table(table: str, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows as an Arrow table."""
    schema = find_schema(table)
    columns = build_columns(table, schema.names, rows)
    return pa.Table.from_arrays(list(columns.values()), schema=schema)


def build_columns(
    table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> dict[str, pa.Array]:
    """Some columns of a table, from rows that hold just these."""
    schema = find_schema(table)
    values = zip(*rows, strict=True) if rows else repeat(())
    return {
        name: _build_column(column, schema.field(name).type)
        for name, column in zip(names, values, strict=False)
    }


def _build_column(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if kind == pa.binary():
        return _build_binary(values)
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # lone surrogates, which JSON can escape and UTF-8 cannot hold
        return pa.array([_replace_surrogates(value) for value in values], kind)


def _build_binary(values: tuple[bytes, ...]) -> pa.Array:
    """Byte strings in one copy; `pa.array` would visit each as a Python object."""
    offsets = pa.array(list(accumulate(map(len, values), initial=0)), pa.int32())
    buffers = [None, offsets.buffers()[1], pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)


def _replace_surrogates(value: str | None) -> str | None:
    return value and value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
