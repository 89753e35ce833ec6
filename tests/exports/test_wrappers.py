"""Wrappers: the events in them, with their places and hints."""

from __future__ import annotations

import base64
import json
import time
from typing import Any, NamedTuple

import pytest

from archive.exports.detect import (
    MAX_WRAPPINGS,
    Detected,
    Export,
    Unsupported,
    detect,
)
from archive.exports.non_events import NON_EVENTS
from archive.exports.records import Learned, LearnedKind, Record, Skipped, SourceLocation
from archive.exports.shapes import NO_HINTS, Hints, Shape
from archive.exports.wrappers import WRAPPERS
from tests.exports.events import (
    ANSWER,
    FULL,
    GLITCHTIP,
    ID,
    ISSUE,
    OTHER_ID,
    SIMPLE,
    SPLUNK,
    STORED,
    WEBHOOK,
    compact,
    recognize,
)

FULL_TEXT = json.dumps(FULL)
FULL_BASE64 = base64.b64encode(FULL_TEXT.encode()).decode()
ENVELOPE = '{"dsn":"https://k@o1.ingest.sentry.io/2"}\n{"type":"event"}\n' + json.dumps(STORED)
NOTIFICATION = {"Type": "Notification", "MessageId": "1", "TopicArn": "x", "Message": FULL_TEXT}
OF_ISSUE = Hints(None, None, "acme", "web", "2", "7")
HAR_ENTRY = {
    "request": {"method": "GET", "url": f"https://sentry.io/api/0/projects/acme/web/events/{ID}/"},
    "response": {
        "status": 200,
        "content": {"mimeType": "application/json", "text": FULL_BASE64, "encoding": "base64"},
    },
}


TEXTS = ("Body", "body", "Message", "_raw", "text", "data", "payload")  # members with JSON text


class Case(NamedTuple):
    """A wrapper: its name in the table, an example, and the path and hints of each item."""

    wrapper: str
    value: Any
    paths: list[str]
    hints: Hints = NO_HINTS
    shape: Shape = Shape.FULL


