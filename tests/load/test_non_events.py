"""Records that are not events, loaded next to events with the same IDs: no event changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import archive
from tests.builders import EXPORTS, ORGANIZATION, SAMPLE_DATA
from tests.exports.non_events import EXAMPLES
from tests.load.test_shapes import ID, SENT, STORED, envelope

ANSWERED = """SELECT event_id, project_id, title, frame_count, tag_count, organization_slug,
    project_slug FROM events ORDER BY ALL"""
FRAMES = [{"function": f"f{number}", "lineno": number} for number in range(4)]
OF_ENVELOPE = SENT | {"exception": {"values": [{"type": "E", "stacktrace": {"frames": FRAMES}}]}}
OF_API: dict[str, Any] = {
    "id": ID,
    "groupID": "7",
    "eventID": ID,
    "projectID": "42",
    "title": "E",
    "platform": "python",
    "tags": [],
    "dateCreated": "2026-01-02T03:04:05Z",
    "entries": [{"type": "exception", "data": {"values": [{"stacktrace": {"frames": FRAMES}}]}}],
    "_meta": {},
}
EVENTS = {
    "envelope.txt": envelope(OF_ENVELOPE, {"event_id": ID, "sent_at": "2026-01-02T03:04:06Z"}),
    "api.json": json.dumps([OF_API]).encode(),
    "stored.json": json.dumps(STORED).encode(),
}


def list_records(event_id: str = ID) -> list[dict[str, Any]]:
    """Each known non-event, with the event's ID wherever a record may have one."""
    values = [value for values in EXAMPLES.values() for value in values]
    return [
        {**value, **dict.fromkeys(keys, event_id)}
        for value in values
        for keys in (("event_id",), ("eventID",), ("id",), ("event_id", "eventID", "id"))
    ]


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("options", [{}, {"organization": "acme", "project": "web"}], ids=str)
def test_no_non_event_changes_an_event(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    event, others = tmp_path / name, tmp_path / "others.json"
    event.write_bytes(EVENTS[name])
    with archive.open(tmp_path / "a") as archived:
        archived.load(event, **options)
        answer = archived.resolve(ID).body
        records = list_records()
        for order in (records, records[::-1]):
            lines = "\n".join(json.dumps(record) for record in order)
            others.write_text(lines)
            report = archived.load(others, **options)
            assert (report.stored, report.updated, report.duplicate) == (0, 0, 0)
            assert archived.resolve(ID).body == answer
        again = archived.load(event, force=True, **options)
        assert (again.stored, again.updated, again.duplicate) == (0, 0, 1)
        assert archived.resolve(ID).body == answer
        assert list(archived.sql("SELECT count(*) FROM events")) == [(1,)]


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1], ids=["in order", "turned"])
def test_no_non_event_changes_a_real_event(
    sample: archive.Archive, tmp_path: Path, order: int
) -> None:
    """Non-events of the IDs of some events are loaded before, after and together with these."""
    chosen = "SELECT max(event_id) FROM parts.payloads GROUP BY shape, project_id"
    records = [
        record for (event_id,) in sample.sql(chosen) for record in list_records(event_id)[::order]
    ]
    lines = [json.dumps(record) for record in records]
    others = tmp_path / "others"
    others.mkdir()
    for number in range(0, len(lines), 1000):
        (others / f"{number:06}.json").write_text("\n".join(lines[number : number + 1000]))
    projects = SAMPLE_DATA / "projects.json"
    for number, loads in enumerate(([[others], [EXPORTS], [others]], [[others, EXPORTS]])):
        events = archive.open(tmp_path / str(number))
        for sources in loads:
            events.load(*sources, organization=ORGANIZATION, project_map=projects, force=True)
        assert events.verify().content == sample.verify().content
        assert list(events.sql(ANSWERED)) == list(sample.sql(ANSWERED))
