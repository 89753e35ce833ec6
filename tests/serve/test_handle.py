"""A server sees what others load, and keeps answering meanwhile."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import archive
from archive.serve.app import App, Settings
from archive.serve.handle import ArchiveHandle
from tests.builders import make_event, write_json
from tests.serve.conftest import ask

EVENTS = "/api/0/projects/acme/web/events/"


def _load(events: archive.Archive, place: Path, *numbers: int, **members: object) -> None:
    listed = [make_event(number, **members) for number in numbers]
    path = write_json(place / f"{numbers[0]}.json", listed)
    archive.open(events.path).load(path, organization="acme", project="web", force=True)


@pytest.fixture
def live(empty: archive.Archive, tmp_path: Path) -> ArchiveHandle:
    _load(empty, tmp_path, 1)
    return ArchiveHandle(empty.path)


def test_next_request_sees_a_load(
    live: ArchiveHandle, empty: archive.Archive, tmp_path: Path
) -> None:
    app = App(live, Settings())
    assert len(json.loads(ask(app, EVENTS).body)) == 1
    for number in (2, 3):
        _load(empty, tmp_path, number)
        assert len(json.loads(ask(app, EVENTS).body)) == number
        assert ask(app, f"{EVENTS}{number:032x}/").status == 200
    assert json.loads(ask(app, "/healthz").body) == {"status": "ok", "commit": 3}
    app.close()


def test_a_request_keeps_the_state_it_began_with(
    live: ArchiveHandle, empty: archive.Archive, tmp_path: Path
) -> None:
    with live.use() as before:
        _load(empty, tmp_path, 1, 2, title="another", dateReceived="2026-03-01T00:00:00Z")
        with live.use() as after:
            assert after is not before
            assert (before.number, after.number) == (1, 2)
            assert after.resolve(f"{1:032x}").json()["event"]["title"] == "another"
        assert before.resolve(f"{1:032x}").json()["event"]["title"] == "ValueError: 1"
        assert before.info().events == 1


def test_a_compact_changes_no_answer(
    live: ArchiveHandle, empty: archive.Archive, tmp_path: Path
) -> None:
    for number in range(2, 5):
        _load(empty, tmp_path, number)
    app = App(live, Settings())
    before = ask(app, f"{EVENTS}?full=1").body
    with live.use() as held:
        archive.open(empty.path).compact()
        assert ask(app, f"{EVENTS}?full=1").body == before
        assert json.loads(ask(app, "/healthz").body)["commit"] == 5
        assert (held.number, held.info().events) == (4, 4)
    app.close()


@pytest.mark.slow
def test_answers_go_on_while_others_load(
    live: ArchiveHandle, empty: archive.Archive, tmp_path: Path
) -> None:
    app, is_over, seen = App(live, Settings()), threading.Event(), list[tuple[int, int]]()

    def read() -> None:
        while not is_over.is_set():
            listed = ask(app, f"{EVENTS}?full=1")
            seen.append((listed.status, len(json.loads(listed.body))))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(2, 8):
        _load(empty, tmp_path, number, number - 1, title=f"version {number}")
    is_over.set()
    for reader in readers:
        reader.join()
    assert {status for status, _ in seen} == {200}
    assert {count for _, count in seen} <= set(range(1, 8))
    assert len(json.loads(ask(app, EVENTS).body)) == 7
    app.close()


def test_a_damaged_commit_is_no_reason_to_show_an_older_one(
    live: ArchiveHandle, empty: archive.Archive
) -> None:
    app = App(live, Settings())
    (empty.path / "manifest" / "00000002.json").write_text("{")
    assert ask(app, EVENTS).status == 500
    (empty.path / "manifest" / "00000002.json").unlink()
    assert ask(app, EVENTS).status == 200
    app.close()


def test_another_archive_in_its_place_is_seen(
    live: ArchiveHandle, empty: archive.Archive, tmp_path: Path
) -> None:
    """Even if it has as many commits."""
    other = archive.open(tmp_path / "other")
    _load(other, tmp_path, 2)
    app = App(live, Settings())
    assert ask(app, f"{EVENTS}{1:032x}/").status == 200
    empty.path.rename(tmp_path / "old")
    other.path.rename(empty.path)
    assert [ask(app, f"{EVENTS}{number:032x}/").status for number in (1, 2)] == [404, 200]
    app.close()


@pytest.mark.parametrize("url", ["/healthz", EVENTS])
def test_a_missing_archive_is_unavailable(
    live: ArchiveHandle, empty: archive.Archive, tmp_path: Path, url: str
) -> None:
    app = App(live, Settings())
    empty.path.rename(tmp_path / "old")
    for _ in range(2):
        answer = ask(app, url)
        assert (answer.status, json.loads(answer.body)["detail"]) == (503, "Internal Error")
    (tmp_path / "old").rename(empty.path)
    assert ask(app, url).status == 200
    app.close()


@pytest.mark.parametrize("table", ["events", "payloads", "index", "tags"])
@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "damaged"])
def test_health_is_that_of_the_events(
    live: ArchiveHandle, empty: archive.Archive, table: str, is_gone: bool
) -> None:
    (path,) = (empty.path / table).iterdir()
    app = App(live, Settings())
    if is_gone:
        path.unlink()
    elif table == "tags":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.write_bytes(bytes(len(path.read_bytes())))
    answer = ask(app, "/healthz")
    assert answer.status == 500
    assert str(empty.path).encode() not in answer.body
    app.close()
