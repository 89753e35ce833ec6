"""Columns of stored, downloaded, sent and forwarded events: exact dates, and members for tags."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.query.listing import Neighbors, Scope
from tests.builders import make_event, write_json

ERROR: dict[str, Any] = {
    "platform": "python",
    "exception": {"values": [{"type": "E", "stacktrace": {"frames": [{"function": "f"}]}}]},
    "tags": [["level", "error"]],
}
STORED: dict[str, Any] = {**ERROR, "title": "E", "location": None, "received": 1700000001.5}
DOWNLOAD: dict[str, Any] = {**ERROR, "project": 1, "datetime": "2023-11-14T22:13:20+00:00"}
TRANSACTION: dict[str, Any] = {
    **ERROR,
    "type": "transaction",
    "transaction": "t",
    "start_timestamp": 1699999999.5,
    "contexts": {"trace": {"trace_id": "a" * 32, "span_id": "b" * 16}},
}
SECOND = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
MOMENTS = {
    "stored, a number": {**STORED, "timestamp": 1700000000.123456},
    "stored, text": {**STORED, "timestamp": "2023-11-14T22:13:20.123456Z"},
    "stored transaction": {**STORED, **TRANSACTION, "timestamp": 1700000000.123456},
    "download, a number": {**DOWNLOAD, "timestamp": 1700000000.123456},
    "download, a date": {**DOWNLOAD, "datetime": "2023-11-14T22:13:20.123456Z"},
    "sent, a number": {**ERROR, "timestamp": 1700000000.123456},
    "sent, text": {**ERROR, "timestamp": "2023-11-14T22:13:20.123456Z"},
    "sent, another zone": {**ERROR, "timestamp": "2023-11-15T00:13:20.123456+02:00"},
    "sent, nanoseconds": {**ERROR, "timestamp": "2023-11-14T22:13:20.123456312Z"},
    "sent transaction": {**TRANSACTION, "timestamp": 1700000000.123456},
}
FORWARDED = {"time": 1700000000.123456, "source": "sentry", "event": {"type": "error"}}


@pytest.mark.parametrize("name", [*MOMENTS, "forwarded"])
def test_moments_are_exact_to_the_microsecond(
    name: str, empty: archive.Archive, tmp_path: Path
) -> None:
    event_id = "a" * 32
    if name == "forwarded":
        inner = {"event_id": event_id, "project_id": "web", "issue_id": "7", "message": "m"}
        inner["tags"] = ERROR["tags"]
        body: dict[str, Any] = {**FORWARDED, "event": {**inner, "exception_type": "E"}}
    else:
        body = {"event_id": event_id, **MOMENTS[name]}
    assert empty.load(write_json(tmp_path / "event.json", body)).stored == 1
    tables = ["events", "tags"] if name == "forwarded" else ["events", "frames", "tags"]
    for table in tables:
        moments = {moment for (moment,) in empty.sql(f"SELECT timestamp FROM {table}")}
        assert moments == {SECOND + timedelta(microseconds=123456)}, table


@pytest.mark.parametrize("body", [STORED, DOWNLOAD, ERROR], ids=["stored", "download", "sent"])
def test_events_within_a_second_are_in_order(
    body: dict[str, Any], empty: archive.Archive, tmp_path: Path
) -> None:
    """The IDs are in another order than the moments, which differ by a microsecond."""
    events = [
        {"event_id": f"{number:032x}", **body, "timestamp": 1700000000 + micro / 1e6}
        for number, micro in ((1, 500_002), (2, 500_000), (3, 500_001))
    ]
    write_json(tmp_path / "events.json", events)
    empty.load(tmp_path / "events.json")
    listed = [int(answer.event_id, 16) for answer in empty.list_events(Scope())]
    assert listed == [1, 3, 2]


def test_neighbors_within_a_second(empty: archive.Archive, tmp_path: Path) -> None:
    messages = [
        [2, "insert", {"group_id": 7, "event_id": f"{number:032x}", "project_id": 1, "data": data}]
        for number, data in (
            (1, {**STORED, "event_id": f"{1:032x}", "timestamp": 1700000000.000003}),
            (2, {**STORED, "event_id": f"{2:032x}", "timestamp": 1700000000.000001}),
            (3, {**STORED, "event_id": f"{3:032x}", "timestamp": 1700000000.000002}),
        )
    ]
    lines = "\n".join(json.dumps([*message, {}]) for message in messages)
    (tmp_path / "messages.jsonl").write_text(lines)
    empty.load(tmp_path / "messages.jsonl")
    found = empty.find_neighbors(empty.resolve(f"{3:032x}"))
    assert found == Neighbors(f"{2:032x}", f"{1:032x}")


def test_newest_of_two_projects_within_a_second(empty: archive.Archive, tmp_path: Path) -> None:
    events = [
        {"event_id": "a" * 32, **STORED, "project": project, "timestamp": moment}
        for project, moment in ((1, 1700000000.2), (2, 1700000000.3), (3, 1700000000.1))
    ]
    empty.load(write_json(tmp_path / "events.json", events))
    assert empty.resolve("a" * 32).owner.project_id == "2"


MEMBERS: dict[str, Any] = {
    "level": "fatal",
    "environment": "staging",
    "release": "app@2",
    "dist": "7",
    "transaction": "/pay",
    "logger": "billing",
    "server_name": "web-1",
}
WRONG: dict[str, Any] = {name: [1] for name in MEMBERS}
COLUMNS = "level, environment, release, dist, transaction_name, logger, server_name"
FALLBACKS: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "stored": ({**STORED, "tags": [], **MEMBERS}, tuple(MEMBERS.values())),
    "download": ({**DOWNLOAD, "tags": [], **MEMBERS}, tuple(MEMBERS.values())),
    "API": (make_event(tags=[], **MEMBERS), tuple(MEMBERS.values())),
    "API, a release with details": (
        make_event(tags=[], release={"version": "app@2", "url": None}),
        (None, None, "app@2", None, None, None, None),
    ),
    "a tag goes first": (
        {**STORED, **MEMBERS, "tags": [["level", "info"], ["sentry:release", "app@1"]]},
        ("info", "staging", "app@1", "7", "/pay", "billing", "web-1"),
    ),
    "empty": ({**STORED, "tags": [], **dict.fromkeys(MEMBERS, "")}, (None,) * 7),
    "wrong types": ({**STORED, "tags": [], **WRONG}, (None,) * 7),
    "API, wrong types": (make_event(tags=[], **WRONG), (None,) * 7),
}


@pytest.mark.parametrize("name", FALLBACKS)
def test_members_stand_in_for_tags(name: str, empty: archive.Archive, tmp_path: Path) -> None:
    body, expected = FALLBACKS[name]
    body = body if "eventID" in body else {"event_id": f"{1:032x}", **body}
    empty.load(write_json(tmp_path / "event.json", body))
    assert [*empty.sql(f"SELECT {COLUMNS} FROM events")] == [expected]
    assert {*empty.sql("SELECT DISTINCT release FROM frames")} == {(expected[2],)}
