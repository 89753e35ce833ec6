"""Which events and issues a search finds, of a few events with odd values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import archive
from archive.errors import InvalidParameter
from archive.query.listing import Scope
from archive.query.search.conditions import compile_search
from archive.query.search.fields import BY_KEY, STATES
from tests.builders import Run, make_event, make_issue, write_json


def _tagged(number: int, **tags: str) -> dict[str, Any]:
    pairs = [{"key": key.replace("_", " "), "value": value} for key, value in tags.items()]
    return make_event(number, title=f"T{number}", tags=pairs)


EVENTS = [
    make_event(1),
    _tagged(2, level="fatal", my_key="100%", empty=""),
    _tagged(3, level="x*y", my_key="100 percent"),
    make_event(4, groupID="8", title="50%_off\\now", culprit="Straße", message="it's {here}"),
    make_event(5, groupID="7", projectID="77", title="other project"),
    make_event(6, groupID=None, entries=[]),
]
for day, event in enumerate(EVENTS, start=1):
    event["dateCreated"] = f"2026-01-{day:02}T12:00:00Z"
ISSUES = [
    make_issue(assignedTo={"type": "user", "name": "Sol", "email": "sol@acme.io"}),
    make_issue(
        id="8",
        shortId="WEB-2",
        status="resolved",
        substatus=None,
        count="2k",
        firstSeen="2020-01-01T00:00:00Z",
    ),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    place = tmp_path_factory.mktemp("search")
    events = archive.open(place / "archive")
    events.load(
        write_json(place / "events.json", EVENTS),
        write_json(place / "issues.json", ISSUES),
        organization="acme",
    )
    return events


CASES = {
    "is:unresolved": [1, 2, 3],
    "!is:unresolved": [4, 5, 6],
    "is:resolved": [4],
    "is:ongoing": [1, 2, 3],
    "is:assigned": [1, 2, 3],
    "is:unassigned": [4],
    "issue:WEB-2": [4],
    "assigned:sol@acme.io": [1, 2, 3],
    "has:assigned": [1, 2, 3],
    "firstSeen:<2021-01-01": [4],
    "age:+2w": [1, 2, 3, 4, 5],
    "lastSeen:2026-03-01": [1, 2, 3, 4],
    "times_seen:>=3": [1, 2, 3],
    "issue.id:7": [1, 2, 3, 5],
    "has:issue.id": [1, 2, 3, 4, 5],
    "level:x\\*y": [3],
    "level:x*": [3],
    "level:X*Y": [3],
    "level:ERROR": [],
    "level:x": [],
    '"my key":100%': [2],
    '"my key":100*': [2, 3],
    "has:tags[level]": [1, 2, 3, 4, 5, 6],
    "empty:x": [],
    'empty:""': [1, 2, 3, 4, 5, 6],
    'level:["",fatal]': [2],
    "50%_off": [4],
    "50%*now": [4],
    "title:50%*": [4],
    "title:50__off*": [],
    "OFF\\now": [4],
    "straße": [4],
    "it's {here}": [4],
    "'; DROP TABLE events; --": [],
    'level:"$search_0"': [],
    "project.id:77": [5],
    "timestamp:2026-01-06": [6],
    "timestamp:2026-01-06T12:04:00": [6],
    "timestamp:2026-01-06T12:07:00": [],
    "!timestamp:2026-01-06": [1, 2, 3, 4, 5],
    "timestamp.to_day:2026-01-06": [6],
    "error.type:ValueError": [1, 2, 3, 4, 5],
    "!error.type:ValueError": [6],
    "error.handled:1": [1, 2, 3, 4, 5, 6],
    "error.unhandled:1": [],
    "stack.function:[main,nope]": [1, 2, 3, 4, 5],
    "stack.context_line:*raise*": [1, 2, 3, 4, 5],
    "stack.context_line:*lower*": [],
    "id:00000000-0000-0000-0000-000000000004": [4],
}


@pytest.mark.parametrize("query", CASES)
def test_events(found: archive.Archive, query: str) -> None:
    events = found.list_events(Scope(query=query))
    assert sorted(int(event.event_id, 16) for event in events) == CASES[query]


@pytest.mark.parametrize("key", [*BY_KEY, *(f"is:{name}" for name in STATES)])
def test_every_key_is_in_the_tables(found: archive.Archive, key: str) -> None:
    query = key if key.startswith("is:") else f"has:{key} OR !has:{key}"
    events = [*found.search(query, fields=["event_id"])]
    assert len(events) == len(EVENTS) or key.startswith("is:")


def test_relative_times() -> None:
    condition = compile_search("timestamp:-24h", datetime(2026, 11, 20, tzinfo=UTC))
    assert [*condition.values.values()] == [datetime(2026, 11, 19, tzinfo=UTC)]


def test_issues(found: archive.Archive) -> None:
    """An issue is found by its events; its other columns are of all of them."""
    rows = [*found.search("level:fatal", issues=True, fields=["group_id", "project_id", "events"])]
    assert rows == [(7, 42, 3)]


def test_parameters(found: archive.Archive) -> None:
    def ids(**parameters: Any) -> list[int]:
        rows = found.search("", fields=["event_id"], **parameters)
        return [int(event_id, 16) for (event_id,) in rows]

    assert ids() == [6, 5, 4, 3, 2, 1]
    assert ids(limit=2, offset=1) == [5, 4]
    assert ids(project="77") == [5]
    assert ids(organization="other") == []
    assert ids(since="2026-01-06") == [6]
    assert ids(until="2026-01-06", limit=1) == [5]
    with pytest.raises(InvalidParameter, match=r"events have no column 'titles'; .* title, "):
        found.search("", fields=["titles"])


def test_reports_count_what_a_search_finds(found: archive.Archive) -> None:
    def count(report: str, query: str | None) -> list[tuple[Any, ...]]:
        return [*found.report(report, query=query)]

    (frames,) = [row for row in count("top-frames", "issue.id:8") if row[0] == "fail"]
    assert frames[2:4] == (1, 1)
    assert [row[0] for row in count("top-issues", "is:resolved")] == [8]
    assert count("top-issues", "") == count("top-issues", None)
    assert count("tag-keys", "level:fatal")[0][1] == 1
    assert count("top-frames", "level:nope") == []


def test_command_line(found: archive.Archive, run: Run) -> None:
    search = ("-a", found.path, "search")
    ran = run(*search, "level:error", "--limit", "1", "--fields", "event_id", "--format", "csv")
    assert (ran.out, ran.err) == (
        b"event_id\n" + f"{6:032x}\n".encode(),
        "output limited to 1 rows; there are more\n",
    )
    both = run(*search, "", "--since", "1d", "--stats-period", "1d")
    assert (both.code, "exclude each other" in both.err) == (2, True)
    report = ("-a", found.path, "report", "top-issues", "--format", "csv", "--query", "level:fatal")
    assert run(*report, "--stats-period", "100000d").out.count(b"\n") == 2
    assert run(*report, "--stats-period", "1s").out.count(b"\n") == 1
