"""List the Parquet files of a table, for other engines to read."""

from __future__ import annotations

from pathlib import Path

from archive.errors import InvalidParameter
from archive.storage.checksums import check_parts
from archive.storage.manifest import Manifest
from archive.tables.registry import TABLES


def list_files(root: Path, manifest: Manifest, table: str) -> list[Path]:
    """List the current files of a table. Raises InvalidParameter, DamagedArchive."""
    if table not in TABLES:
        raise InvalidParameter(name=table, reason=f"no table; there are: {', '.join(TABLES)}")
    parts = manifest.list_parts(table)
    check_parts(root, parts)
    return [root / part.path for part in parts]
