"""The SQL that reads parts."""

from __future__ import annotations

from collections.abc import Sequence

from archive.tables.registry import TABLES

_TYPES = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "digest": "BLOB",
    "binary": "BLOB",
}


def select_parts(table: str, files: str, beside: str = "", are_ours: bool = False) -> str:
    """The rows of some parts of a table; a column that came later than a part is null.

    files: SQL for a list of paths. beside: more columns, that DuckDB has of each file.
    are_ours: whether none of them is of another version, so that DuckDB need not open each to see.
    """
    rows = f"SELECT *{beside} FROM read_parquet({files}, hive_partitioning = false"
    if are_ours or not TABLES[table].later:
        return f"{rows})"
    return f"{select_nothing(table)} UNION ALL BY NAME {rows}, union_by_name = true)"


def select_nothing(table: str) -> str:
    """A table without rows."""
    columns = (f"NULL::{_TYPES[c.type]} AS {name}" for name, c in TABLES[table].columns.items())
    return f"(SELECT {', '.join(columns)} LIMIT 0)"


def list_paths(paths: Sequence[str]) -> str:
    """A list of paths, in SQL."""
    return "[{}]".format(", ".join("'{}'".format(path.replace("'", "''")) for path in paths))
