"""SQL text: of files, paths and strings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path


def select_parts(files: str, more: str = "") -> str:
    """Return the SQL for the rows of some parts of a table.

    files: SQL for a list of paths. more: SQL for further columns, such as the file name.
    """
    return f"SELECT *{more} FROM read_parquet({files}, hive_partitioning = false)"


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
