"""Flattening: the seed, and events of every kind of wrongness."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from archive.errors import InvalidEventId
from archive.events.convert import convert_event
from archive.events.flatten import Defaults, flatten_event
from archive.events.longtext import MAX_TEXT_CHARS
from archive.events.model import Event, decode
from archive.events.rows import EventRow, FlatEvent, FrameRow, list_columns
from archive.exports.detect import Export, detect
from archive.exports.limits import Limits
from archive.exports.records import Record
from archive.exports.shapes import Shape
from archive.exports.split import split_records
from archive.jsontext import compact, compact_json
from archive.tables.registry import TABLES
from archive.tables.schema import build_table
from archive.tables.unnest import BUILDERS
from tests.builders import SEED, SEED_ID, make_event

_PROJECT = 2
_TIME = 1_583_856_533_000_000  # 2020-03-10T16:08:53Z


def flatten(text: bytes) -> FlatEvent:
    (record,) = split_records(iter([text]), "test", None, Limits())
    assert isinstance(record, Record)
    (export,) = detect(record)
    assert isinstance(export, Export)
    return flatten_event(export, "load", Defaults())


def flatten_object(event: Any) -> FlatEvent:
    return flatten(json.dumps(event).encode())


def build(table: str, rows: FlatEvent) -> list[dict[str, Any]]:
    """The rows of a table as they are written."""
    built: list[dict[str, Any]] = BUILDERS[table]([rows]).to_pylist()
    return built


def test_seed_event() -> None:
    event = flatten(SEED).event
    assert event == EventRow(
        event_id=SEED_ID,
        event_key=0,
        organization_slug="the-interstellar-jurisdiction",
        project_slug="pump-station",
        project_id=_PROJECT,
        group_id=1,
        timestamp=_TIME,
        received=_TIME + 520_970,
        type="default",
        platform="python",
        level="error",
        environment="prod",
        release="c87b3e186a6c51731d2e69f1e5c8763d1aa02f49",
        dist=None,
        logger=None,
        transaction_name=None,
        server_name="web01.example.org",
        url="http://example.com/foo",
        title="This is an example python exception",
        message="This is an example python exception",
        culprit="raven.scripts.runner in main",
        location=None,
        user="id:1",
        user_id="1",
        user_name="sentry",
        user_email="sentry@example.com",
        ip_address="127.0.0.1",
        sdk_name=None,
        sdk_version=None,
        http_method="GET",
        http_referer="http://example.com",
        trace_id=None,
        span_id=None,
        replay_id=None,
        primary_hash="3a2b45089d0211943e5a6645fb4cea3f",
        exception_type=None,
        exception_value=None,
        mechanism_type=None,
        handled=None,
        exception_count=0,
        frame_count=5,
        function_count=5,
        tag_count=10,
        entry_count=3,
        column_count=18,
        num_processing_errors=0,
        size=8625,
        load_id="load",
        organization_given=False,
        project_given=False,
    )


def test_seed_frames_and_tags() -> None:
    rows = flatten(SEED)
    frames = build("frames", rows)
    columns = ("source", "frame_index", "function", "lineno", "is_last")
    assert [tuple(frame[name] for name in columns) for frame in frames] == [
        ("stacktrace", 0, "build_msg", 303, False),
        ("stacktrace", 1, "capture", 459, False),
        ("stacktrace", 2, "captureMessage", 577, False),
        ("stacktrace", 3, "send_test_message", 77, False),
        ("stacktrace", 4, "main", 112, True),
    ]
    assert frames[-1]["filename"] == "raven/scripts/runner.py"
    assert frames[-1]["context_line"] == "    send_test_message(client, opts.__dict__)"
    tags = {tag["key"]: tag["value"] for tag in json.loads(SEED)["event"]["tags"]}
    assert {tag["key"]: tag["value"] for tag in build("tags", rows)} == tags
    assert len(rows.tags) == len(tags) == 10


def _entry(kind: str, **data: Any) -> dict[str, Any]:
    return make_event(1, entries=[{"type": kind, "data": data}])


def _frames(*frames: Any) -> dict[str, Any]:
    return {"stacktrace": {"frames": list(frames)}}


FRAMES: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "a chain, the cause first": (
        _entry(
            "exception",
            values=[
                {"type": "A", **_frames({"function": "a"})},
                {"type": "B", "threadId": 7, **_frames({"function": "b"}, {"function": "c"})},
            ],
        ),
        [
            ("exception", 0, "A", None, 0, True, "a"),
            ("exception", 1, "B", "7", 0, False, "b"),
            ("exception", 1, "B", "7", 1, True, "c"),
        ],
    ),
    "null exceptions do not count": (
        _entry("exception", values=[None, {"type": "B", **_frames({"function": "b"})}]),
        [("exception", 0, "B", None, 0, True, "b")],
    ),
    "null frames keep their index": (
        _entry("stacktrace", frames=[None, {"function": "b"}, None]),
        [("stacktrace", None, None, None, 1, True, "b")],
    ),
    "threads": (
        _entry("threads", values=[{"id": "t", **_frames({"function": "a"})}, {"id": 2}]),
        [("threads", None, None, "t", 0, True, "a")],
    ),
    "a stack that is a string": (_entry("exception", values=[{"stacktrace": "x"}]), []),
    "data that is a list": (make_event(1, entries=[{"type": "exception", "data": []}]), []),
}


@pytest.mark.parametrize("case", FRAMES.values(), ids=FRAMES)
def test_frames(case: tuple[dict[str, Any], list[tuple[Any, ...]]]) -> None:
    event, expected = case
    rows = flatten_object(event)
    names = [*list(list_columns(FrameRow))[6:12], "function"]  # source, stack_level, …, is_last
    assert [tuple(row[name] for name in names) for row in build("frames", rows)] == expected
    assert rows.event.frame_count == len(expected)


def test_first_in_event() -> None:
    """Frames are distinguished by function, module (or else file) and in_app, over all stacks."""
    stack = [
        {"function": "f", "module": "m", "inApp": True},
        {"function": "f", "module": "m", "inApp": True},
        {"function": "f", "module": "m", "inApp": False},
        {"function": "f", "filename": "m", "inApp": True},
        {"function": "f", "filename": "n", "inApp": True},
    ]
    values = [{"type": "A", **_frames(*stack)}, {"type": "B", **_frames(*stack)}]
    frames = build("frames", flatten_object(_entry("exception", values=values)))
    firsts = [frame["first_in_event"] for frame in frames]
    assert firsts == [True, False, True, False, True, *[False] * 5]


_APP, _LIBRARY = {"function": "app", "inApp": True}, {"function": "library"}
_CHAIN = [{"type": "A", **_frames(_APP, _APP)}, {"type": "B", **_frames(_LIBRARY, _APP, _LIBRARY)}]
CRASHES: dict[str, tuple[dict[str, Any], list[int]]] = {
    "the last in-app frame of the reported exception": (_entry("exception", values=_CHAIN), [3]),
    "in-app frames of a cause first": (
        _entry("exception", values=[_CHAIN[0], {"type": "B", **_frames(_LIBRARY)}]), [1],
    ),
    "no in-app frame": (_entry("stacktrace", frames=[_LIBRARY, None, _LIBRARY]), [1]),
    "the first of equal threads": (
        _entry("threads", values=[{"id": number, **_frames(_APP)} for number in (1, 2)]), [0],
    ),
    "no frames": (make_event(1, entries=[]), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CRASHES.values(), ids=CRASHES)
def test_is_crash(case: tuple[dict[str, Any], list[int]]) -> None:
    event, expected = case
    frames = build("frames", flatten_object(event))
    assert [row for row, frame in enumerate(frames) if frame["is_crash"]] == expected


def test_first_in_event_of_tags() -> None:
    pairs = [("a", "1"), ("b", "1"), ("a", "2"), ("a", "1")]
    tags = [{"key": key, "value": value} for key, value in pairs]
    rows = build("tags", flatten_object(make_event(1, tags=tags)))
    assert [row["first_in_event"] for row in rows] == [True, True, True, False]


COLUMNS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "nine digits of a second": (
        {"dateCreated": "2026-01-02T03:04:05.123456789Z"},
        "timestamp",
        1_767_323_045_123_456,
    ),
    "no zone is UTC": ({"dateCreated": "2026-01-02T03:04:05"}, "timestamp", 1_767_323_045_000_000),
    "another zone": (
        {"dateCreated": "2026-01-02T04:04:05+01:00"},
        "timestamp",
        1_767_323_045_000_000,
    ),
    "a transaction's end": (
        {"dateCreated": ..., "endTimestamp": 1.5},
        "timestamp",
        1_500_000,
    ),
    "only received": (
        {"dateCreated": ..., "dateReceived": "1970-01-01T00:00:01Z"},
        "timestamp",
        1_000_000,
    ),
    "no time at all": ({"dateCreated": "soon", "dateReceived": None}, "timestamp", None),
    "a time beyond years": ({"dateCreated": 1e300, "dateReceived": None}, "timestamp", None),
    "a project that is a slug": ({"projectID": "web"}, "project_id", None),
    "a project beyond 64 bits": ({"projectID": str(2**63)}, "project_id", None),
    "the largest project": ({"projectID": str(2**63 - 1)}, "project_id", 2**63 - 1),
    "a user ID that is a number": ({"user": {"id": 7}}, "user_id", "7"),
    "a user's name for the tag": ({"user": {"username": "ann"}}, "user", "username:ann"),
    "the tag before the user": (
        {"user": {"id": 7}, "tags": [{"key": "user", "value": "email:a@b.c"}]},
        "user",
        "email:a@b.c",
    ),
    "the first of two equal tags": (
        {"tags": [{"key": "level", "value": "a"}, {"key": "level", "value": "b"}]},
        "level",
        "a",
    ),
    "trace": ({"contexts": {"trace": {"trace_id": "t", "span_id": "s"}}}, "trace_id", "t"),
    "a replay by its tag": ({"tags": [{"key": "replayId", "value": "r"}]}, "replay_id", "r"),
    "the last exception": (
        {"entries": [{"type": "exception", "data": {"values": [{"type": "A"}, {"type": "B"}]}}]},
        "exception_type",
        "B",
    ),
    "metadata of a list row": (
        {"entries": ..., "metadata": {"type": "A"}},
        "exception_type",
        "A",
    ),
    "handled": (
        {
            "entries": [
                {
                    "type": "exception",
                    "data": {"values": [{"mechanism": {"handled": False, "type": "m"}}]},
                }
            ]
        },
        "handled",
        False,
    ),
    "errors": ({"errors": [{}, {}]}, "num_processing_errors", 2),
    "a type of a list row": ({"type": ..., "event.type": "csp"}, "type", "csp"),
    "an error type that is a list": ({"type": []}, "type", None),
}


@pytest.mark.parametrize("case", COLUMNS.values(), ids=COLUMNS)
def test_columns(case: tuple[dict[str, Any], str, Any]) -> None:
    members, column, expected = case
    assert getattr(flatten_object(make_event(1, **members)).event, column) == expected


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "data", "values", "frames", "key", "id"]), inner)
    ),
    max_leaves=8,
)
_MEMBERS = [*make_event(1), "user", "sdk", "contexts", "errors", "fingerprints", "metadata"]


@given(st.dictionaries(st.sampled_from(_MEMBERS), _json))
@settings(max_examples=3 * settings().max_examples)
def test_no_type_is_too_wrong(members: dict[str, Any]) -> None:
    """Whatever stands where, an event with an ID becomes rows that fit the tables."""
    members["eventID"] = f"{1:032x}"
    rows = flatten(json.dumps({"event.type": "error", "entries": [], **members}).encode())
    assert len(build("frames", rows)) == rows.event.frame_count
    assert len(build("tags", rows)) == rows.event.tag_count
    (event,), payload = build("events", rows), build_table("payloads", [rows.payload])
    assert event["event_id"] == members["eventID"]
    assert payload["raw"][0].as_py() == rows.payload.raw


@given(_json.map(lambda value: make_event(1, user=value, entries=[value], tags=[value])))
@settings(max_examples=2 * settings().max_examples)
def test_the_forgiving_decoder_agrees_with_the_strict_one(event: dict[str, Any]) -> None:
    """Where the strict decoder takes an event, the one for loose JSON gives the same."""
    text = json.dumps(event).encode()
    try:
        strict = msgspec.json.decode(text, type=Event)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    loose = decode(text.replace(b'"size": 1', b'"size": NaN'), Event)
    assert _list_members(strict) == _list_members(loose)


def _list_members(event: Event) -> list[Any]:
    data = [json.loads(bytes(entry.data) or b"0") for entry in event.entries or () if entry]
    types = [entry and entry.type for entry in event.entries or ()]
    return [data, types, *(m for m in msgspec.structs.astuple(event) if m is not event.entries)]


@given(_json)
def test_two_ways_to_compact_agree(value: Any) -> None:
    text = json.dumps(value, indent=2).encode()
    assert compact_json(text) == compact(text)


def _make_exception(frame: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    value = {**members, "stacktrace": {"frames": [frame or {}]}}
    return {"entries": [{"type": "exception", "data": {"values": [value]}}]}


LONG = "x" * (MAX_TEXT_CHARS + 1)
LONG_TEXTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a message": ({"message": LONG}, "events", "message"),
    "an environment": ({"tags": [{"key": "environment", "value": LONG}]}, "events", "environment"),
    "a tag": ({"tags": [{"key": "a", "value": LONG}]}, "tags", "value"),
    "a function": (_make_exception(frame={"function": LONG}), "frames", "function"),
    "a source line": (
        _make_exception(frame={"lineNo": 1, "context": [[1, LONG]]}), "frames", "context_line",
    ),
    "an exception's type": (_make_exception(type=LONG), "frames", "exception_type"),
    "a thread": (_make_exception(threadId=LONG), "frames", "thread_id"),
    "a group": ({"groupID": LONG}, "payloads", "group_id"),
}  # fmt: skip


@pytest.mark.parametrize("case", LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_too_long_a_text_is_null(case: tuple[dict[str, Any], str, str]) -> None:
    """And the row is there; one character fewer, and it is the column's value."""
    members, table, column = case
    event = make_event(1, **members)
    for text, wanted in ((LONG, None), (LONG[1:], LONG[1:])):
        rows = flatten(json.dumps(event).replace(LONG, text).encode())
        built = [asdict(rows.payload)] if table == "payloads" else build(table, rows)
        assert [row[column] for row in built] == [wanted]


