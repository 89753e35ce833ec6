"""Compacting: fewer parts, the same events, and a crash leaves the state before or after."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.maintenance import compact
from archive.storage.manifest import Manifest, PartFile
from archive.tables import merge
from tests.builders import EXPORTS, ORGANIZATION, SEED, SEED_ID, Run, make_event, write_json

TABLES = ("events", "frames", "frame_counts", "tags", "payloads")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """An archive of twelve loads, in which some events were replaced."""
    place = tmp_path_factory.mktemp("nightly")
    events = archive.open(place / "archive")
    events.load(EXPORTS, organization=ORGANIZATION)
    for night in range(11):
        update = make_event(1, title=f"night {night}", dateReceived=f"2026-02-{night + 1:02}")
        events.load(write_json(place / f"{night}.json", [update, make_event(100 + night)]))
    return events


@pytest.fixture
def nightly(loaded: archive.Archive, tmp_path: Path) -> archive.Archive:
    """A copy of it, to be compacted."""
    return archive.open(shutil.copytree(loaded.path, tmp_path / "archive"))


def _read(events: archive.Archive) -> dict[str, Any]:
    """All that can be asked of an archive, except event keys, which each archive assigns."""
    rows = "SELECT COLUMNS(lambda name: name <> 'event_key') FROM {} ORDER BY ALL"
    asked: dict[str, Any] = {table: list(events.sql(rows.format(table))) for table in TABLES}
    ids = [event_id for event_id, *_ in asked["events"]]
    asked["answers"] = [found.body for found in events.resolve_many(ids)]
    asked["content"] = events.verify().content
    return asked


BOUNDS = {
    "all into one": ({}, 1),
    "up to a size": ({"TARGET_BYTES": 200_000}, None),
    "few at a time": ({"RUNS": 2}, 3),
    "few rows at a time": ({"RUN_ROWS": 1}, 5),
    "read in small pieces": ({"READ_ROWS": 1}, 1),
}


@pytest.mark.parametrize(
    ("bounds", "parts"),
    [
        pytest.param(*case, marks=[] if name == "all into one" else pytest.mark.slow, id=name)
        for name, case in BOUNDS.items()
    ],
)
def test_the_events_stay_the_same(
    nightly: archive.Archive,
    monkeypatch: pytest.MonkeyPatch,
    bounds: dict[str, int],
    parts: int | None,
) -> None:
    before = _read(nightly)
    for name, bound in bounds.items():
        module = merge if hasattr(merge, name) else compact
        monkeypatch.setattr(module, name, bound)
    nightly.compact()
    assert nightly.verify(data=True).problems == []
    assert _read(nightly) == before
    assert parts is None or nightly.info().tables["payloads"].parts == parts


def test_small_parts_become_few(nightly: archive.Archive) -> None:
    done = nightly.compact()
    info = nightly.info()
    assert {name: info.tables[name].parts for name in (*TABLES, "index")} == dict.fromkeys(
        (*TABLES, "index"), 1
    )
    assert done.parts_after < done.parts_before
    assert done.bytes_after < done.bytes_before


def test_what_is_full_is_left_alone(
    nightly: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "TARGET_BYTES", 60_000)
    nightly.compact()
    before = set(nightly.path.glob("payloads/*"))
    nightly.compact()
    assert set(nightly.path.glob("payloads/*")) == before


def test_the_target_grows_with_the_archive(
    nightly: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts that are large enough in a small archive are merged in a large one."""
    monkeypatch.setattr(compact, "TARGET_BYTES", 40_000)
    assert nightly.compact().parts_after > len(TABLES)
    total = sum(nightly.info().tables[table].bytes for table in TABLES)
    monkeypatch.setattr(compact, "GROWS_FROM", total // 10_000)
    nightly.compact()
    assert nightly.info().tables["payloads"].parts == 1


@pytest.mark.slow
def test_loads_compact_by_themselves(tmp_path: Path) -> None:
    """What has been merged is not merged again with every load, whatever its size."""
    events = archive.open(tmp_path / "archive")
    parts = []
    for number in range(1, 21):
        events.load(write_json(tmp_path / f"{number}.json", [make_event(number)]))
        parts.append(events.info().tables["payloads"].parts)
    assert parts == [*range(1, 8), *range(1, 8), *range(1, 7)]
    assert events.verify().problems == []


def test_nothing_is_due_in_a_large_archive() -> None:
    """A load does not merge parts that are large enough, however many there are."""
    parts = [PartFile("payloads", f"{n}", 9 << 20, "", 50_000) for n in range(10_000)]
    assert not compact.needs_compaction(Manifest(parts=tuple(parts)))
    small = [PartFile("payloads", f"s{n}", 1 << 10, "", 10) for n in range(8)]
    assert compact.needs_compaction(Manifest(parts=(*parts, *small)))


def test_a_reader_goes_on(nightly: archive.Archive) -> None:
    with archive.open(nightly.path) as reader:
        before = reader.resolve(SEED_ID).body
        nightly.compact()
        assert reader.resolve(SEED_ID).body == before == SEED
        assert reader.resolve(f"{100:032x}").body


def test_a_damaged_part_is_not_merged(nightly: archive.Archive, run: Run) -> None:
    part = sorted((nightly.path / "payloads").glob("*.parquet"))[0]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    ran = run("-a", nightly.path, "compact")
    assert (ran.code, str(part) in ran.err) == (4, True)


def test_what_a_load_wrote_is_packed_once(tmp_path: Path, run: Run) -> None:
    events = archive.open(tmp_path / "archive")
    events.load(write_json(tmp_path / "1.json", [make_event(1)]))
    assert run("-a", events.path, "compact", "--json").code == 0
    manifests = sorted((events.path / "manifest").iterdir())
    assert len(manifests) == 2
    assert run("-a", events.path, "compact", "--json").code == 0
    assert sorted((events.path / "manifest").iterdir()) == manifests
