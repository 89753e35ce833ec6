"""The SQL for the rows of a table."""

from __future__ import annotations

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


def select_nothing(table: str) -> str:
    """Return the SQL for a table without rows."""
    columns = (f"NULL::{_TYPES[c.type]} AS {name}" for name, c in TABLES[table].columns.items())
    return f"(SELECT {', '.join(columns)} LIMIT 0)"


def select_newest(table: str, rows: str, shown: str = "*") -> str:
    """Return the SQL for the newest row of each key, given the SQL for all rows of a table."""
    descriptor = TABLES[table]
    order = [f"({value}) DESC NULLS LAST" for value in descriptor.newest]
    rest = [name for name in descriptor.columns if name not in (*descriptor.newest, "data")]
    order += [f"{name} ASC NULLS LAST" for name in ("load_id", *rest)]
    return (
        f"SELECT {shown} FROM {rows} QUALIFY row_number() OVER "
        f"(PARTITION BY {', '.join(descriptor.key)} ORDER BY {', '.join(order)}) = 1"
    )
