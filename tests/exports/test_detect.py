"""Detection: which objects are events, of which shape, and where they are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archive.exports.detect import Export, Unsupported, detect
from archive.exports.limits import Limits
from archive.exports.records import Learned, Record, Skipped, SourceLocation
from archive.exports.shapes import DETAIL_ONLY, Hints, Shape
from archive.exports.split import split_records
from tests.exports.events import (
    ANSWER,
    DETAIL,
    DOWNLOAD,
    FULL,
    GLITCHTIP,
    ID,
    SIMPLE,
    STORED,
    compact,
    recognize,
)


class Case(NamedTuple):
    """An object and the event in it."""

    value: Any
    shape: Shape
    event: Any
    hints: Hints = Hints()


OF_2014 = {
    "id": "12",
    "eventID": ID,
    "entries": [{"type": "stacktrace", "data": {}}],
    "message": "x",
    "platform": "python",
    "dateCreated": "2014-01-31T08:30:00Z",
    "timeSpent": None,
}
OF_2018: dict[str, Any] = {
    "id": "12",
    "eventID": ID,
    "groupID": "7",
    "message": "x",
    "tags": [],
    "platform": "python",
    "dateCreated": "2018-01-31T08:30:00Z",
    "user": None,
}
EXTERNAL: dict[str, Any] = {
    "groupID": "7",
    "eventID": ID,
    "project": "2",
    "message": "x",
    "title": "x",
    "location": None,
    "culprit": "",
    "user": None,
    "tags": [],
    "platform": "python",
    "datetime": "2026-01-31T08:30:00.000000Z",
}
SHARED = {
    "id": ID,
    "groupID": "7",
    "eventID": ID,
    "projectID": "2",
    "entries": [],
    "message": "",
    "platform": "python",
}
RAVEN = {
    "event_id": ID,
    "message": "x",
    "project": "default",
    "sentry.interfaces.Message": {"message": "x", "params": []},
}
TRANSACTION = {
    "event_id": ID,
    "type": "transaction",
    "transaction": "/",
    "start_timestamp": 1.0,
    "timestamp": 2.0,
    "contexts": {"trace": {"trace_id": "x", "span_id": "y"}},
    "spans": [],
}
ODD = STORED | {
    "comments": "x",
    "email": "x",
    "span_id": "x",
    "trace_id": "x",
    "op": "x",
    "children": [],
    "mimetype": "x",
    "sha1": "x",
    "name": "x",
    "slug": "x",
    "id": 1,
    "detail": "x",
    "profile": {},
}

EVENTS = {
    "1 eventids answer": Case(ANSWER, Shape.EVENTIDS, ANSWER, Hints(None, None, "acme", "web")),
    "2 list of events": Case(SIMPLE, Shape.SIMPLE, SIMPLE),
    "3 list of full events": Case(FULL, Shape.FULL, FULL),
    "4 event details": Case(DETAIL, Shape.DETAIL, DETAIL),
    "5 organization's event details": Case(
        FULL | {"projectSlug": "web", "release": None},
        Shape.DETAIL,
        FULL | {"projectSlug": "web", "release": None},
        Hints(project_slug="web"),
    ),
    "7 download": Case(DOWNLOAD, Shape.DOWNLOAD, DOWNLOAD),
    "16 SDK's event": Case(STORED, Shape.SDK, STORED),
    "22 row of the nodestore": Case(
        STORED | {"hashes": [], "_ref": 2}, Shape.STORE, STORED | {"hashes": [], "_ref": 2}
    ),
    "11 body of a queue's message": Case(FULL, Shape.FULL, FULL),
    "17 event view of the new CLI": Case(FULL | {"trace": {}}, Shape.DETAIL, FULL | {"trace": {}}),
    "an event with a key twice": Case(FULL | {"Entries": 1}, Shape.FULL, FULL | {"Entries": 1}),
    "24 GlitchTip": Case(
        GLITCHTIP, Shape.FULL, GLITCHTIP, Hints(event_id=ID, project_id="2", group_id="7")
    ),
    "24 GlitchTip's download": Case(
        DOWNLOAD | {"platform": None, "exception": None, "hashes": [], "sdk": {}},
        Shape.DOWNLOAD,
        DOWNLOAD | {"platform": None, "exception": None, "hashes": [], "sdk": {}},
    ),
    "an event whose ID is null": Case(
        SIMPLE | {"eventID": None}, Shape.SIMPLE, SIMPLE | {"eventID": None}
    ),
    "event of 2014": Case(OF_2014, Shape.FULL, OF_2014),
    "event of 2018 in a list": Case(OF_2018, Shape.SIMPLE, OF_2018),
    "event as PagerDuty gets it": Case(EXTERNAL, Shape.SIMPLE, EXTERNAL),
    "shared event": Case(SHARED, Shape.FULL, SHARED),
    "event of Raven": Case(RAVEN, Shape.SDK, RAVEN),
    "transaction": Case(TRANSACTION, Shape.SDK, TRANSACTION),
    "event with members of its own": Case(ODD, Shape.SDK, ODD),
}


@pytest.mark.parametrize("indent", [None, 1], ids=["compact", "pretty"])
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in EVENTS.items()])
def test_detect(case: Case, indent: int | None) -> None:
    raw = json.dumps(case.value, indent=indent).encode()
    (found,) = recognize(raw)
    assert isinstance(found, Export)
    assert (found.shape, found.hints) == (case.shape, case.hints)
    assert json.loads(found.raw) == case.event
    offset = raw.index(found.raw)
    assert found.place == SourceLocation(
        "export.json", None, 1 + raw.count(b"\n", 0, offset), offset
    )


@pytest.mark.parametrize("key", sorted(DETAIL_ONLY))
def test_a_key_of_the_details_makes_it_details(key: str) -> None:
    (found,) = recognize(compact(FULL | {key: None}))
    assert isinstance(found, Export)
    assert found.shape is Shape.DETAIL


@pytest.mark.parametrize("key", ["data", "hasMore", "hasPrev", "nextCursor"])
def test_a_page_of_the_new_cli(key: str) -> None:
    """Each event has its own place; the members are in any order."""
    page = {"data": [SIMPLE, FULL, FULL], "hasMore": True, "hasPrev": False, "nextCursor": "0:1:0"}
    raw = json.dumps({key: page.pop(key), **page}, indent=2).encode()
    found = [export for export in recognize(raw) if isinstance(export, Export)]
    assert [export.shape for export in found] == [Shape.SIMPLE, Shape.FULL, Shape.FULL]
    offsets = [export.place.offset for export in found]
    assert offsets == sorted(set(offsets))
    for export in found:
        at = export.place.offset
        assert raw[at : at + len(export.raw)] == export.raw
        assert export.place.line == 1 + raw.count(b"\n", 0, at)


def test_what_is_not_an_event_in_a_page_costs_only_itself() -> None:
    raw = b'{"data":[1,%b,{"id":1}],"hasMore":false}' % compact(FULL)
    first, second, third = recognize(raw)
    assert isinstance(first, Unsupported)
    assert isinstance(second, Export)
    assert isinstance(third, Unsupported)
    assert (first.place.offset, first.raw, third.raw) == (9, b"1", b'{"id":1}')


E = b'{"eventID":"1","entries":[]}'


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        pytest.param(b'{"a":%b,"latestEvent":%b}' % (E, E), 48, id="elsewhere"),
        pytest.param(b'{"latestEvent":%b,"latestEvent":%b}' % (E, E), 58, id="twice"),
        pytest.param(b'{"a":["[]"],"hasMore":0,"data":[%b]}' % E, 32, id="in a page"),
    ],
)
def test_the_place_is_exact_where_the_same_bytes_stand_twice(raw: bytes, offset: int) -> None:
    (found,) = recognize(raw)
    assert isinstance(found, Export)
    assert found.place.offset == offset


def test_the_place_adds_to_the_record_s() -> None:
    raw = b'{\n"latestEvent":\n%b}' % compact(FULL)
    (found,) = detect(Record(raw, SourceLocation("a.zip", "b.json", 7, 100)))
    assert isinstance(found, Export)
    assert found.place == SourceLocation("a.zip", "b.json", 9, 117, "latestEvent")


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
    (found,) = recognize(compact(FULL), source, member)
    assert isinstance(found, Export)
    assert found.hints == Hints(project_slug=slug)


def test_what_the_event_says_counts_before_the_path() -> None:
    (found,) = recognize(compact(FULL | {"projectSlug": "api"}), f"web/2026-01-31/{ID}")
    assert isinstance(found, Export)
    assert found.hints.project_slug == "api"


@pytest.mark.parametrize("event_id", [None, "", 5, [], {}, "31"])
def test_a_path_without_the_event_s_id_tells_nothing(event_id: Any) -> None:
    (found,) = recognize(compact(FULL | {"eventID": event_id}), f"web/2026-01-31/{ID}")
    assert isinstance(found, Export)
    assert found.hints == Hints()


# -- Not an event ---------------------------------------------------------------------------------

LOG = {"event_id": ID, "timestamp": "2026-01-31T08:30:00Z", "level": "error", "message": "x"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({"dsn": "x", "sent_at": "x"}, "envelope", id="15 header of an envelope"),
        pytest.param({"a": 1, "b": 2}, "(an object with a, b)", id="anything"),
        pytest.param({}, "an empty object", id="nothing"),
        pytest.param({str(n): n for n in range(99)}, "with 0, 1, 2, 3, 4, 5, 6, 7)", id="many"),
        pytest.param({**ANSWER, "event": None}, "has an event ID", id="answer without its event"),
        pytest.param({**ANSWER, "event": {"eventID": ID}}, "has an event ID", id="empty answer"),
        pytest.param({"eventID": ID, "name": "x"}, "has an event ID", id="another ID"),
        pytest.param(LOG, "has an event ID", id="log"),
        pytest.param(LOG | {"exception": "KeyError: x"}, "has an event ID", id="log, exception"),
        pytest.param(
            LOG | {"exception": {"class": "KeyError", "message": "x"}},
            "has an event ID",
            id="log, exception object",
        ),
        pytest.param(LOG | {"request": {"url": "x"}}, "has an event ID", id="log, request"),
        pytest.param(LOG | {"platform": "ios"}, "has an event ID", id="log, platform"),
        pytest.param(LOG | {"type": "invoice.paid"}, "has an event ID", id="webhook"),
        pytest.param({"event_id": ID, "tags": ["a"]}, "has an event ID", id="tags"),
        pytest.param(
            LOG | {"project_id": 2, "platform": "python"}, "some columns", id="row of a table"
        ),
        pytest.param(
            {"event_id": ID, "group_id": "7", "project_id": "2", "date_created": "x"},
            "some columns",
            id="row of dlt",
        ),
    ],
)
def test_what_is_not_an_event_is_rejected_with_the_reason(value: Any, reason: str) -> None:
    raw = compact(value)
    found = recognize(raw)[-1]
    assert isinstance(found, Unsupported)
    assert reason in found.reason


@pytest.mark.parametrize(
    "raw",
    [
        b'{"eventID":"1"]',
        b'{"eventID" "1"}',
        b'{"\xff":1}',
        b'{"a\nb":1}',
        b'{"data":[1}],"hasMore":false}',
        b'{"project":{x},"group":{},"event":{"eventID":"1"}}',
    ],
)
def test_what_is_no_json(raw: bytes) -> None:
    (found,) = recognize(raw)
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
    for found in (*recognize(raw), *recognize(wrapped)):
        assert isinstance(found, Export)
        assert (found.shape, found.raw) == (Shape.FULL, raw)


# -- Real answers of the API ----------------------------------------------------------------------

_VARIABLE = "EVENT_ARCHIVE_CORPUS"
REAL = {
    "event-id-lookup_get.json": [Shape.EVENTIDS],
    "issue-details_get.json": ["issue"],
    "issue-events_get.json": [Shape.SIMPLE],
    "issue-hashes_get.json": [Shape.FULL],
    "latest-event_get.json": [Shape.DETAIL],
    "oldest-event_get.json": [Shape.DETAIL],
    "project-event-details_get.json": [Shape.DETAIL],
    "project-events_get.json": [Shape.SIMPLE],
    "project-issues_get.json": ["issue"],
    "tag-details_get.json": ["tag"],
    "tag-values_get.json": ["value of a tag"],
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
    found = [it for record in records if isinstance(record, Record) for it in detect(record)]
    assert len(found) == len(expected)
    for item, want in zip(found, expected, strict=True):
        if isinstance(item, Export):
            assert item.shape == want
        else:
            assert isinstance(item, Learned | Skipped)
            assert item.kind == want
