"""Sort more rows than fit in memory, with DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MEMORY = "256MB"


@contextmanager
def open_external_sorter() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory DuckDB with a memory limit that spills to a temporary directory."""
    import duckdb

    with TemporaryDirectory() as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": spill,
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
        }
        with duckdb.connect(config=config) as connection:
            yield connection
