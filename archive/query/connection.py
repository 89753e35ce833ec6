"""Open DuckDB with the settings of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect() -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB in UTC that installs no extensions by itself."""
    import duckdb

    return duckdb.connect(
        config={
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
            "parquet_metadata_cache": True,
        }
    )
