"""The table `superseded`: replaced versions of events.

It has no index: its parts are searched for an event ID.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from archive.events.identity import digest_json
from archive.jsontext import compact_json
from archive.storage.manifest import PartFile
from archive.tables.appended import join_small, read_parts
from archive.tables.parts import read_groups, read_part, read_rows, write_part
from archive.tables.schema import find_schema

_COPIED = ("project_id", "shape", "digest", "raw")


def take_versions(
    root: Path, files: Mapping[str, Path], rows: Iterable[int], replaced_at: int, load_id: str
) -> Iterator[pa.Table]:
    """Turn events of a part into rows of `superseded`, about one row group at a time.

    files: the part's, by table. replaced_at: in microseconds since 1970. Raises DamagedArchive.
    """
    schema = find_schema("superseded")
    constants = {
        "replaced_at": pa.scalar(replaced_at, schema.field("replaced_at").type),
        "load_id": pa.scalar(load_id, pa.string()),
    }
    ids = pa.concat_tables(read_rows(root, files["events"], rows, ["event_id"]))["event_id"]
    for taken in join_small(read_rows(root, files["payloads"], rows)):
        columns = {"event_id": ids[: len(taken)]} | {name: taken[name] for name in _COPIED}
        ids = ids[len(taken) :]
        columns |= {name: pa.repeat(value, len(taken)) for name, value in constants.items()}
        yield pa.table(columns).select(schema.names).cast(schema)


def find_versions(root: Path, parts: Iterable[PartFile], event_id: str) -> Iterator[dict[str, Any]]:
    """Find the rows of an event. Raises DamagedArchive."""
    for part in parts:
        if (part.min_event_id or "") <= event_id <= (part.max_event_id or ""):
            path = root / part.path
            ids = read_part(path, ["event_id"], part.rows, root)["event_id"].to_pylist()
            rows = [row for row, found in enumerate(ids) if found == event_id]
            for taken in read_rows(root, path, rows):
                yield from taken.to_pylist()


def merge_versions(root: Path, name: str, parts: Iterable[PartFile]) -> PartFile:
    """Stage the rows of some parts as one part. Raises DamagedArchive, StorageFailed."""
    return write_part(root, "superseded", name, join_small(read_parts(root, parts)))


def find_wrong_digests(root: Path, part: PartFile) -> Iterator[str]:
    """Yield the event IDs of rows whose bytes do not match their digest. Raises DamagedArchive."""
    for group in read_groups(root, root / part.path):
        for row in group.select(["event_id", "digest", "raw"]).to_pylist():
            if digest_json(compact_json(row["raw"])) != row["digest"]:
                yield row["event_id"]
