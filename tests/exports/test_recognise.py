"""Recognising: what an object is by its keys, and which events stand where in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archive.exports.limits import Limits
from archive.exports.recognise import (
    MAX_WRAPPINGS,
    Export,
    Recognised,
    Unsupported,
    recognise,
)
from archive.exports.records import Place, Record, Skipped
from archive.exports.shapes import DETAIL_ONLY, Shape, Told
from archive.exports.split import split_records

ID = "8e8379fcff434080b488b56cc4832ced"
SIMPLE: dict[str, Any] = {"id": ID, "event.type": "error", "eventID": ID, "projectID": "2"}
FULL: dict[str, Any] = {"id": ID, "eventID": ID, "projectID": "2", "entries": [], "_meta": {}}
DETAIL: dict[str, Any] = FULL | {"nextEventID": None, "previousEventID": None, "release": None}
ANSWER: dict[str, Any] = {
    "organizationSlug": "acme",
    "projectSlug": "web",
    "groupId": "7",
    "eventId": ID,
    "event": FULL,
}
STORED: dict[str, Any] = {"event_id": ID, "platform": "python", "exception": {"values": []}}
DOWNLOAD = STORED | {"project": 2, "datetime": "x"}
WEBHOOK = DOWNLOAD | {"url": f"/api/0/projects/acme/web/events/{ID}/", "issue_id": "7"}
SPLUNK: dict[str, Any] = {"event_id": ID, "issue_id": 7, "project_id": "web", "tags": []}
HOOK = {"project": {"slug": "web", "name": "Web"}, "group": {"id": "7", "title": "x"}}


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def look(raw: bytes, source: str = "export.json", member: str | None = None) -> list[Recognised]:
    return list(recognise(Record(raw, Place(source, member, 1, 0))))


class Case(NamedTuple):
    """An object, and which event is in it."""

    value: Any
    shape: Shape
    event: Any
    told: Told = Told()


EVENTS = {
    "1 eventids answer": Case(ANSWER, Shape.EVENTIDS, ANSWER, Told(None, None, "acme", "web")),
    "2 list of events": Case(SIMPLE, Shape.SIMPLE, SIMPLE),
    "3 list of full events": Case(FULL, Shape.FULL, FULL),
    "4 event details": Case(DETAIL, Shape.DETAIL, DETAIL),
    "5 organization's event details": Case(
        FULL | {"projectSlug": "web", "release": None},
        Shape.DETAIL,
        FULL | {"projectSlug": "web", "release": None},
        Told(project_slug="web"),
    ),
    "6 hash of an issue": Case({"id": "0f", "latestEvent": FULL}, Shape.FULL, FULL),
    "6 hash of an issue, simple": Case({"id": "0f", "latestEvent": SIMPLE}, Shape.SIMPLE, SIMPLE),
    "7 download": Case(DOWNLOAD, Shape.DOWNLOAD, DOWNLOAD),
    "8 webhook of an integration": Case(
        {"action": "created", "installation": {"uuid": "x"}, "data": {"error": WEBHOOK}},
        Shape.DOWNLOAD,
        WEBHOOK,
        Told(Shape.DOWNLOAD, None, "acme", "web", None, "7"),
    ),
    "9 WebHooks plugin": Case(
        {"id": "7", "project": "web", "project_name": "W", "project_slug": "web", "event": STORED},
        Shape.STORE,
        STORED,
        Told(Shape.STORE, project_slug="web", group_id="7"),
    ),
    "13 Splunk": Case(
        {"time": 1, "source": "sentry", "index": "main", "event": SPLUNK},
        Shape.SPLUNK,
        {"time": 1, "source": "sentry", "index": "main", "event": SPLUNK},
        Told(Shape.SPLUNK, project_slug="web", group_id="7"),
    ),
    "16 SDK's event": Case(STORED, Shape.SDK, STORED),
    "22 row of the nodestore": Case(
        STORED | {"hashes": [], "_ref": 2}, Shape.STORE, STORED | {"hashes": [], "_ref": 2}
    ),
    "23 message of the queue of events": Case(
        {"group_id": 7, "event_id": ID, "project_id": 2, "platform": "x", "data": STORED},
        Shape.STORE,
        STORED,
        Told(Shape.STORE, event_id=ID, project_id="2", group_id="7"),
    ),
    "10 service hook": Case(
        HOOK | {"event": FULL | {"url": "https://sentry.io/"}},
        Shape.DETAIL,
        FULL | {"url": "https://sentry.io/"},
        Told(project_slug="web", group_id="7"),
    ),
    "10 service hook, number as the group": Case(
        {"event": SIMPLE, "project": {"slug": ""}, "group": {"id": 7}},
        Shape.SIMPLE,
        SIMPLE,
        Told(group_id="7"),
    ),
    "11 body of a queue's message": Case(FULL, Shape.FULL, FULL),
    "17 event view of the new CLI": Case(FULL | {"trace": {}}, Shape.DETAIL, FULL | {"trace": {}}),
    "18 Singer": Case(
        {"type": "RECORD", "stream": "events", "record": FULL, "time_extracted": "2026-01-01"},
        Shape.FULL,
        FULL,
    ),
    "18 Airbyte": Case(
        {"type": "RECORD", "record": {"stream": "events", "data": FULL, "emitted_at": 1}},
        Shape.FULL,
        FULL,
    ),
    "18 Airbyte's row": Case({"stream": "events", "data": SIMPLE}, Shape.SIMPLE, SIMPLE),
    "a wrapped answer": Case(
        {"stream": "answers", "data": ANSWER},
        Shape.EVENTIDS,
        ANSWER,
        Told(None, None, "acme", "web"),
    ),
    "an event with a key twice": Case(FULL | {"Entries": 1}, Shape.FULL, FULL | {"Entries": 1}),
    "an event whose ID is null": Case({"eventID": None}, Shape.SIMPLE, {"eventID": None}),
}


@pytest.mark.parametrize("indent", [None, 1], ids=["compact", "pretty"])
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in EVENTS.items()])
def test_recognise(case: Case, indent: int | None) -> None:
    raw = json.dumps(case.value, indent=indent).encode()
    (found,) = look(raw)
    assert isinstance(found, Export)
    assert (found.shape, found.told) == (case.shape, case.told)
    assert json.loads(found.raw) == case.event
    offset = raw.index(found.raw)
    assert found.place == Place("export.json", None, 1 + raw.count(b"\n", 0, offset), offset)


@pytest.mark.parametrize("key", sorted(DETAIL_ONLY))
def test_a_key_of_the_details_makes_it_details(key: str) -> None:
    (found,) = look(compact(FULL | {key: None}))
    assert isinstance(found, Export)
    assert found.shape is Shape.DETAIL


@pytest.mark.parametrize("key", ["data", "hasMore", "hasPrev", "nextCursor"])
def test_a_page_of_the_new_cli(key: str) -> None:
    """Each event has a place of its own; the members stand in any order."""
    page = {"data": [SIMPLE, FULL, FULL], "hasMore": True, "hasPrev": False, "nextCursor": "0:1:0"}
    raw = json.dumps({key: page.pop(key), **page}, indent=2).encode()
    found = [export for export in look(raw) if isinstance(export, Export)]
    assert [export.shape for export in found] == [Shape.SIMPLE, Shape.FULL, Shape.FULL]
    offsets = [export.place.offset for export in found]
    assert offsets == sorted(set(offsets))
    for export in found:
        at = export.place.offset
        assert raw[at : at + len(export.raw)] == export.raw
        assert export.place.line == 1 + raw.count(b"\n", 0, at)


def test_what_is_no_event_in_a_page_costs_only_itself() -> None:
    raw = b'{"data":[1,%b,{"id":1}],"hasMore":false}' % compact(FULL)
    first, second, third = look(raw)
    assert isinstance(first, Unsupported)
    assert isinstance(second, Export)
    assert isinstance(third, Unsupported)
    assert (first.place.offset, first.raw, third.raw) == (9, b"1", b'{"id":1}')


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        pytest.param(b'{"a":{"eventID":"1"},"latestEvent":{"eventID":"1"}}', 35, id="elsewhere"),
        pytest.param(
            b'{"latestEvent":{"eventID":"1"},"latestEvent":{"eventID":"1"}}', 45, id="twice"
        ),
        pytest.param(b'{"a":["[]"],"hasMore":0,"data":[{"eventID":"1"}]}', 32, id="in a page"),
    ],
)
def test_the_place_is_exact_where_the_same_bytes_stand_twice(raw: bytes, offset: int) -> None:
    (found,) = look(raw)
    assert isinstance(found, Export)
    assert found.place.offset == offset


def test_the_place_adds_to_the_record_s() -> None:
    raw = b'{\n"latestEvent":\n%b}' % compact(FULL)
    (found,) = recognise(Record(raw, Place("a.zip", "b.json", 7, 100)))
    assert isinstance(found, Export)
    assert found.place == Place("a.zip", "b.json", 9, 117)


def test_wrapping_is_bounded() -> None:
    value: dict[str, Any] = FULL
    for _ in range(MAX_WRAPPINGS):
        value = {"stream": "events", "data": value}
    (found,) = look(compact(value))
    assert isinstance(found, Export)
    (found,) = look(compact({"stream": "events", "data": value}))
    assert isinstance(found, Unsupported)
    assert "wrapped more than" in found.reason
    (found,) = look(b'{"latestEvent":' * 5_000 + b"{}" + b"}" * 5_000)
    assert isinstance(found, Unsupported)


# -- The path in an S3 bucket ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "member", "slug"),
    [
        pytest.param(f"/bucket/web/2026-01-31/{ID}", None, "web", id="key"),
        pytest.param(f"web/2026-01-31/{ID}", None, "web", id="relative path"),
        pytest.param(f"web/2026-01-31/{ID.upper()}", None, "web", id="upper case"),
        pytest.param("bucket.tar", f"bucket/my-web_2/2026-01-31/{ID}", "my-web_2", id="member"),
        pytest.param("bucket.zip", f"in.tar!web/2026-01-31/{ID}", "web", id="member of a member"),
        pytest.param(f"web/2026-01-31/{ID}.json", None, None, id="extension"),
        pytest.param(f"web/2026-01-31/{ID[:-1]}0", None, None, id="other ID"),
        pytest.param(f"web/2026-01/{ID}", None, None, id="no day"),
        pytest.param(f"web/{ID}", None, None, id="no day at all"),
        pytest.param(f"/2026-01-31/{ID}", None, None, id="no slug"),
        pytest.param("b.zip", f"2026-01-31/{ID}", None, id="no slug in the zip"),
        pytest.param("b.zip", f"../2026-01-31/{ID}", None, id="no slug but a way out"),
        pytest.param(f"web/2026-01-31/{ID}", "events.json", None, id="only the zip is named so"),
        pytest.param("-", None, None, id="standard input"),
    ],
)
def test_the_path_tells_the_project(source: str, member: str | None, slug: str | None) -> None:
    (found,) = look(compact(FULL), source, member)
    assert isinstance(found, Export)
    assert found.told == Told(project_slug=slug)


def test_what_the_event_says_counts_before_the_path() -> None:
    (found,) = look(compact(FULL | {"projectSlug": "api"}), f"web/2026-01-31/{ID}")
    assert isinstance(found, Export)
    assert found.told.project_slug == "api"


@pytest.mark.parametrize("event_id", [None, "", 5, [], {}, "31"])
def test_a_path_without_the_event_s_id_tells_nothing(event_id: Any) -> None:
    (found,) = look(compact(FULL | {"eventID": event_id}), f"web/2026-01-31/{ID}")
    assert isinstance(found, Export)
    assert found.told == Told()


# -- What is no event -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({"s3Url": "s3://b/k", "eventID": ID}, "pointer to an event", id="12 pointer"),
        pytest.param(
            {"userId": "1", "event": "Error Captured", "properties": {"eventId": ID}},
            "Segment",
            id="14 Segment",
        ),
        pytest.param({"data": [{"id": ID}], "meta": {}}, "Discover", id="19 Discover table"),
        pytest.param(
            {"model": "sentry.project", "pk": 2, "fields": {}}, "--projects", id="21 backup"
        ),
        pytest.param({"id": "7", "shortId": "WEB-1", "permalink": "x"}, "an issue", id="issue"),
        pytest.param({"id": "2", "slug": "web", "platform": "x"}, "a project", id="project"),
        pytest.param({"detail": "Not found"}, "error answer", id="error answer"),
        pytest.param({"key": "os", "totalValues": 2}, "a tag's details", id="tag"),
        pytest.param({"key": "os", "value": "x", "count": 2}, "a tag value", id="tag value"),
        pytest.param({"dsn": "x", "sent_at": "x"}, "envelope", id="15 header of an envelope"),
        pytest.param(
            {"id": "0f", "latestEvent": None}, "(an object with id, latestEvent)", id="6 none"
        ),
        pytest.param({"a": 1, "b": 2}, "(an object with a, b)", id="anything"),
        pytest.param({}, "an empty object", id="nothing"),
        pytest.param({str(n): n for n in range(99)}, "with 0, 1, 2, 3, 4, 5, 6, 7)", id="many"),
        pytest.param({**ANSWER, "event": None}, "not an event", id="answer without its event"),
    ],
)
def test_what_is_no_event_is_named(value: Any, reason: str) -> None:
    raw = compact(value)
    (found,) = look(raw)
    assert isinstance(found, Unsupported)
    assert reason in found.reason
    assert (found.raw, found.place.offset) == (raw, 0)


@pytest.mark.parametrize("kind", ["STATE", "SCHEMA", "LOG", "CATALOG", "TRACE"])
def test_what_connectors_write_beside_records_is_skipped(kind: str) -> None:
    value = {"type": kind, "stream": "events", "schema": {}, "value": {}, "state": {}}
    assert look(compact(value)) == [Skipped(f"connector {kind.lower()}")]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"eventID":"1"]',
        b'{"eventID" "1"}',
        b'{"\xff":1}',
        b'{"a\nb":1}',
        b"1",
        b'{"data":[{"eventID":"1"} {"eventID":"2"}],"hasMore":false}',
        b'{"data":[1}],"hasMore":false}',
        b'{"project":{x},"group":{},"event":{"eventID":"1"}}',
    ],
)
def test_what_is_no_json(raw: bytes) -> None:
    (found,) = look(raw)
    assert isinstance(found, Unsupported)
    assert found.reason.startswith("not valid JSON: ")
    assert found.raw == raw


@pytest.mark.parametrize(
    "extra",
    [
        b'"x":NaN',
        b'"x":-Infinity',
        b'"x":"\\ud83d"',
        b'"\\ud83d":1',
        b'"x":1e400',
        b'"x":12345678901234567890123',
        b'"x":"\xff"',
        b'"eventID":"2"',
        b'"x":' + b"[" * 5_000 + b"]" * 5_000,
    ],
    ids=[
        *("NaN", "infinity", "lone surrogate", "lone surrogate in a key", "float too large"),
        *("integer of 23 digits", "invalid UTF-8", "key twice", "deep"),
    ],
)
def test_odd_values_do_not_hide_an_event(extra: bytes) -> None:
    raw = compact(FULL)[:-1] + b"," + extra + b"}"
    wrapped = b'{"latestEvent":%b}' % raw
    for found in (*look(raw), *look(wrapped)):
        assert isinstance(found, Export)
        assert (found.shape, found.raw) == (Shape.FULL, raw)


# -- Real answers of the API ----------------------------------------------------------------------

_VARIABLE = "EVENT_ARCHIVE_CORPUS"
REAL = {
    "event-id-lookup_get.json": [Shape.EVENTIDS],
    "issue-details_get.json": ["an issue"],
    "issue-events_get.json": [Shape.SIMPLE],
    "issue-hashes_get.json": [Shape.FULL],
    "latest-event_get.json": [Shape.DETAIL],
    "oldest-event_get.json": [Shape.DETAIL],
    "project-event-details_get.json": [Shape.DETAIL],
    "project-events_get.json": [Shape.SIMPLE],
    "project-issues_get.json": ["an issue"],
    "tag-details_get.json": ["a tag's details"],
    "tag-values_get.json": ["not an event"],
}


def _corpus_cases() -> Iterator[Any]:
    corpus = os.environ.get(_VARIABLE)
    marks = [] if corpus else [pytest.mark.skip(reason=f"{_VARIABLE} is not set")]
    for name, expected in REAL.items():
        path = Path(corpus or "", "api", name)
        yield pytest.param(path, expected, id=name.removesuffix(".json"), marks=marks)


@pytest.mark.parametrize(("path", "expected"), list(_corpus_cases()))
def test_real_answers(path: Path, expected: list[Shape | str]) -> None:
    chunks = iter([path.read_bytes()])
    records = split_records(chunks, path.name, None, Limits())
    found = [it for record in records if isinstance(record, Record) for it in recognise(record)]
    assert len(found) == len(expected)
    for item, want in zip(found, expected, strict=True):
        if isinstance(item, Export):
            assert item.shape == want
        else:
            assert isinstance(item, Unsupported)
            assert want in item.reason
