"""Event keys: unique, and the same in every table, whatever was done to an archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import archive
from archive.errors import StorageFailed
from archive.load import plan
from archive.tables import keys
from tests.builders import EXPORTS, ORGANIZATION, make_event, write_json

ROWS = """
SELECT 'frames', event_key, event_id, count(*) FROM frames GROUP BY ALL
UNION ALL
SELECT 'tags', event_key, event_id, count(*) FROM tags GROUP BY ALL
UNION ALL
SELECT 'payloads', event_key, event_id, 1 FROM payloads
"""
COUNTS = """
SELECT 'frames', event_key, event_id, frame_count FROM events WHERE frame_count > 0
UNION ALL
SELECT 'tags', event_key, event_id, tag_count FROM events WHERE tag_count > 0
UNION ALL
SELECT 'payloads', event_key, event_id, 1 FROM events
"""


def _damage(events: archive.Archive) -> None:
    for path in events.files("tags"):
        path.unlink()
    assert events.repair().rebuilt


AFTER: dict[str, Callable[[archive.Archive], object]] = {
    "loads": lambda events: None,
    "compact": lambda events: events.compact(),
    "repair": _damage,
}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, id=name, marks=[] if name == "loads" else pytest.mark.slow)
        for name, change in AFTER.items()
    ],
)
def test_keys_join_the_rows_of_an_event(
    empty: archive.Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[archive.Archive], object],
) -> None:
    """After loads in several tasks, in the last of which an event is replaced."""
    monkeypatch.setattr(plan, "TASK_BYTES", 200_000)
    empty.load(EXPORTS, organization=ORGANIZATION)
    empty.load(write_json(tmp_path / "1.json", [make_event(n) for n in range(1, 4)]))
    newer = [make_event(2, title="new", nextEventID=None), make_event(9)]
    assert empty.load(write_json(tmp_path / "2.json", newer)).updated == 1
    change(empty)
    ((events, distinct),) = empty.sql("SELECT count(*), count(DISTINCT event_key) FROM events")
    assert events == distinct > 10
    assert sorted(empty.sql(ROWS)) == sorted(empty.sql(COUNTS))
    assert empty.verify(data=True).problems == []


def test_more_events_than_keys(
    empty: archive.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "COMMIT_KEYS", 2)
    source = write_json(tmp_path / "1.json", [make_event(n) for n in range(1, 4)])
    with pytest.raises(StorageFailed, match="too many events"):
        empty.load(source)
