"""Records that are not events: what they say, and what becomes of it in an archive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.events.flatten import Defaults
from archive.events.learned import Facts, Origin, learn
from archive.exports import detect
from archive.exports.limits import Limits
from archive.exports.project_map import Organization, Project
from archive.exports.records import Learned, LearnedKind, Record, Skipped, SourceLocation
from archive.exports.shapes import NO_HINTS, Hints
from archive.load import task
from archive.storage.state import read_newest
from archive.storage.tiers import FAN
from archive.tables.schema import build_table
from tests.builders import Run, make_event, make_issue, write_json

AS_OF = 1_790_000_000_000_000
EVENT_ID = f"{1:032x}"

ISSUE = make_issue(
    shortId="CHECKOUT-API-1A",
    title="ValueError: no",
    culprit="shop.pay in charge",
    project={"id": "42", "name": "Checkout", "slug": "checkout-api", "platform": "python"},
    assignedTo={"type": "user", "id": "1", "name": "Ann", "email": "ann@example.com"},
    count="150",
    userCount=12,
    lastSeen="2026-02-01T00:00:00.500000Z",
)
FEEDBACK = {  # as UserReportSerializer writes it
    "id": "3",
    "eventID": EVENT_ID,
    "name": "Bob",
    "email": "bob@example.com",
    "comments": "It broke.",
    "dateCreated": "2026-02-01T00:00:00Z",
    "user": None,
    "event": {"id": EVENT_ID, "eventID": EVENT_ID},
}
ATTACHMENT = {  # as EventAttachmentSerializer writes it
    "id": "9",
    "event_id": EVENT_ID,
    "type": "event.attachment",
    "name": "log.txt",
    "mimetype": "text/plain",
    "dateCreated": "2026-02-01T00:00:00Z",
    "size": 5,
    "headers": {"Content-Type": "text/plain"},
    "sha1": hashlib.sha1(b"hello").hexdigest(),
}
PROJECT = {"id": "42", "slug": "checkout-api", "organization": {"id": "1", "slug": "acme"}}
TEAM = {"id": "5", "slug": "shop", "projects": [{"id": "42", "slug": "checkout-api"}]}
RELEASE = {"version": "1.0", "projects": [{"id": 42, "slug": "checkout-api", "name": "C"}]}
ORGANIZATION = {"id": "1", "slug": "acme", "projects": [{"id": "42", "slug": "checkout-api"}]}

ACME = Organization("1", "acme")
SAMPLES: dict[LearnedKind, dict[str, Any]] = {
    LearnedKind.ORGANIZATION: ORGANIZATION,
    LearnedKind.PROJECT: PROJECT,
    LearnedKind.TEAM: TEAM,
    LearnedKind.RELEASE: RELEASE,
    LearnedKind.ISSUE: ISSUE,
    LearnedKind.FEEDBACK: FEEDBACK,
    LearnedKind.ATTACHMENT: ATTACHMENT,
}


def ask(
    kind: LearnedKind,
    value: Any,
    hints: Hints = NO_HINTS,
    data: bytes | None = None,
    defaults: Defaults | None = None,
) -> Facts:
    raw = json.dumps(value).encode()
    record = Learned(kind, raw, SourceLocation("x.json", None, 1, 0), hints, data)
    return learn(record, Origin("00000001-aaaa", AS_OF, defaults or Defaults()))


@pytest.mark.parametrize(
    ("kind", "value", "hints", "projects", "organizations"),
    [
        pytest.param(
            LearnedKind.PROJECT,
            PROJECT,
            NO_HINTS,
            [Project("42", "checkout-api", "acme", "1")],
            [ACME],
            id="project",
        ),
        pytest.param(
            LearnedKind.PROJECT,
            {"id": 42, "slug": "checkout-api"},
            Hints(organization_slug="acme"),
            [Project("42", "checkout-api", "acme")],
            [],
            id="project whose organization is in a link",
        ),
        pytest.param(
            LearnedKind.PROJECT,
            {"model": "sentry.project", "pk": 42, "fields": {"slug": "x", "organization": 1}},
            NO_HINTS,
            [Project("42", "x", None, "1")],
            [],
            id="project of sentry export",
        ),
        pytest.param(
            LearnedKind.ORGANIZATION,
            {"model": "sentry.organization", "pk": 1, "fields": {"slug": "acme"}},
            NO_HINTS,
            [],
            [ACME],
            id="organization of sentry export",
        ),
        pytest.param(
            LearnedKind.ORGANIZATION,
            ORGANIZATION,
            NO_HINTS,
            [Project("42", "checkout-api", "acme")],
            [ACME],
            id="organization",
        ),
        pytest.param(
            LearnedKind.TEAM,
            {**TEAM, "organization": {"id": "1", "slug": "acme"}},
            NO_HINTS,
            [Project("42", "checkout-api", "acme")],
            [ACME],
            id="team",
        ),
        pytest.param(
            LearnedKind.TEAM, {"id": "5", "slug": "shop"}, NO_HINTS, [], [], id="a bare team"
        ),
        pytest.param(
            LearnedKind.RELEASE,
            RELEASE,
            NO_HINTS,
            [Project("42", "checkout-api", None)],
            [],
            id="release",
        ),
        pytest.param(
            LearnedKind.ISSUE,
            ISSUE,
            NO_HINTS,
            [Project("42", "checkout-api", "acme")],
            [],
            id="issue",
        ),
        pytest.param(
            LearnedKind.FEEDBACK,
            {**FEEDBACK, "issue": ISSUE},
            NO_HINTS,
            [Project("42", "checkout-api", "acme")],
            [],
            id="feedback with its issue",
        ),
    ],
)
def test_projects(
    kind: LearnedKind,
    value: Any,
    hints: Hints,
    projects: list[Project],
    organizations: list[Organization],
) -> None:
    facts = ask(kind, value, hints)
    assert facts.projects == projects
    assert facts.organizations == organizations


def test_an_option_gives_the_organization_that_nothing_else_does() -> None:
    facts = ask(LearnedKind.RELEASE, RELEASE, defaults=Defaults("acme", "not-this"))
    assert facts.projects == [Project("42", "checkout-api", "acme")]


def _read(facts: Facts, table: str) -> dict[str, Any]:
    (row,) = build_table(table, [facts.rows[table]]).to_pylist()
    return {name: value for name, value in row.items() if value is not None}


def test_an_issue() -> None:
    row = _read(ask(LearnedKind.ISSUE, ISSUE), "issues")
    assert {name: row[name].isoformat() for name in ("first_seen", "last_seen", "as_of")} == {
        "first_seen": "2026-01-01T00:00:00+00:00",
        "last_seen": "2026-02-01T00:00:00.500000+00:00",
        "as_of": "2026-09-21T14:13:20+00:00",
    }
    assert {name: value for name, value in row.items() if not name.endswith(("seen", "_of"))} == {
        "project_id": 42,
        "project_slug": "checkout-api",
        "organization_slug": "acme",
        "group_id": 7,
        "short_id": "CHECKOUT-API-1A",
        "title": "ValueError: no",
        "culprit": "shop.pay in charge",
        "type": "error",
        "level": "error",
        "platform": "python",
        "status": "unresolved",
        "substatus": "ongoing",
        "assignee": "ann@example.com",
        "permalink": "https://acme.sentry.io/issues/7/",
        "user_count": 12,
        "load_id": "00000001-aaaa",
    }
    assert row["times_seen"] == 150


def test_an_attachment_with_its_bytes() -> None:
    described = {"name": "log.txt", "type": "event.attachment", "mimetype": "text/plain"}
    hints = Hints(event_id=EVENT_ID.upper(), project_id="42")
    row = _read(ask(LearnedKind.ATTACHMENT, described, hints, b"hello"), "attachments")
    assert row == {
        "event_id": EVENT_ID,
        "project_id": 42,
        "name": "log.txt",
        "type": "event.attachment",
        "size": 5,
        "sha1": ATTACHMENT["sha1"],
        "content_type": "text/plain",
        "data": b"hello",
        "load_id": "00000001-aaaa",
    }


def test_feedback_of_an_envelope() -> None:
    hints = Hints(event_id=EVENT_ID, project_id="42", group_id="7")
    report = {"event_id": EVENT_ID, "name": "Bob", "email": "b@x.io", "comments": "It broke."}
    row = _read(ask(LearnedKind.FEEDBACK, report, hints), "feedback")
    assert row == {**report, "project_id": 42, "group_id": 7, "load_id": "00000001-aaaa"}


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (LearnedKind.ISSUE, {**ISSUE, "id": None}, "an issue without a numeric ID"),
        (LearnedKind.PROJECT, {"id": "42"}, "a project without an ID or a slug"),
        (LearnedKind.FEEDBACK, {"name": "x"}, "user feedback without an event ID or comments"),
        (LearnedKind.ATTACHMENT, {"name": "x"}, "an attachment without an event ID"),
    ],
)
def test_nothing_to_learn(kind: LearnedKind, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ask(kind, value)


ODD: list[Any] = [
    None, True, 0, -1, 2**70, 1e300, float("nan"), float("inf"), "", "\ud800", "x\0y",
    "x" * (1 << 20 | 1), [], [None], [[1]], {}, {"id": {}}, {"slug": "\ud800", "id": "1"},
]  # fmt: skip


def _replace_each(value: Any) -> Iterator[tuple[Any, str | int]]:
    """The same value again for each member in it, with where that member is."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _replace_each(inner)


