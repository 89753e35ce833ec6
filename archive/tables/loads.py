"""The table `loads`: the history of an archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from archive.events.columns import read_timestamp
from archive.events.rows import LoadRow
from archive.storage.manifest import Manifest, PartFile
from archive.tables.parts import read_batches
from archive.tables.values import list_values


def read_loads(root: Path, parts: Iterable[PartFile]) -> Iterator[LoadRow]:
    """Read the rows of some parts, oldest first. Raises DamagedArchive."""
    for part in parts:
        for batch in read_batches(root, root / part.path):
            values = map(list_values, batch.columns)
            yield from (LoadRow(*row) for row in zip(*values, strict=True))


def is_written_by_version(root: Path, manifest: Manifest, version: str) -> bool:
    """Whether this version made all loads. Raises DamagedArchive."""
    loads = read_loads(root, manifest.list_parts("loads"))
    return all(load.version == version for load in loads)


def count_accounted(load: LoadRow) -> int:
    """Count the records with a known outcome; if it is not `read`, records are lost.

    Loads by older versions, which do not have counts by kind, did not include skipped records.
    """
    events = load.stored + load.updated + load.duplicate
    others = load.learned + load.skipped if load.skipped_by_kind is not None else 0
    return events + others + load.rejected


def write_kinds(counts: Mapping[str, int] | None) -> str | None:
    """Write counts by kind as JSON."""
    return None if counts is None else json.dumps(counts)


def convert_record(record: Mapping[str, Any]) -> LoadRow:
    """Convert a load from a manifest of format 1."""
    times = {name: read_timestamp(record[name]) or 0 for name in ("started", "finished")}
    kinds = {name: write_kinds(record.get(name)) for name in ("learned_by_kind", "skipped_by_kind")}
    return LoadRow(**{"learned": 0, **record, **times, **kinds})
