"""Count the rows of `frames` by function, so that queries over all frames read fewer rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from archive.storage.manifest import PartFile
from archive.storage.staging import staged_path
from archive.tables.parts import read_batches, write_part
from archive.tables.schema import find_schema

_KEYS = ("project_id", "group_id", "release", "day", "function", "module", "in_app")
_READ = (
    *("project_id", "group_id", "timestamp", "release", "first_in_event", "is_crash"),
    *("filename", "function", "module", "package", "in_app"),
)


def write_frame_counts(root: Path, frames: PartFile) -> PartFile:
    """Stage the part of `frame_counts` that goes with a staged part of `frames`.

    Raises StorageFailed.
    """
    counted = count_frames(read_batches(root, staged_path(root, frames), list(_READ)))
    return write_part(root, "frame_counts", frames.name, [counted])


def count_frames(frames: Iterable[pa.RecordBatch]) -> pa.Table:
    """Aggregate rows of `frames` to sorted rows of `frame_counts`."""
    counted = [_add_up(_read_frames(batch)) for batch in frames]
    schema = find_schema("frame_counts")
    if not counted:
        return schema.empty_table()
    rows = _add_up(pa.concat_tables(counted)).sort_by([(key, "ascending") for key in _KEYS])
    return rows.select(schema.names).cast(schema)


def _read_frames(frames: pa.RecordBatch) -> pa.Table:
    """Turn each frame into a row of counts."""
    columns = {key: frames[key] for key in _KEYS if key not in ("day", "module")}
    return pa.table(
        columns
        | {
            "day": frames["timestamp"].cast(pa.date32()),
            "module": pc.coalesce(frames["module"], frames["filename"], frames["package"]),
            "events": frames["first_in_event"].cast(pa.int64()),
            "frames": pa.repeat(pa.scalar(1, pa.int64()), frames.num_rows),
            "crashes": frames["is_crash"].cast(pa.int64()),
            "last_seen": frames["timestamp"],
        }
    )


def _add_up(rows: pa.Table) -> pa.Table:
    counts = [("events", "sum"), ("frames", "sum"), ("crashes", "sum"), ("last_seen", "max")]
    added = rows.group_by(list(_KEYS), use_threads=False).aggregate(counts)
    return added.rename_columns([*_KEYS, *(name for name, _ in counts)])
