"""Frames counted by function: the frames' own numbers, whatever was done to an archive."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import archive
from archive.events.model import find_place
from archive.storage.checksums import hash_file
from archive.storage.manifest import write_next
from archive.storage.state import read_newest
from archive.tables.frame_counts import count_frames
from archive.tables.schema import find_schema
from tests.builders import EXPORTS, ORGANIZATION, make_event, write_json

COUNT_FRAMES = """
SELECT
    timestamp::DATE AS day, project_id, group_id, release, function,
    coalesce(module, filename, package) AS module, in_app,
    count(*) FILTER (first_in_event) AS events, count(*) AS frames,
    count(*) FILTER (is_crash) AS crashes, max(timestamp) AS last_seen
FROM frames
GROUP BY ALL
ORDER BY ALL
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """An archive of three loads, in the last of which an event is replaced."""
    tmp_path = tmp_path_factory.mktemp("loaded")
    events = archive.open(tmp_path / "archive")
    events.load(EXPORTS, organization=ORGANIZATION)
    first = [make_event(n, dateCreated=f"2026-01-0{n}T12:00:00Z") for n in range(1, 4)]
    events.load(write_json(tmp_path / "1.json", first))
    second = [make_event(1, title="new", nextEventID=None), make_event(9)]
    events.load(write_json(tmp_path / "2.json", second))
    return events


@pytest.fixture
def events(loaded: archive.Archive, tmp_path: Path) -> archive.Archive:
    """A copy of it, to be changed."""
    return archive.open(shutil.copytree(loaded.path, tmp_path / "archive"))


def test_they_are_the_frames_counted(events: archive.Archive) -> None:
    for _ in range(2):
        counted = list(events.sql("FROM frame_counts ORDER BY ALL"))
        assert counted == list(events.sql(COUNT_FRAMES))
        assert len(counted) > 10
        events.compact()


BOUNDS = {
    "none": (None, None, None),
    "days": (None, "2026-01-02", "2026-01-03"),
    "moments": (None, "2026-01-01T12:00:01Z", "2026-01-03T11:59:59Z"),
    "a day and a moment": (None, "2026-01-02", "2026-01-02T12:00:00.000001Z"),
    "a project": ("42", None, None),
    "a project and days": ("42", "2026-01-02", "2026-01-03"),
    "no such project": ("nothing", None, None),
}


@pytest.mark.parametrize("bounds", BOUNDS.values(), ids=BOUNDS)
def test_some_of_them(loaded: archive.Archive, bounds: tuple[str | None, ...]) -> None:
    """Those of some events are these events' frames counted, whichever table is read for it."""
    bound = dict(zip(("project", "since", "until"), bounds, strict=True))
    found = loaded.sql(
        "SELECT function, module, in_app, sum(events), sum(frames), sum(crashes), max(last_seen) "
        "FROM frame_counts_of($project, $since, $until) GROUP BY ALL ORDER BY ALL",
        bound,
    )
    wanted = loaded.sql(
        "SELECT function, coalesce(module, filename, package), in_app, "
        "count(*) FILTER (first_in_event), count(*), "
        "count(*) FILTER (is_crash), max(timestamp) "
        "FROM frames "
        "WHERE ($project IS NULL OR project_id::VARCHAR = $project) "
        "AND ($since IS NULL OR timestamp >= $since::TIMESTAMPTZ) "
        "AND ($until IS NULL OR timestamp < $until::TIMESTAMPTZ) GROUP BY ALL ORDER BY ALL",
        bound,
    )
    assert list(found) == list(wanted)


texts = st.sampled_from([None, "", "a", "b"])
frames = st.fixed_dictionaries(
    {
        "project_id": st.sampled_from([None, 1]),
        "group_id": st.sampled_from([None, 7]),
        "timestamp": st.none() | st.integers(-3 * 86_400, 3 * 86_400).map(lambda s: s * 1_000_000),
        "release": texts,
        "first_in_event": st.booleans(),
        "is_crash": st.booleans(),
        "filename": texts,
        "function": texts,
        "module": texts,
        "package": texts,
        "in_app": st.sampled_from([None, True, False]),
    }
)


@given(rows=st.lists(frames, max_size=30), size=st.integers(1, 10))
def test_counted_in_pieces_and_in_python(rows: list[dict[str, Any]], size: int) -> None:
    schema = pa.schema([find_schema("frames").field(name) for name in rows[0]] if rows else [])
    pieces = [rows[start : start + size] for start in range(0, len(rows), size)]
    counted = count_frames(pa.RecordBatch.from_pylist(piece, schema) for piece in pieces)
    wanted: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, 0, None])
    for row in rows:
        moment = _read_moment(row["timestamp"])
        module = find_place(row["module"], row["filename"], row["package"])
        key = (
            moment and moment.date(),
            *(row[name] for name in ("project_id", "group_id", "release", "function")),
            *(module, row["in_app"]),
        )
        counts = wanted[key]
        counts[0] += row["first_in_event"]
        counts[1] += 1
        counts[2] += row["is_crash"]
        counts[3] = max(filter(None, (counts[3], moment)), default=None)
    found = [tuple(row.values()) for row in counted.to_pylist()]
    assert sorted(found, key=repr) == sorted(((*k, *v) for k, v in wanted.items()), key=repr)


def _read_moment(timestamp: int | None) -> datetime | None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return None if timestamp is None else epoch + timedelta(microseconds=timestamp)


def test_wrong_numbers_are_found(events: archive.Archive) -> None:
    """Numbers that the frames do not come to, though the part is as it was written."""
    root = events.path
    before = read_newest(root)
    part = before.list_parts("frame_counts")[0]
    path = root / part.path
    counted = pq.read_table(path)
    more = pc.add(counted["events"], 1)
    pq.write_table(counted.set_column(7, "events", more), path, write_page_checksum=True)
    changed = replace(part, size=path.stat().st_size, sha256=hash_file(path))
    parts = tuple(changed if other == part else other for other in before.parts)
    assert write_next(root, before, replace(before, parts=parts))
    (problem,) = archive.open(root).verify(data=True).problems
    assert (problem.path, problem.reason) == (
        str(path), "its rows do not match the frames",
    )  # fmt: skip