@pytest.mark.parametrize("kind", LearnedKind)
def test_any_value_in_any_place(kind: LearnedKind) -> None:
    """It is learned, or refused with a reason; the row fits its table."""
    places = len(list(_replace_each(SAMPLES[kind])))
    for place in range(places):
        for odd in ODD:
            value = deepcopy(SAMPLES[kind])
            holder, key = list(_replace_each(value))[place]
            holder[key] = odd
            try:
                facts = ask(kind, value)
            except ValueError:
                continue
            for table, row in facts.rows.items():
                assert build_table(table, [row]).num_rows == 1
            for project in facts.projects:
                str(project).encode()


@pytest.fixture
def recognized(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects with the member `kind` are learned from, or skipped."""

    def find(record: Record, limits: Limits) -> Iterator[Any]:
        value = json.loads(record.raw)
        kind = value.pop("kind", None)
        if kind is None:
            yield from detect.detect(record, limits)
        elif kind in set(LearnedKind):
            raw, hints = json.dumps(value).encode(), Hints(event_id=value.get("event_id"))
            data = value.pop("data").encode() if "data" in value else None
            yield Learned(LearnedKind(kind), raw, record.place, hints, data)
        else:
            yield Skipped(kind)

    monkeypatch.setattr(task, "detect", find)


def mark(kind: str, value: Any = None, **members: Any) -> dict[str, Any]:
    return {"kind": kind, **(value or {}), **members}


EVENT = make_event(1, groupID="7")
NON_EVENTS = [
    mark("project", PROJECT),
    mark("issue", ISSUE),
    mark("issue", ISSUE, id="8", shortId="CHECKOUT-API-1B", status="resolved", permalink=None),
    mark("feedback", FEEDBACK),
    mark("attachment", ATTACHMENT),
    mark("replay"),
    mark("API error"),
    mark("API error"),
]


@pytest.mark.usefixtures("recognized")
def test_a_load(empty: archive.Archive, tmp_path: Path, run: Run) -> None:
    source = write_json(tmp_path / "all.json", [EVENT, *NON_EVENTS])
    ran = run("-a", empty.path, "load", source)
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "9 records read: 1 stored, 0 updated, 0 duplicate, 5 learned, 3 skipped, 0 rejected",
        "learned 1 attachment, 1 feedback, 2 issues, 1 project",
        "skipped 2 API errors, 1 replay",
        "answers: 1 byte for byte",
    ]
    empty.refresh()
    assert empty.verify().problems == []
    answer = json.loads(empty.resolve(EVENT["eventID"]).body)
    assert (answer["organizationSlug"], answer["projectSlug"]) == ("acme", "checkout-api")
    rows = empty.sql(
        "SELECT group_id, organization_slug, short_id, status, events, times_seen, "
        "first_seen IS NULL AS is_exported_only FROM issues ORDER BY group_id"
    )
    assert list(rows) == [
        (7, "acme", "CHECKOUT-API-1A", "unresolved", 1, 150, False),
        (8, "acme", "CHECKOUT-API-1B", "resolved", 0, 150, True),
    ]
    assert list(empty.sql("SELECT event_id, comments FROM feedback")) == [(EVENT_ID, "It broke.")]
    assert list(empty.sql("SELECT name, data FROM attachments")) == [("log.txt", None)]
    info = run("-a", empty.path, "info").out.decode().splitlines()
    assert "issues: 2, 1 with events, 2 exported" in info
    assert "feedback: 1" in info
    assert "attachments: 1" in info
    assert "learned: 1 attachment, 1 feedback, 2 issues, 1 project" in info
    assert "skipped: 2 API errors, 1 replay" in info
    described = json.loads(run("-a", empty.path, "info", "--json").out)
    assert described["issues"] == {"known": 2, "with_events": 1, "exported": 2}
    assert described["skipped"] == {"API error": 2, "replay": 1}
    assert described["loads"][0]["learned_by_kind"]["issue"] == 2
    loads = "SELECT read, stored + learned + skipped AS ended, learned, skipped FROM loads"
    assert list(empty.sql(loads)) == [(9, 9, 5, 3)]


@pytest.mark.usefixtures("recognized")
@pytest.mark.parametrize("records", [[mark("issue", ISSUE)], [mark("replay")]])
def test_a_load_without_events_makes_its_source_known(
    records: list[Any], empty: archive.Archive, tmp_path: Path
) -> None:
    source = write_json(tmp_path / "issues.json", records)
    assert empty.load(source).load_id
    assert empty.load(source).known_sources == 1
    assert empty.verify().ok


@pytest.mark.usefixtures("recognized")
def test_what_cannot_be_learned_is_rejected(empty: archive.Archive, tmp_path: Path) -> None:
    source = write_json(tmp_path / "issues.json", [mark("issue", ISSUE, id="x"), EVENT])
    report = empty.load(source)
    assert (report.read, report.stored, report.rejected, report.learned) == (2, 1, 1, {})
    assert report.reject_samples[0].reason == "an issue without a numeric ID"


VIEWS = ("issues", "feedback", "attachments")


def _show(events: archive.Archive) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the views; of which load they are may differ."""
    columns = {"issues": "*", "feedback": "* EXCLUDE load_id", "attachments": "* EXCLUDE load_id"}
    return {
        view: list(events.sql(f"SELECT {shown} FROM {view} ORDER BY ALL"))
        for view, shown in columns.items()
    }


@pytest.mark.usefixtures("recognized")
def test_loading_again_and_compacting_change_nothing(
    empty: archive.Archive, tmp_path: Path
) -> None:
    old = write_json(tmp_path / "old.json", [EVENT, *NON_EVENTS])
    changed = mark("issue", ISSUE, status="resolved", assignedTo=None)
    new = write_json(tmp_path / "new.json", [changed, mark("attachment", ATTACHMENT, data="hello")])
    empty.load(old)
    empty.load(new)
    shown = _show(empty)
    assert [row for row in shown["issues"] if row[0] == 7 and "resolved" in row and None in row]
    for sources in ([old], [new, old], [old, new]):
        empty.load(*sources, force=True)
        assert _show(empty) == shown
    rows = empty.info().tables
    assert rows["issues"].rows == 11
    empty.compact()
    assert _show(empty) == shown
    rows = empty.info().tables
    assert [(rows[table].rows, rows[table].parts) for table in VIEWS] == [(2, 1), (1, 1), (1, 1)]
    assert empty.verify().problems == []
    assert empty.compact().parts_after == empty.compact().parts_before


@pytest.mark.usefixtures("recognized")
def test_an_attachment_of_an_envelope_and_of_a_list_is_one(
    empty: archive.Archive, tmp_path: Path
) -> None:
    sent = mark("attachment", {"event_id": EVENT_ID, "name": "log.txt"}, data="hello")
    empty.load(write_json(tmp_path / "a.json", [sent, mark("attachment", ATTACHMENT)]))
    assert list(empty.sql("SELECT id, name, data FROM attachments")) == [("9", "log.txt", b"hello")]


@pytest.mark.usefixtures("recognized")
def test_an_organization_names_projects_of_the_same_export(
    empty: archive.Archive, tmp_path: Path
) -> None:
    fields = {"slug": "checkout-api", "organization": 1}
    backup = [
        mark("project", {"model": "sentry.project", "pk": 42, "fields": fields}),
        mark("organization", {"model": "sentry.organization", "pk": 1, "fields": {"slug": "acme"}}),
    ]
    empty.load(write_json(tmp_path / "backup.json", backup))
    (known,) = read_newest(empty.path).projects
    assert replace(known, as_of=0) == Project("42", "checkout-api", "acme", "1", is_listed=True)


@pytest.mark.usefixtures("recognized")
def test_what_is_learned_is_held_in_bounds(
    empty: archive.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.load.learned_rows.HELD_ROWS", 2)
    records = [mark("issue", ISSUE, id=str(number)) for number in range(5)]
    empty.load(write_json(tmp_path / "issues.json", records))
    assert empty.info().tables["issues"].parts == 3
    assert list(empty.sql("SELECT count(*) FROM issues")) == [(5,)]


@pytest.mark.usefixtures("recognized")
def test_a_repair_names_what_it_cannot_rebuild(
    empty: archive.Archive, tmp_path: Path, run: Run
) -> None:
    """Loading the export again brings it back."""
    source = write_json(tmp_path / "all.json", [EVENT, *NON_EVENTS])
    empty.load(source)
    shown = _show(empty)
    (part,) = empty.files("issues")
    part.write_bytes(b"")
    ran = run("-a", empty.path, "repair")
    assert (ran.code, ran.out) == (1, b"lost 2 rows of issues\n")
    assert f"damaged: {part}" in ran.err
    empty.refresh()
    assert list(empty.sql("SELECT events, short_id FROM issues")) == [(1, None)]
    empty.load(source, force=True)
    assert _show(empty) == shown


@pytest.mark.parametrize("member", ["projectID", "projectSlug", "organizationSlug"])
def test_a_lone_surrogate_where_a_project_is_named(
    member: str, empty: archive.Archive, tmp_path: Path
) -> None:
    event = make_event(1)
    answer = {
        "organizationSlug": "acme",
        "projectSlug": "web",
        "groupId": "7",
        "eventId": event["eventID"],
        "event": event,
    }
    (event if member in event else answer)[member] = "\ud800"
    report = empty.load(write_json(tmp_path / "events.json", [answer, make_event(2)]))
    assert report.stored == 2
    assert empty.verify().ok


@pytest.mark.usefixtures("recognized")
def test_small_parts_of_issues_are_merged_when_they_pile_up(
    empty: archive.Archive, tmp_path: Path
) -> None:
    for number in range(FAN):
        empty.load(write_json(tmp_path / "issues.json", [mark("issue", ISSUE, count=number)]))
    assert empty.info().tables["issues"].parts == 1
    assert list(empty.sql("SELECT times_seen FROM issues")) == [(FAN - 1,)]


LIST_EVENT = {  # a row of an issue's list of events: it has no slugs
    name: value
    for name, value in make_event(1, groupID="7", projectID="42").items()
    if name not in ("organizationSlug", "projectSlug")
}
FOLDER = {
    "events.json": [LIST_EVENT],
    "projects.json": [
        {
            "id": "42",
            "slug": "checkout-api",
            "name": "Checkout",
            "platform": "python",
            "isMember": True,
            "dateCreated": "2025-01-01T00:00:00Z",
            "features": [],
            "organization": {"id": "1", "slug": "acme", "name": "Acme"},
        }
    ],
    "issues.json": [ISSUE, {**ISSUE, "id": "8", "shortId": "CHECKOUT-API-1B"}],
    "attachments.json": [ATTACHMENT],
    "429.json": (
        "You are attempting to use this endpoint too frequently. Limit is 1 requests in 1 seconds"
    ),
    "404.json": {"detail": "The requested resource does not exist"},
}


def test_a_folder_as_people_have_it(empty: archive.Archive, tmp_path: Path, run: Run) -> None:
    """Events, and what else the API was asked for; no options are needed."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, value in FOLDER.items():
        write_json(folder / name, value)
    ran = run("-a", empty.path, "load", folder)
    assert ran.code == 0
    assert ran.err.splitlines()[:3] == [
        "7 records read: 1 stored, 0 updated, 0 duplicate, 4 learned, 2 skipped, 0 rejected",
        "learned 1 attachment, 2 issues, 1 project",
        "skipped 2 API errors",
    ]
    empty.refresh()
    answer = json.loads(empty.resolve(LIST_EVENT["eventID"]).body)
    assert (answer["organizationSlug"], answer["projectSlug"]) == ("acme", "checkout-api")
    info = run("-a", empty.path, "info").out.decode().splitlines()
    assert {"issues: 2, 1 with events, 2 exported", "skipped: 2 API errors"} <= set(info)
    assert empty.verify().ok