CASES = {
    "issue": Case(
        "issue with its latest event",
        {
            "id": "7",
            "permalink": "https://sentry.io/organizations/acme/issues/7/",
            "project": {"id": "2", "slug": "web"},
            "latestEvent": FULL,
        },
        ["latestEvent"],
        OF_ISSUE,
    ),
    "hash of an issue": Case(
        "issue's hash with its latest event", {"id": "0f", "latestEvent": FULL}, ["latestEvent"]
    ),
    "service hook": Case(
        "service hook",
        {"project": {"slug": "web"}, "group": {"id": 7}, "event": FULL | {"url": "https://x.io/"}},
        ["event"],
        Hints(project_slug="web", group_id="7"),
        Shape.DETAIL,
    ),
    "WebHooks plugin": Case(
        "WebHooks plugin",
        {
            "id": "7",
            "project": "web",
            "project_name": "Web",
            "project_slug": "web",
            "url": "https://acme.sentry.io/issues/7/",
            "event": STORED,
        },
        ["event"],
        Hints(Shape.STORE, None, "acme", "web", None, "7"),
        Shape.STORE,
    ),
    "webhook of an alert": Case(
        "webhook of an integration",
        {"action": "triggered", "installation": {"uuid": "x"}, "data": {"event": WEBHOOK}},
        ["data.event"],
        Hints(Shape.DOWNLOAD, None, "acme", "web", None, "7"),
        Shape.DOWNLOAD,
    ),
    "webhook of an error": Case(
        "webhook of an integration",
        {"action": "created", "actor": {}, "data": {"error": WEBHOOK}},
        ["data.error"],
        Hints(Shape.DOWNLOAD, None, "acme", "web", None, "7"),
        Shape.DOWNLOAD,
    ),
    "webhook of an issue": Case(
        "webhook of an integration",
        {"action": "created", "installation": {}, "data": {"issue": ISSUE}},
        ["data.issue"],
        Hints(Shape.DOWNLOAD),
    ),
    "queue of events": Case(
        "message of the queue `events`",
        {"group_id": 7, "event_id": ID, "project_id": 2, "platform": "python", "data": STORED},
        ["data"],
        Hints(Shape.STORE, ID, project_id="2", group_id="7"),
        Shape.STORE,
    ),
    "occurrence": Case(
        "occurrence with its event",
        {
            "id": OTHER_ID,
            "project_id": 2,
            "event_id": ID,
            "issue_title": "Slow query",
            "evidence_data": {},
            "event": {"event_id": ID, "project_id": 2, "platform": "python", "tags": {}},
        },
        ["event"],
        Hints(Shape.SDK, ID, project_id="2"),
        Shape.SDK,
    ),
    "Bugsink": Case(
        "Bugsink's event",
        {
            "id": OTHER_ID,
            "ingested_at": "2026-01-31T08:30:00Z",
            "issue": OTHER_ID,
            "event_id": ID,
            "project": 2,
            "timestamp": "2026-01-31T08:30:00Z",
            "data": STORED,
            "stacktrace_md": "…",
        },
        ["data"],
        Hints(Shape.SDK, ID, project_id="2"),
        Shape.SDK,
    ),
    "Singer": Case(
        "record of Singer or Airbyte",
        {"type": "RECORD", "stream": "events", "record": FULL, "time_extracted": "2026-01-01"},
        ["record"],
    ),
    "Airbyte's message": Case(
        "row of a connector",
        {"type": "RECORD", "record": {"stream": "events", "data": FULL, "emitted_at": 1}},
        ["record.data"],
    ),
    "Airbyte's raw row": Case(
        "raw row of Airbyte",
        {"_airbyte_raw_id": OTHER_ID, "_airbyte_extracted_at": 1, "_airbyte_data": FULL},
        ["_airbyte_data"],
    ),
    "Airbyte's older raw row": Case(
        "raw row of Airbyte",
        {"_airbyte_ab_id": OTHER_ID, "_airbyte_emitted_at": 1, "_airbyte_data": FULL_TEXT},
        ["_airbyte_data"],
    ),
    "SQS": Case(
        "messages of SQS",
        {"Messages": [{"MessageId": "1", "ReceiptHandle": "x", "Body": FULL_TEXT}] * 2},
        ["Messages[0].Body", "Messages[1].Body"],
    ),
    "SNS in SQS": Case("message of SNS", {"Body": json.dumps(NOTIFICATION)}, ["Body.Message"]),
    "line of SQS": Case("message of SQS", {"Body": FULL_TEXT}, ["Body"]),
    "Lambda": Case(
        "messages of Lambda",
        {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": FULL_TEXT}]},
        ["Records[0].body"],
    ),
    "record of Lambda": Case("record of Lambda", {"messageId": "1", "body": FULL_TEXT}, ["body"]),
    "record of Lambda, its body only": Case(
        "record of Lambda", {"Records": [{"body": FULL_TEXT}]}, ["Records[0].body"]
    ),
    "SNS in Lambda": Case(
        "record of Lambda from SNS",
        {"Records": [{"EventSource": "aws:sns", "Sns": NOTIFICATION}]},
        ["Records[0].Sns.Message"],
    ),
    "Pub/Sub push": Case(
        "push of Pub/Sub",
        {"message": {"data": FULL_BASE64, "messageId": "1"}, "subscription": "x"},
        ["message.data"],
    ),
    "Pub/Sub pull": Case(
        "message of Pub/Sub",
        {"ackId": "x", "message": {"data": FULL_BASE64, "messageId": "1"}},
        ["message.data"],
    ),
    "Pub/Sub pull, all": Case(
        "messages of Pub/Sub",
        {"receivedMessages": [{"ackId": "x", "message": {"data": FULL_BASE64}}]},
        ["receivedMessages[0].message.data"],
    ),
    "kcat": Case(
        "message of kcat",
        {"topic": "events", "partition": 0, "offset": 5, "key": None, "payload": FULL_TEXT},
        ["payload"],
    ),
    "HAR": Case(
        "HAR file",
        {"log": {"version": "1.2", "creator": {}, "entries": [HAR_ENTRY]}},
        ["log.entries[0].response.content.text"],
        Hints(None, None, "acme", "web"),
    ),
    "entry of a HAR": Case(
        "entry of a HAR file",
        HAR_ENTRY,
        ["response.content.text"],
        Hints(None, None, "acme", "web"),
    ),
    "log of requests": Case(
        "log of requests",
        {"method": "POST", "headers": {"sentry-hook-resource": "x"}, "body": {"event": FULL}},
        ["body.event"],
    ),
    "log of requests, text": Case(
        "log of requests", {"headers": [["a", "b"]], "body": FULL_TEXT}, ["body"]
    ),
    "log of requests, envelope": Case(
        "log of requests",
        {"headers": {}, "content": ENVELOPE},
        ["content"],
        Hints(Shape.SDK, project_id="2"),
        Shape.SDK,
    ),
    "Elasticsearch's answer": Case(
        "answer of Elasticsearch",
        {"took": 1, "hits": {"total": 1, "hits": [{"_id": "1", "_source": FULL}]}},
        ["hits.hits[0]._source"],
    ),
    "Elasticsearch's document": Case(
        "document of Elasticsearch", {"_index": "x", "_id": "1", "_source": FULL}, ["_source"]
    ),
    "Splunk's search": Case(
        "result of a Splunk search",
        {"preview": False, "result": {"_raw": FULL_TEXT, "_time": "x"}},
        ["result._raw"],
    ),
    "Splunk's row": Case("row of a Splunk search", {"_raw": FULL_TEXT, "_time": "x"}, ["_raw"]),
    "HEC, another event": Case(
        "event of Splunk's HTTP event collector",
        {"time": 1, "source": "http", "event": FULL},
        ["event"],
    ),
    "issue with its events": Case(
        "issue with its events",
        {"issue": ISSUE, "events": [FULL, SIMPLE]},
        ["issue", "events[0]", "events[1]"],
        OF_ISSUE,
    ),
    "issue with its event": Case(
        "issue with its event", {"issue": ISSUE, "event": FULL}, ["issue", "event"], OF_ISSUE
    ),
    "issue by its short ID": Case(
        "issue by its short ID",
        {
            "organizationSlug": "acme",
            "projectSlug": "web",
            "groupId": "7",
            "group": ISSUE,
            "shortId": "WEB-1",
        },
        ["group"],
        Hints(organization_slug="acme", project_slug="web"),
    ),
    "page of events": Case("page of events", {"events": [FULL, FULL]}, ["events[0]", "events[1]"]),
    "page of results": Case("page of results", {"count": 1, "results": [FULL]}, ["results[0]"]),
    "page of data": Case("page of data", {"data": [[FULL]], "hasMore": False}, ["data[0][0]"]),
    "event alone": Case("event alone", {"source": "cron", "event": FULL}, ["event"]),
    "data alone": Case("data alone", {"data": FULL}, ["data"]),
    "map of events": Case("", {ID: FULL, OTHER_ID: [FULL]}, [ID, f"{OTHER_ID}[0]"]),
    "map of short IDs": Case("", {"WEB-1": [FULL]}, ["WEB-1[0]"]),
    "Mongo": Case("", FULL | {"_id": {"$oid": "65"}}, [""]),
    "GlitchTip": Case("", GLITCHTIP, [""], Hints(event_id=ID, project_id="2", group_id="7")),
    "dlt": Case("", SIMPLE | {"_dlt_id": "x", "_dlt_load_id": "1"}, [""], shape=Shape.SIMPLE),
}


def place_of(item: Detected) -> SourceLocation:
    assert not isinstance(item, Skipped)
    return item.place


@pytest.mark.parametrize("indent", [None, 1], ids=["compact", "pretty"])
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_wrappers(case: Case, indent: int | None) -> None:
    """Each item has its path, its exact place if it is in the file verbatim, and its hints."""
    raw = json.dumps(case.value, indent=indent).encode()
    found = recognize(raw)
    assert [place_of(item).path for item in found] == case.paths
    for item in found:
        place = place_of(item)
        text = place.path.rpartition(".")[2] in (
            "Body",
            "body",
            "Message",
            "_raw",
            "text",
            "data",
            "payload",
        )
        at = place.offset
        assert place.line == 1 + raw.count(b"\n", 0, at)
        if not text and not isinstance(item, Skipped):
            assert raw[at : at + len(item.raw)] == item.raw or raw[at : at + 1] == b'"'
    last = found[-1]
    if isinstance(last, Learned):
        assert last.kind is LearnedKind.ISSUE
    else:
        assert isinstance(last, Export)
        assert last.shape in (case.shape, Shape.SIMPLE)
    if "issue" in case.paths:
        assert isinstance(found[0], Learned)
    assert last.hints == case.hints


def test_every_wrapper_has_a_case() -> None:
    assert {wrapper.name for wrapper in WRAPPERS} == {case.wrapper for case in CASES.values()} - {
        ""
    }


def test_an_event_of_splunk_is_kept_in_its_wrapper() -> None:
    raw = compact({"time": 1, "source": "sentry", "index": "main", "event": SPLUNK})
    (found,) = recognize(raw)
    assert isinstance(found, Export)
    assert (found.shape, found.raw) == (Shape.SPLUNK, raw)
    assert found.hints == Hints(Shape.SPLUNK, project_slug="web", group_id="7")


@pytest.mark.parametrize("outer", ["{}", '{"result":{}}', '{"results":[{}]}'])
def test_an_event_that_a_search_in_splunk_found(outer: str) -> None:
    row = json.dumps({"_raw": json.dumps(SPLUNK), "_time": "2026-01-31T08:30:00.000+00:00"})
    (found,) = recognize(outer.replace("{}", row).encode())
    assert isinstance(found, Export)
    assert found.shape is Shape.SPLUNK
    assert json.loads(found.raw) == {
        "time": "2026-01-31T08:30:00.000+00:00",
        "source": "sentry",
        "event": SPLUNK,
    }
    assert found.hints == Hints(Shape.SPLUNK, project_slug="web", group_id="7")
    assert found.place.path.endswith("_raw")


def test_an_answer_in_a_wrapper_keeps_its_slugs() -> None:
    (found,) = recognize(compact({"stream": "answers", "data": ANSWER}))
    assert isinstance(found, Export)
    assert (found.shape, found.hints) == (Shape.EVENTIDS, Hints(None, None, "acme", "web"))


def test_an_issue_with_its_latest_event_is_both() -> None:
    issue, event = recognize(compact(ISSUE | {"latestEvent": FULL}))
    assert isinstance(issue, Learned)
    assert isinstance(event, Export)
    assert event.hints == OF_ISSUE


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"events": []}, [Skipped("empty page")], id="empty page"),
        pytest.param({"events": [None]}, [Skipped("null")], id="null"),
        pytest.param(
            {"headers": {}, "body": ""}, [Skipped("log of requests without an event")], id="no body"
        ),
        pytest.param(
            {"headers": {}, "body": "a=b"},
            [Skipped("log of requests without an event")],
            id="form",
        ),
        pytest.param(
            {"headers": {}, "body": {"ok": True}},
            [Skipped("log of requests without an event")],
            id="another request",
        ),
        pytest.param(
            {"headers": {}, "body": "You are attempting to use this endpoint too frequently."},
            [Skipped("API error")],
            id="429",
        ),
        pytest.param(
            {"request": {"url": "x"}, "response": {"content": {"mimeType": "x", "size": 0}}},
            [Skipped("entry of a HAR file without an event")],
            id="HAR without a text",
        ),
        pytest.param(
            {"action": "resolved", "installation": {}, "data": {"metric_alert": {}}},
            [Skipped("webhook of an integration without an event")],
            id="webhook about something else",
        ),
    ],
)
def test_what_holds_no_event_is_skipped(value: Any, expected: list[Skipped]) -> None:
    assert recognize(compact(value)) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({"Body": "hello"}, "text that is not JSON: hello", id="text"),
        pytest.param({"Body": "{oops"}, "in the middle of an object", id="broken JSON"),
        pytest.param({"events": [1]}, "not an event but 1", id="number"),
        pytest.param({"ackId": "x", "message": {"data": "?"}}, "not base64", id="not base64"),
        pytest.param({"events": [{"a": 1}]}, "an object with a", id="another object"),
        pytest.param(
            {"headers": {}, "body": {"event_id": ID, "type": "invoice.paid"}},
            "has an event ID",
            id="suspect in a log",
        ),
    ],
)
def test_what_might_be_an_event_is_rejected_where_it_is(value: Any, reason: str) -> None:
    (found,) = recognize(compact(value))
    assert isinstance(found, Unsupported)
    assert reason in found.reason
    assert found.place.path


