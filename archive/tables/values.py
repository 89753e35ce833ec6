"""Convert Arrow values to those of rows: timestamps are in microseconds since 1970."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def list_values(column: pa.Array) -> list[Any]:
    """Return all values of a column."""
    is_time = pa.types.is_timestamp(column.type)
    values: list[Any] = (column.cast(pa.int64()) if is_time else column).to_pylist()
    return values


def read_value(scalar: pa.Scalar) -> Any:
    """Return one value."""
    return scalar.value if isinstance(scalar, pa.TimestampScalar) else scalar.as_py()
