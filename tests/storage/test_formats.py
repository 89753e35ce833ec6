"""Archives of every older format can be upgraded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import archive
from archive.errors import DamagedArchive, OlderArchive
from archive.maintenance.upgrade import Upgrade
from archive.storage.manifest import FORMAT
from archive.storage.state import read_newest
from tests.builders import PROJECT, SEED, SEED_ID, make_event, write_json

FIXTURES = PROJECT / "tests" / "fixtures"
CONTENTS = {
    "archive-format-1": "b79e550f3980c5647cef75ac5d64f51abc65a6ef5dd0cb9a127344bd2f6a2f2b",
}


def test_each_fixture_is_listed() -> None:
    assert {path.name for path in FIXTURES.glob("archive-format-*")} == CONTENTS.keys()


@pytest.fixture(params=CONTENTS)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> archive.Archive:
    """A copy of an archive of an older format."""
    return archive.open(shutil.copytree(FIXTURES / request.param, tmp_path / request.param))


def test_upgrade(older: archive.Archive, tmp_path: Path) -> None:
    """The archive has the same content, and everything works."""
    content = CONTENTS[older.path.name]
    assert older.upgrade().format_after == FORMAT
    assert older.upgrade() == Upgrade(FORMAT, FORMAT, older.info().events)
    assert older.info().tables["rejects"].rows == 1
    _use(older, content, tmp_path)


def test_load_upgrades(older: archive.Archive, tmp_path: Path) -> None:
    assert older.load(write_json(tmp_path / "new.json", make_event(50))).stored == 1
    assert older.verify().ok
    assert older.resolve(SEED_ID).body == SEED


READS = {
    "resolve": lambda arc: arc.resolve(SEED_ID),
    "sql": lambda arc: arc.sql("SELECT 1"),
    "verify": lambda arc: arc.verify(),
    "repair": lambda arc: arc.repair(),
    "compact": lambda arc: arc.compact(),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_an_older_archive_is_refused(
    older: archive.Archive, read: Callable[[archive.Archive], object]
) -> None:
    with pytest.raises(OlderArchive, match="upgrade"):
        read(older)


def test_upgrade_refuses_damage(older: archive.Archive) -> None:
    """Nothing is changed: the version that wrote the archive can repair it."""
    for part in (older.path / "payloads").iterdir():
        data = bytearray(part.read_bytes())
        data[100] ^= 1
        part.write_bytes(data)
    before = read_newest(older.path, any_format=True)
    with pytest.raises(DamagedArchive):
        older.upgrade()
    assert read_newest(older.path, any_format=True) == before


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
