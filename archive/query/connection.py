"""DuckDB as this package uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that reckons in UTC and fetches nothing from anywhere."""
    import duckdb

    return duckdb.connect(
        config={
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
            "parquet_metadata_cache": True,
        }
    )


def read_parquet(paths: Sequence[str]) -> str:
    """The SQL that reads these files."""
    listed = ", ".join("'{}'".format(path.replace("'", "''")) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"
