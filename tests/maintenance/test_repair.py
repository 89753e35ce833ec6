"""What is damaged is rebuilt from the payloads; what is lost is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

import archive
from archive.storage import cleanup
from archive.storage.state import read_newest
from archive.tables.parts import read_part
from archive.tables.registry import EVENT_TABLES
from tests.builders import EXPORTS, SEED_ID, Run, make_event, write_json


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """Exports of many shapes, in three loads."""
    events = archive.open(tmp_path_factory.mktemp("healthy") / "archive")
    events.load(EXPORTS / "eventids", EXPORTS / "storefront-2026-10.ndjson.gz")
    events.load(EXPORTS / "checkout-api-events-page-1.json")
    events.load(EXPORTS / "s3-data-forwarding")
    return events


@pytest.fixture
def copy(healthy: archive.Archive, tmp_path: Path) -> archive.Archive:
    return archive.open(shutil.copytree(healthy.path, tmp_path / "copy"))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x04
    path.write_bytes(data)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a bit flipped": _flip,
    "emptied": _empty,
    "deleted": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize(
    "tables",
    [
        *(
            pytest.param([table], marks=pytest.mark.slow, id=table)
            for table in ("events", "frames", "frame_counts", "tags", "index")
        ),
        ["events", "frames", "frame_counts", "tags", "index"],
    ],
    ids=lambda tables: "+".join(tables),
)
def test_what_follows_from_payloads_is_rebuilt(
    healthy: archive.Archive,
    copy: archive.Archive,
    tables: list[str],
    damage: Callable[[Path], None],
) -> None:
    rows = "SELECT COLUMNS(lambda name: name <> 'event_key') FROM {} ORDER BY ALL"
    derived = ("events", "frames", "frame_counts", "tags")
    before = {table: list(healthy.sql(rows.format(table))) for table in derived}
    live = {part.path for part in read_newest(copy.path).parts}
    damaged = [copy.path / path for path in sorted(live) if path.partition("/")[0] in tables]
    for path in damaged:
        damage(path)
    done = copy.repair()
    assert sorted(done.damaged) == sorted(str(path.relative_to(copy.path)) for path in damaged)
    assert done.lost == []
    verified = copy.verify()
    assert verified.problems == []
    assert verified.content == healthy.verify().content
    assert {table: list(copy.sql(rows.format(table))) for table in before} == before
    assert copy.resolve(SEED_ID).body == healthy.resolve(SEED_ID).body


def test_lost_events_are_named_and_can_be_loaded_again(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = archive.open(tmp_path / "archive")
    one = write_json(tmp_path / "1.json", [make_event(1), make_event(2)])
    events.load(one)
    events.load(write_json(tmp_path / "2.json", make_event(3)))
    content = events.verify().content
    path = min((events.path / "payloads").iterdir())
    _empty(path)
    ran = run("-a", events.path, "repair", "--json")
    assert ran.code == 1
    lost = [event["event_id"] for event in json.loads(ran.out)["lost"]]
    assert lost == [f"{1:032x}", f"{2:032x}"]
    assert path.exists(), "damaged files stay for a while"
    events.refresh()
    assert events.verify().problems == []
    assert events.resolve(f"{3:032x}").body
    monkeypatch.setattr(cleanup, "GRACE_SECONDS", -1)
    assert events.load(one, force=True).stored == 2
    verified = events.verify()
    assert (verified.problems, verified.content) == ([], content)
    assert not path.exists()


def _locate_raw(path: Path) -> tuple[int, int]:
    """Return the first and the last byte of the column `raw` in a part of one row group."""
    column = pq.read_metadata(path).row_group(0)
    (raw,) = (
        column.column(number)
        for number in range(column.num_columns)
        if column.column(number).path_in_schema == "raw"
    )
    start = raw.dictionary_page_offset or raw.data_page_offset
    return start, start + raw.total_compressed_size - 1


def test_one_bit_does_not_cost_all_events_of_a_row_group(tmp_path: Path) -> None:
    """Those before it are saved, unless it makes the page unreadable."""
    random = Random(1)
    noise = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=2_000)) for _ in range(60)]
    titled = [make_event(number, title=title) for number, title in enumerate(noise)]
    whole = archive.open(tmp_path / "whole")
    whole.load(write_json(tmp_path / "1.json", titled))
    before = _read_answers(whole)
    shares = (0.1, 0.3, 0.5, 0.7, 0.9)
    saved = 0
    for share in shares:
        events = archive.open(shutil.copytree(whole.path, tmp_path / str(share)))
        (path,) = events.files("payloads")
        first, last = _locate_raw(path)
        data = bytearray(path.read_bytes())
        data[first + int((last - first) * share)] ^= 0x10
        path.write_bytes(data)
        lost = {event.event_id for event in events.repair().lost}
        after = _read_answers(events)
        assert after == {key: body for key, body in before.items() if key not in lost}
        assert lost
        assert events.verify(data=True).problems == []
        saved += len(after)
    assert saved > len(before)


def _read_answers(events: archive.Archive) -> dict[str, bytes]:
    ids = [event_id for (event_id,) in events.sql("SELECT event_id FROM events")]
    return {event_id: events.resolve(event_id).body for event_id in ids}


@pytest.mark.parametrize("from_end", range(9, 400, 30))
def test_a_damaged_footer_is_damage(copy: archive.Archive, from_end: int) -> None:
    path = max(copy.files("payloads"), key=lambda path: path.stat().st_size)
    data = bytearray(path.read_bytes())
    data[-from_end] ^= 0x10
    path.write_bytes(data)
    done = copy.repair()
    assert done.damaged == [str(path.relative_to(copy.path))]
    assert copy.verify(data=True).problems == []


def test_damaged_files_are_kept_until_they_are_discarded(copy: archive.Archive, run: Run) -> None:
    path = copy.files("tags")[0]
    path.write_bytes(b"damaged")
    ran = run("-a", copy.path, "repair")
    kept = copy.path / "quarantine" / f"tags-{path.name}"
    assert (ran.code, kept.read_bytes()) == (0, b"damaged")
    assert "1 damaged files are kept in quarantine/" in ran.err
    assert run("-a", copy.path, "compact").code == 0
    assert kept.exists()
    assert run("-a", copy.path, "repair", "--discard").code == 0
    assert not kept.exists()


def test_compact_refuses_damage(copy: archive.Archive, run: Run) -> None:
    for path in copy.files("payloads"):
        _flip(path)
    ran = run("-a", copy.path, "compact")
    assert (ran.code, "run: event-archive" in ran.err) == (4, True)


def test_swapped_payloads_are_found_where_they_lie(
    healthy: archive.Archive, copy: archive.Archive
) -> None:
    one, two, *_ = sorted((copy.path / "payloads").iterdir())
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    assert copy.repair().lost == []
    verified = copy.verify()
    assert (verified.problems, verified.content) == ([], healthy.verify().content)


def test_a_part_copied_over_another_is_lost_once(
    healthy: archive.Archive, copy: archive.Archive
) -> None:
    one, two, *_ = sorted((copy.path / "payloads").iterdir())
    shutil.copy(one, two)
    done = copy.repair()
    gone = read_part(healthy.path / "events" / two.name, ["event_id"])["event_id"].to_pylist()
    assert sorted(event.event_id or "" for event in done.lost) == sorted(gone)
    assert copy.verify().problems == []


def test_nothing_is_done_where_all_is_well(copy: archive.Archive, run: Run) -> None:
    number = copy.number
    ran = run("-a", copy.path, "repair")
    assert (ran.code, ran.err) == (0, "0 events rebuilt, 0 lost\n")
    copy.refresh()
    assert copy.number == number


def test_all_tables_of_a_part_gone(copy: archive.Archive) -> None:
    """Not even the index has the events' IDs; their number is still known."""
    events = copy.verify().events
    for table in (*EVENT_TABLES, "index"):
        for path in (copy.path / table).iterdir():
            path.unlink()
    done = copy.repair()
    assert [event.event_id for event in done.lost] == [None] * events
    assert copy.verify().problems == []


@pytest.mark.parametrize("table", ["loads", "sources"])
def test_a_damaged_history_is_given_up(tmp_path: Path, table: str) -> None:
    """The events stay, and the counts agree; sources that are not known are read again."""
    events = archive.open(tmp_path / "archive")
    export = write_json(tmp_path / "1.json", [make_event(1), make_event(2)])
    events.load(export)
    events.load(write_json(tmp_path / "2.json", make_event(3)))
    (part,) = events.files(table)
    part.write_bytes(b"")
    assert events.repair().damaged == [f"{table}/{part.name}"]
    assert events.verify().problems == []
    assert events.load(export).known_sources == (table == "loads")
    assert events.verify().problems == []


def test_damaged_rejects_are_given_up(empty: archive.Archive, tmp_path: Path) -> None:
    rejects = empty.load(write_json(tmp_path / "1.json", [make_event(1), None])).rejects
    assert rejects
    rejects.write_bytes(b"")
    assert empty.repair().rows_lost == {"rejects": 1}
    assert empty.verify().problems == []
