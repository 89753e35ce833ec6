"""Rebuild the rows of a part from its payloads, from which all other tables are derived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from archive.errors import InvalidEventId
from archive.events.flatten import Defaults, flatten_event
from archive.events.rows import FlatEvent, PayloadRow
from archive.exports.detect import Export
from archive.exports.records import SourceLocation
from archive.exports.shapes import Hints, Shape
from archive.storage.damage import wrap_arrow_errors
from archive.storage.manifest import part_path
from archive.tables.frame_counts import count_frames
from archive.tables.parts import read_part
from archive.tables.schema import fill_columns
from archive.tables.unnest import BUILDERS
from archive.tables.values import list_values

COMPARED = 1_000  # events at a time
_DERIVED = ("events", "frames", "tags")

Rebuilt = FlatEvent | str  # rows, or the reason why they cannot be rebuilt


def rebuild_rows(root: Path, name: str, load_ids: Mapping[int, str]) -> Iterator[Rebuilt]:
    """Rebuild the rows of each event of a payload part, in order; for a damaged one, the reason.

    load_ids: the load of each row; where it is missing, it is taken from the part's name.
    Raises DamagedArchive if the part cannot be opened.
    """
    path = root / part_path("payloads", name)
    default = name.rpartition("-")[0]
    with wrap_arrow_errors(root, path):
        part = pq.ParquetFile(path, page_checksum_verification=True)
    with part:
        row = 0
        for group in range(part.metadata.num_row_groups):
            for rebuilt in _rebuild_group(part, group, path):
                if isinstance(rebuilt, FlatEvent):
                    event = replace(rebuilt.event, load_id=load_ids.get(row, default))
                    rebuilt = rebuilt._replace(event=event)
                yield rebuilt
                row += 1


def diff_rows(root: Path, name: str) -> Iterator[tuple[str, str]]:
    """Compare the parts of a name with their payloads; yield the table and reason of differences.

    Raises DamagedArchive.
    """
    paths = {table: root / part_path(table, name) for table in _DERIVED}
    stored = {table: read_part(path, None, root=root) for table, path in paths.items()}
    columns = {table: pq.read_schema(path).names for table, path in paths.items()}
    loads = dict(enumerate(stored["events"]["load_id"].to_pylist()))
    starts = dict.fromkeys(_DERIVED, 0)
    rebuilt = rebuild_rows(root, name, loads)
    while batch := list(islice(rebuilt, COMPARED)):
        rows = [item for item in batch if not isinstance(item, str)]
        if len(rows) < len(batch):
            yield "payloads", next(item for item in batch if isinstance(item, str))
            return
        for table in _DERIVED:
            expected = BUILDERS[table](rows)
            actual = stored[table].slice(starts[table], expected.num_rows).combine_chunks()
            starts[table] += expected.num_rows
            if not actual.select(columns[table]).equals(expected.select(columns[table])):
                yield table, "its rows do not match the payloads"
                return
    path = root / part_path("frame_counts", name)
    names = pq.read_schema(path).names
    counted = count_frames(stored["frames"].to_batches()).select(names)
    if not counted.equals(read_part(path, names, root=root)):
        yield "frame_counts", "its rows do not match the frames"


def _rebuild_group(part: pq.ParquetFile, group: int, path: Path) -> Iterator[Rebuilt]:
    try:
        stored = _read_group(part, group, path)
    except (pa.ArrowException, OSError) as error:
        yield from [str(error).splitlines()[0]] * part.metadata.row_group(group).num_rows
        return
    for values in fill_columns("payloads", stored).to_batches():
        columns = [list_values(column) for column in values.columns]
        for row in zip(*columns, strict=True):
            yield _rebuild(PayloadRow(*row), path)


def _read_group(part: pq.ParquetFile, group: int, path: Path) -> pa.Table:
    """Read a row group; its JSON even from a damaged page, because each event has a digest."""
    try:
        return part.read_row_group(group, use_threads=False)
    except (pa.ArrowException, OSError):
        names = [name for name in part.schema_arrow.names if name != "raw"]
        stored = part.read_row_group(group, names, use_threads=False)
        with pq.ParquetFile(path, metadata=part.metadata) as unverified:
            raw = unverified.read_row_group(group, ["raw"], use_threads=False)
        return stored.append_column("raw", raw["raw"])


def _rebuild(stored: PayloadRow, path: Path) -> Rebuilt:
    hints = Hints(
        event_id=stored.event_id,
        organization_slug=stored.organization_slug,
        project_slug=stored.project_slug,
        project_id=stored.project_id,
        group_id=stored.group_id,
    )
    try:
        export = Export(
            Shape(stored.shape), stored.raw, SourceLocation(str(path), None, 1, 0), hints
        )
        rows = flatten_event(export, "", Defaults())
    except (InvalidEventId, ValueError, RecursionError) as error:
        return f"a payload cannot be read: {error}"
    if rows.payload.digest != stored.digest:
        return f"the payload of event {rows.event.event_id} is not what was stored"
    kept = ("event_key", "organization_given", "project_given")
    stored_values = {name: getattr(stored, name) for name in kept}
    return rows._replace(
        event=replace(rows.event, **stored_values),
        payload=replace(stored, event_id=rows.payload.event_id),
    )
