"""The rows of a part, made from its payloads again: all but those is derived from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from archive.errors import InvalidEventId
from archive.events.flatten import Defaults, flatten_event
from archive.events.rows import CONTENT_COUNTS, FlatEvent, PayloadRow
from archive.exports.detect import Export
from archive.exports.records import SourceLocation
from archive.exports.shapes import Hints, Shape
from archive.storage.damage import wrap_arrow_errors
from archive.storage.manifest import part_path
from archive.tables.frame_counts import count_frames
from archive.tables.parts import read_part
from archive.tables.schema import with_missing_columns
from archive.tables.unnest import BUILDERS
from archive.tables.values import list_values

COMPARED = 1_000  # events at a time
_DERIVED = ("events", "frames", "tags")

Rebuilt = FlatEvent | str  # or why there are none


def rebuild_rows(root: Path, name: str, load_ids: Mapping[int, str]) -> Iterator[Rebuilt]:
    """The rows of each event of a payload part, in its order; of each that is damaged, why.

    load_ids: which load brought the event of a row in; the part's own name tells the others.
    Raises DamagedArchive where the part cannot be opened.
    """
    path = root / part_path("payloads", name)
    standard = name.rpartition("-")[0]
    with wrap_arrow_errors(root, path):
        part = pq.ParquetFile(path, page_checksum_verification=True)
    with part:
        row = 0
        for group in range(part.metadata.num_row_groups):
            for derived in _rebuild_group(part, group, path):
                if isinstance(derived, FlatEvent):
                    event = replace(derived.event, load_id=load_ids.get(row, standard))
                    derived = derived._replace(event=event)
                yield derived
                row += 1


def diff_rows(root: Path, name: str) -> Iterator[tuple[str, str]]:
    """Where the parts of a name do not hold what their payloads tell: the table, and how.

    Raises DamagedArchive.
    """
    paths = {table: root / part_path(table, name) for table in _DERIVED}
    stored = {table: read_part(path, None, root=root) for table, path in paths.items()}
    held = {table: pq.read_schema(path).names for table, path in paths.items()}
    loads = dict(enumerate(stored["events"]["load_id"].to_pylist()))
    starts = dict.fromkeys(_DERIVED, 0)
    derived = rebuild_rows(root, name, loads)
    while batch := list(islice(derived, COMPARED)):
        rows = [item for item in batch if not isinstance(item, str)]
        if len(rows) < len(batch):
            yield "payloads", next(item for item in batch if isinstance(item, str))
            return
        for table in _DERIVED:
            wanted = BUILDERS[table](rows)
            found = stored[table].slice(starts[table], wanted.num_rows).combine_chunks()
            starts[table] += wanted.num_rows
            if not found.select(held[table]).equals(wanted.select(held[table])):
                yield table, "its rows are not what the payloads tell"
                return
    path = root / part_path("functions", name)
    names = pq.read_schema(path).names
    counted = count_frames(stored["frames"].to_batches()).select(names)
    if not counted.equals(read_part(path, names, root=root)):
        yield "functions", "its rows are not what the frames tell"


def _rebuild_group(part: pq.ParquetFile, group: int, path: Path) -> Iterator[Rebuilt]:
    try:
        stored = part.read_row_group(group, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        yield from [str(error).splitlines()[0]] * part.metadata.row_group(group).num_rows
        return
    for values in with_missing_columns("payloads", stored).to_batches():
        columns = [list_values(column) for column in values.columns]
        for row in zip(*columns, strict=True):
            yield _rebuild(PayloadRow(*row), path)


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
        return f"event {stored.event_id}: {error}"
    if rows.payload.digest != stored.digest:
        return f"the payload of event {stored.event_id} is not what was stored"
    counts = {name: getattr(rows.payload, name) for name in CONTENT_COUNTS}
    given = {name: getattr(stored, name) for name in ("organization_given", "project_given")}
    return rows._replace(event=replace(rows.event, **given), payload=replace(stored, **counts))
