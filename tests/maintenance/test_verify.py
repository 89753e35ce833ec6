"""The commit and its proof: whole or not at all, and every damaged byte found."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

import archive
from archive.errors import (
    ArchiveError,
    ArchiveLocked,
    DamagedArchive,
    NewerArchive,
    NoArchive,
    StorageFailed,
)
from archive.storage import cleanup, durable
from archive.storage.manifest import write_next
from archive.storage.staging import publish
from archive.storage.state import read_newest
from archive.tables.parts import write_part
from archive.tables.schema import find_schema
from tests.builders import SEED, SEED_ID, Run, make_event, write_json

TABLES = ("events", "frames", "frame_counts", "tags", "payloads", "index", "superseded",
          "loads", "sources", "rejects")  # fmt: skip


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with two sources, and an archive of a load of each."""
    place = tmp_path_factory.mktemp("loaded")
    events = archive.open(place / "archive")
    (place / "seed.json").write_bytes(SEED)
    events.load(place / "seed.json")
    events.load(write_json(place / "more.json", [make_event(n) for n in (1, 2, 3)]))
    return place


@pytest.fixture(scope="module")
def loaded_again(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """An archive of a third load, in which an event is replaced and a record rejected."""
    place = tmp_path_factory.mktemp("again")
    events = archive.open(shutil.copytree(loaded / "archive", place / "archive"))
    events.load(write_json(place / "newer.json", [make_event(1, title="newer"), None]))
    return events


@pytest.fixture
def stored(loaded: Path, tmp_path: Path) -> archive.Archive:
    """An archive of two loads, to be changed: the seed, and three events more."""
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    return archive.open(tmp_path / "archive")


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x10
    path.write_bytes(data)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a bit flipped": _flip,
    "truncated": _truncate,
    "emptied": _empty,
    "deleted": Path.unlink,
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_named(
    loaded_again: archive.Archive,
    run: Run,
    table: str,
    damage: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    copy = shutil.copytree(loaded_again.path, tmp_path / "archive")
    path = sorted((copy / table).iterdir())[-1]
    damage(path)
    ran = run("-a", copy, "verify", "--data", "--json")
    assert ran.code == 1
    assert str(path) in {problem["path"] for problem in json.loads(ran.out)["problems"]}


def test_swapped_parts_are_named(stored: archive.Archive) -> None:
    one, two = sorted((stored.path / "events").glob("*.parquet"))
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    assert {problem.path for problem in stored.verify().problems} == {str(one), str(two)}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("table", ["payloads", "index"])
def test_resolve_gives_the_right_answer_or_an_error(
    stored: archive.Archive, run: Run, table: str, damage: Callable[[Path], None]
) -> None:
    for path in (stored.path / table).iterdir():
        damage(path)
    ran = run("-a", stored.path, "resolve", SEED_ID)
    assert ran.code in (0, 4), ran
    assert ran.out in (b"", SEED + b"\n")
    if ran.code == 4:
        assert str(stored.path / table) in ran.err


@pytest.mark.parametrize("damage", [_flip, _truncate, _empty], ids=lambda d: str(d.__name__))
def test_a_damaged_manifest_is_no_older_state(
    stored: archive.Archive, run: Run, damage: Callable[[Path], None]
) -> None:
    damage(stored.path / "manifest" / "00000002.json")
    for verb in (["info"], ["resolve", SEED_ID], ["load", "-"]):
        ran = run("-a", stored.path, *verb, stdin=SEED)
        assert ran.code == 4, verb
        assert "00000002.json" in ran.err
    (problem,) = stored.verify().problems
    assert problem.path.endswith("00000002.json")


def test_a_damaged_older_manifest_is_named(stored: archive.Archive) -> None:
    path = stored.path / "manifest" / "00000001.json"
    _flip(path)
    assert [problem.path for problem in stored.verify().problems] == [str(path)]


def test_a_missing_older_manifest_is_named(stored: archive.Archive, tmp_path: Path) -> None:
    stored.load(write_json(tmp_path / "9.json", [make_event(9)]))
    (stored.path / "manifest" / "00000002.json").unlink()
    (problem,) = stored.verify().problems
    assert "manifest 2 is missing" in problem.reason


def test_nothing_is_written_over_a_commit_whose_manifest_is_gone(
    stored: archive.Archive, run: Run, tmp_path: Path
) -> None:
    """Until it is restored; or its files are given up, and so is what it brought."""
    newest = stored.path / "manifest" / "00000002.json"
    text = newest.read_bytes()
    newest.unlink()
    source = write_json(tmp_path / "9.json", make_event(9))
    files = sorted(stored.path.rglob("*"))
    for verb in (["load", str(source)], ["compact"], ["repair"]):
        ran = run("-a", stored.path, *verb)
        assert ran.code == 4, verb
        assert "restore manifest/00000002.json from a backup" in ran.err
    assert sorted(stored.path.rglob("*")) == files
    newest.write_bytes(text)
    assert stored.load(source).stored == 1
    assert stored.verify().problems == []

    for path in stored.path.rglob("00000003*"):
        path.unlink()
    assert stored.load(source, force=True).stored == 1
    assert stored.verify().problems == []


@pytest.mark.parametrize("name", ["archive.json", "manifest/00000002.json"])
def test_an_archive_from_the_future(stored: archive.Archive, run: Run, name: str) -> None:
    path = stored.path / name
    text = path.read_text()
    newer = re.sub(r'"format":( ?)\d', r'"format":\g<1>9', text)
    if name == "archive.json":
        metadata = {key: value for key, value in json.loads(newer).items() if key != "sha256"}
        sha256 = hashlib.sha256(json.dumps(metadata).encode()).hexdigest()
        newer = json.dumps({**metadata, "sha256": sha256})
    else:
        body = newer[newer.index('"manifest":') + 11 : -2]
        sha256 = hashlib.sha256(body.encode()).hexdigest()
        newer = f'{{"sha256":"{sha256}","manifest":{body}}}\n'
    path.write_text(newer)
    ran = run("-a", stored.path, "info")
    assert ran.code == 4
    assert "pip install --upgrade event-archive" in ran.err
    with pytest.raises(NewerArchive):
        archive.open(stored.path).resolve(SEED_ID)


def test_a_state_follows_the_one_before(stored: archive.Archive) -> None:
    first, second = sorted((stored.path / "manifest").glob("*.json"))
    assert (
        json.loads(second.read_text())["manifest"]["previous_sha256"]
        == (json.loads(first.read_text())["sha256"])
    )


def test_one_writer_at_a_time(stored: archive.Archive, run: Run, tmp_path: Path) -> None:
    with FileLock(stored.path / "lock"):
        ran = run("-a", stored.path, "load", "--force", tmp_path / "seed.json")
        assert ran.code == 5
        assert "another process is writing" in ran.err
        assert stored.resolve(SEED_ID).body == SEED
    with FileLock(stored.path / "lock"), pytest.raises(ArchiveLocked):
        stored.load(tmp_path / "seed.json", force=True)


class _Crash(BaseException):
    """A crash: no handler of errors sees it."""


STEPS = ("rename", "link", "fsync", "unlink")


@pytest.mark.parametrize(
    "step",
    [pytest.param(step, marks=() if step == "link" else pytest.mark.slow) for step in STEPS],
)
def test_a_crash_at_any_step_leaves_the_state_before_or_after(
    stored: archive.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The n-th call of a step crashes, n = 1, 4, … until the load completes.

    `make faults` tries every one, and by killing the process.
    """
    monkeypatch.setattr(cleanup, "GRACE_SECONDS", -1)
    update = make_event(1, nextEventID=None)
    source = write_json(tmp_path / "update.json", [update, make_event(4), None])
    before = stored.verify().content
    after: str | None = None
    for number in range(1, 200, 3):
        copy = archive.open(tmp_path / f"copy-{number}")
        shutil.copytree(stored.path, copy.path)
        crashed = _crash_at(copy, source, step, number, monkeypatch)
        with archive.open(copy.path) as reopened:
            verified = reopened.verify()
            assert verified.problems == []
            if not crashed:
                after = after or verified.content
                assert number > 1, "the step never came"
                break
            found = verified.content
        with archive.open(copy.path) as again:
            again.load(source)
            complete = again.verify()
        assert not complete.problems
        assert all(": replaced at " in note for note in complete.notes)
        after = after or complete.content
        assert found in (before, after)
        assert complete.content == after
        shutil.rmtree(copy.path)
    else:
        pytest.fail("the load never completed")
    assert after != before


def _crash_at(
    events: archive.Archive, source: Path, step: str, number: int, patch: pytest.MonkeyPatch
) -> bool:
    calls = 0
    holder = Path if step in ("rename", "unlink") else os
    real = getattr(holder, step)

    def crash(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls >= number:
            raise _Crash
        return real(*arguments, **options)

    with patch.context() as context:
        context.setattr(holder, step, crash)
        try:
            events.load(source)
        except _Crash:
            return True
    return False


def test_an_interrupted_load_leaves_nothing(tmp_path: Path) -> None:
    """SIGTERM while reading: exit 143, a word about it, the archive as it was."""
    events = archive.open(tmp_path / "archive")
    (tmp_path / "seed.json").write_bytes(SEED)
    events.load(tmp_path / "seed.json")
    load = subprocess.Popen(
        [sys.executable, "-m", "archive", "-a", str(events.path), "load", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert load.stdin and load.stderr
    load.stdin.write(json.dumps(make_event(1)).encode())
    load.stdin.flush()
    while not FileLockProbe(events.path / "lock").taken:
        time.sleep(0.02)
    load.terminate()
    said = load.stderr.read().decode()
    load.stderr.close()
    load.stdin.close()
    assert load.wait() == 143
    assert "loads are atomic" in said
    assert events.verify().events == 1
    assert not list(events.path.rglob("*.tmp"))


class FileLockProbe:
    """Whether another process holds a lock."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, timeout=0)

    @property
    def taken(self) -> bool:
        try:
            with self._lock:
                return False
        except TimeoutError:
            return True


def test_replaced_parts_go_after_a_grace_time(
    stored: archive.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = sorted((stored.path / "events").glob("*.parquet"))[-1]
    stored.load(write_json(tmp_path / "u.json", make_event(1, nextEventID=None)))
    assert replaced.exists(), "a reader may still need it"
    assert any(replaced.name in note for note in stored.verify().notes)
    monkeypatch.setattr(cleanup, "GRACE_SECONDS", -1)
    stored.load(write_json(tmp_path / "n.json", make_event(7)))
    assert not replaced.exists()
    merged = ("/loads/", "/sources/", "/index/")
    assert all(any(table in note for table in merged) for note in stored.verify().notes)


def test_a_reader_keeps_its_state(stored: archive.Archive, tmp_path: Path) -> None:
    reader = archive.open(stored.path)
    before = reader.resolve(f"{1:032x}").body
    stored.load(write_json(tmp_path / "u.json", make_event(1, title="new", nextEventID=None)))
    assert reader.resolve(f"{1:032x}").body == before
    reader.refresh()
    assert b'"title":"new"' in reader.resolve(f"{1:032x}").body


def test_a_failing_disk_is_reported(
    stored: archive.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def fail(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("archive.storage.staging.sync_file", fail)
    source = write_json(tmp_path / "n.json", make_event(7))
    ran = run("-a", stored.path, "load", source)
    assert ran.code == 6
    assert "No space left on device" in ran.err
    monkeypatch.undo()
    assert stored.verify().ok
    assert not list(stored.path.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda path: None, NoArchive),
        (lambda path: path.mkdir(), NoArchive),
        (lambda path: (path.mkdir(), (path / "archive.json").write_text("{")), DamagedArchive),
    ],
    ids=["nothing", "another directory", "a damaged mark"],
)
def test_what_is_no_archive(
    tmp_path: Path, prepare: Callable[[Path], object], error: type[ArchiveError]
) -> None:
    prepare(tmp_path / "a")
    with pytest.raises(error):
        archive.open(tmp_path / "a").info()


def test_a_rival_that_ignores_the_lock(tmp_path: Path) -> None:
    assert durable.write_exclusively(tmp_path / "1", b"first")
    assert not durable.write_exclusively(tmp_path / "1", b"second")
    assert (tmp_path / "1").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["1"]
    with pytest.raises(StorageFailed), durable.wrap_os_errors(tmp_path):
        raise OSError(5, "Input/output error")


def test_counts_that_do_not_agree_are_named(stored: archive.Archive) -> None:
    _change_last_load(stored, {"stored": 4})
    reasons = [problem.reason for problem in stored.verify().problems]
    assert any("the loads stored 5 events and there are 4" in reason for reason in reasons)
    assert any("read 3 records and accounts for 4" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("counts", "ok"),
    [
        pytest.param({"read": 3, "skipped": 2}, True, id="skipped records apart, as once"),
        pytest.param(
            {"read": 3, "skipped": 2, "skipped_by_kind": '{"replay": 2}'}, False, id="lost"
        ),
        pytest.param({"read": 5, "skipped": 2, "skipped_by_kind": '{"replay": 2}'}, True, id="all"),
        pytest.param({"read": 4, "learned": 1, "skipped_by_kind": "{}"}, True, id="learned"),
    ],
)
def test_every_record_read_is_accounted_for(
    stored: archive.Archive, counts: dict[str, Any], ok: bool
) -> None:
    """Loads of older versions did not count what they skipped as read."""
    _change_last_load(stored, {"learned_by_kind": None, "skipped_by_kind": None, **counts})
    assert stored.verify().ok == ok


def _change_last_load(events: archive.Archive, values: dict[str, Any]) -> None:
    """Commit other counts."""
    state = read_newest(events.path)
    (part,) = state.list_parts("loads")
    *others, last = pq.read_table(events.path / part.path).to_pylist()
    rows = pa.Table.from_pylist([*others, last | values], find_schema("loads"))
    written = write_part(events.path, "loads", f"{state.name_next()}-0001", [rows])
    publish(events.path, [written])
    parts = (*(other for other in state.parts if other != part), written)
    assert write_next(events.path, state, replace(state, parts=parts))
    events.refresh()


def test_many_notes_are_counted(stored: archive.Archive, run: Run, tmp_path: Path) -> None:
    for number in range(3):
        stored.load(write_json(tmp_path / "more.json", make_event(100 + number)))
    stored.compact()
    notes = stored.verify().notes
    checked = run("-a", stored.path, "verify")
    assert len(notes) > 5
    assert checked.err.count("note: ") == 6
    assert f"note: {len(notes) - 5} more" in checked.err