def test_an_answer_with_an_event_that_is_not_utf_8_is_rejected() -> None:
    (found,) = recognize(b'{"organizationSlug":"","projectSlug":"","event":{"\xf4":"","":[]}}')
    assert isinstance(found, Unsupported)
    assert found.reason.startswith("not valid JSON: ")


def test_lines_in_a_string_are_events_each() -> None:
    found = recognize(compact({"Body": f"{FULL_TEXT}\n\n{json.dumps(SIMPLE)}\n{{oops"}))
    assert [place_of(item).path for item in found] == ["Body[0]", "Body[1]", "Body[2]"]
    assert [type(item) for item in found] == [Export, Export, Unsupported]


def test_a_string_in_a_string() -> None:
    (found,) = recognize(compact({"Body": json.dumps(FULL_TEXT)}))
    assert isinstance(found, Export)
    assert json.loads(found.raw) == FULL


def test_a_lone_surrogate_in_a_string_does_not_hide_an_event() -> None:
    raw = (
        b'{"Body":"{\\"eventID\\":\\"%b\\",\\"entries\\":[],\\"x\\":\\"\\ud83d\\"}"}' % ID.encode()
    )
    (found,) = recognize(raw)
    assert isinstance(found, Export)
    assert b"\\ud83d" in found.raw