def test_a_tag_of_too_long_a_key_is_left_out() -> None:
    tags = [{"key": LONG, "value": "a"}, {"key": "b", "value": "c"}]
    rows = flatten_object(make_event(1, tags=tags))
    assert [row["key"] for row in build("tags", rows)] == ["b"]
    assert rows.event.tag_count == 1


def test_no_event_id() -> None:
    with pytest.raises(InvalidEventId):
        flatten_object(make_event(1, eventID="12"))


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_what_it_holds(table: str) -> None:
    columns = TABLES[table].columns
    assert list(columns) == list(TABLES[table].row.__struct_fields__)
    assert all(column.meaning.endswith((".", "…")) for column in columns.values())


def test_a_stored_event_gives_the_rows_of_its_answer() -> None:
    """Though what no column is made of is not converted for the tables: a frame of vars stays."""
    stack = {"frames": [{"vars": {"a": 1}}, {"function": "f", "vars": {"a": 1}}, {}, {"lineno": 1}]}
    body = {
        "event_id": SEED_ID,
        "received": 1_583_856_533.5,
        "title": "E: m",
        "location": None,
        "platform": "python",
        "tags": [["level", "error"]],
        "exception": {"values": [{"type": "E", "value": "m", "stacktrace": stack}]},
        "threads": {"values": [{"id": 1, "stacktrace": stack}, None]},
        "stacktrace": stack,
        "breadcrumbs": {"values": [{"message": "b"}]},
        "extra": {"a": 1},
        "modules": {"a": "1"},
    }
    raw = json.dumps(body).encode()
    answer = convert_event(raw, Shape.STORE, event_id=SEED_ID, project_id=None, group_id=None)
    stored, answered = flatten(raw), flatten_object(answer)
    assert build("frames", stored)
    for table in ("frames", "tags"):
        assert build(table, stored) == build(table, answered)
    assert replace(stored.event, size=0) == replace(answered.event, size=0)
