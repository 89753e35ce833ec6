"""The SQL that reads parts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

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


def select_parts(files: str, more: str = "") -> str:
    """Return the SQL for the rows of some parts of a table.

    files: SQL for a list of paths. more: SQL for further columns, such as the file name.
    """
    return f"SELECT *{more} FROM read_parquet({files}, hive_partitioning = false)"


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


def list_paths(paths: Sequence[str]) -> str:
    """Return the SQL for a list of paths."""
    return f"[{', '.join(map(quote, paths))}]"


def quote(text: str) -> str:
    """Return the SQL for a string."""
    return "'{}'".format(text.replace("'", "''"))


def find_sql() -> Path:
    """Return the directory of SQL files: inside the installed package, or next to it."""
    package = Path(__file__).parents[1]
    return package / "sql" if (package / "sql").is_dir() else package.parent / "sql"


@cache
def read_sql(name: str) -> str:
    """Read a file of the directory of SQL files."""
    return (find_sql() / name).read_text()