def test_the_place_in_a_string_is_that_of_the_string() -> None:
    raw = b'{"a":1,\n"Body":%b}' % compact(FULL_TEXT)
    (found,) = detect(Record(raw, SourceLocation("a.zip", "b.json", 7, 100)))
    assert isinstance(found, Export)
    assert found.place == SourceLocation("a.zip", "b.json", 8, 115, "Body")
    assert str(found.place).endswith(", Body")


# -- Depth and cost -------------------------------------------------------------------------------


def test_depth_is_bounded() -> None:
    value: Any = FULL
    for _ in range(MAX_WRAPPINGS):
        value = {"stream": "events", "data": value}
    (found,) = recognize(compact(value))
    assert isinstance(found, Export)
    (found,) = recognize(compact({"stream": "events", "data": value}))
    assert isinstance(found, Unsupported)
    assert "wrapped more than" in found.reason


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b'{"latestEvent":' * 5_000 + b"{}" + b"}" * 5_000, id="objects"),
        pytest.param(b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="arrays"),
        pytest.param(b'{"Body":"' + b"[" * 100_000 + b'"}', id="arrays in a string"),
        pytest.param(b'{"Body":"' + rb"{\"Body\":" * 50_000 + b'"}', id="objects in a string"),
    ],
)
def test_deep_nesting_is_rejected(raw: bytes) -> None:
    found = recognize(raw)
    assert all(isinstance(item, Unsupported | Skipped) for item in found)


def test_nested_strings_take_time_in_proportion_to_the_record() -> None:
    value: Any = {"x": "y" * 100_000}
    for _ in range(12):
        value = {"Body": json.dumps(value)}
    raw = compact(value)
    started = time.process_time()
    recognize(raw)
    assert time.process_time() - started < 2


def test_a_long_page_takes_time_in_proportion_to_its_length() -> None:
    raw = json.dumps({"events": [FULL] * 20_000}, indent=1).encode()
    started = time.process_time()
    found = recognize(raw)
    assert len(found) == 20_000
    assert time.process_time() - started < 5
    last = place_of(found[-1])
    assert raw[last.offset :].startswith(b"{") and last.path == "events[19999]"
    assert last.line == 1 + raw.count(b"\n", 0, last.offset)


def test_no_wrapper_has_the_name_of_a_kind_that_is_skipped() -> None:
    assert not {wrapper.name for wrapper in WRAPPERS} & {kind.name for kind in NON_EVENTS}
