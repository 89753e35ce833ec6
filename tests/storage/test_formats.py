"""Archives of every format ever released open for ever, those with fewer columns too."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

import archive
from archive.errors import DamagedArchive
from archive.storage.checksums import hash_file
from archive.storage.manifest import PartFile, read_newest, write_next
from archive.tables.registry import TABLES
from tests.builders import PROJECT, SEED, SEED_ID, make_event, write_json

pytestmark = pytest.mark.xfail(reason="an archive of format 1 needs `upgrade`", strict=False)

FIXTURES = PROJECT / "tests" / "fixtures"
CONTENTS = {
    "archive-format-1": "b79e550f3980c5647cef75ac5d64f51abc65a6ef5dd0cb9a127344bd2f6a2f2b",
}
# A column of each table that the fixture has, as if it had been added later.
LATER = {
    "events": "handled",
    "frames": "lineno",
    "functions": "last_seen",
    "tags": "value",
    "payloads": "received",
    "index": "timestamp",
    "sources": "skipped",
}


def test_each_fixture_is_listed() -> None:
    assert {path.name for path in FIXTURES.glob("archive-format-*")} == CONTENTS.keys()


@pytest.mark.parametrize("name", CONTENTS)
def test_an_archive_of_a_format_opens(name: str, tmp_path: Path) -> None:
    """It is whole, answers, takes a load and a compact."""
    _use(archive.open(shutil.copytree(FIXTURES / name, tmp_path / name)), CONTENTS[name], tmp_path)


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> archive.Archive:
    """An archive that was written before each table got a column."""
    for table, column in LATER.items():
        added = TABLES[table].added | {column}
        monkeypatch.setitem(TABLES, table, replace(TABLES[table], added=added))
    root = shutil.copytree(FIXTURES / "archive-format-1", tmp_path / "older")
    before = read_newest(root)
    parts = tuple(_drop_column(root, part) for part in before.parts)
    assert write_next(root, before, replace(before, parts=parts))
    return archive.open(root)


def _drop_column(root: Path, part: PartFile) -> PartFile:
    path = root / part.path
    data = pq.read_table(path).drop_columns([LATER[part.table]])
    pq.write_table(data, path, write_page_checksum=True, write_page_index=True, row_group_size=2)
    return replace(part, size=path.stat().st_size, sha256=hash_file(path))


def test_an_archive_of_before_a_column(older: archive.Archive, tmp_path: Path) -> None:
    """It does all that one of the same format does."""
    _use(older, CONTENTS["archive-format-1"], tmp_path)


@pytest.mark.parametrize("table", LATER)
def test_a_column_that_came_later_is_null(
    older: archive.Archive, table: str, tmp_path: Path
) -> None:
    """In SQL and in Arrow; what is loaded now has it."""
    column = LATER[table]
    before = _count(older, table, column)
    assert before.rows
    assert before.values == 0
    older.load(write_json(tmp_path / "n.json", make_event(50)))
    after = _count(older, table, column)
    is_added = 0 < after.values == after.rows - before.rows
    assert is_added or table in ("frames", "functions", "events")


def test_what_is_made_anew_has_the_column(older: archive.Archive) -> None:
    """A repair derives it from the payloads."""
    older.files("frames")[0].unlink()
    assert older.repair().rebuilt
    assert older.verify().problems == []
    assert _count(older, "frames", "lineno").values


def test_any_other_column_that_is_missing_is_damage(
    older: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parquet has no checksum of a footer: what is wrong in one must not make nulls of values."""
    added = TABLES["index"].added - {"timestamp"}
    monkeypatch.setitem(TABLES, "index", replace(TABLES["index"], added=added))
    with pytest.raises(DamagedArchive, match="timestamp"):
        older.resolve(SEED_ID)


class Counted(NamedTuple):
    """Rows of a table, and how many of them have a value in a column."""

    rows: int
    values: int


def _count(events: archive.Archive, table: str, column: str) -> Counted:
    with events.connect() as connection:
        ask = f'SELECT count(*), count({column}) FROM parts."{table}"'
        rows, values = connection.execute(ask).fetchall()[0]
    stored = events.table(table).to_table(columns=[column])
    assert (rows, values) == (stored.num_rows, stored.num_rows - stored[column].null_count)
    return Counted(rows, values)


def _use(events: archive.Archive, content: str, place: Path) -> None:
    verified = events.verify()
    assert (verified.problems, verified.content) == ([], content)
    assert events.resolve(SEED_ID).body == SEED
    assert events.resolve(f"{1:032x}").json()["event"]["title"] == "new"
    (frames,) = events.sql("SELECT count(*) FROM frames JOIN events USING (event_id)")
    assert frames[0] > 4
    assert list(events.report("top-frames", limit=3))
    known = [make_event(2, title="newer", nextEventID=None), make_event(50)]
    report = events.load(write_json(place / "use.json", known))
    assert (report.updated, report.stored) == (1, 1)
    assert events.verify().problems == []
    events.compact()
    assert events.verify().problems == []
    assert events.resolve(f"{2:032x}").json()["event"]["title"] == "newer"
