"""The parts of an answer, each by a table of bodies and what becomes of them."""

from typing import Any

import pytest

from archive.events.api import serialize
from archive.events.api.annotations import split_chunks, with_chunks
from archive.events.api.errors import errors_to_api
from archive.events.api.event import occurrence_to_api
from archive.events.api.generation import NEWEST, format_instant
from archive.events.api.grouping import find_hashes
from archive.events.api.interfaces import contexts_to_api
from archive.events.api.stacktrace import threads_to_api
from archive.events.api.tags import tags_to_api
from archive.events.api.titles import locate_event, title_event
from archive.events.restore import restore_body

TEXT = "text"
REDACTION = "redaction"

KEYS = (
    "id groupID eventID projectID size entries dist message title location user contexts sdk "
    "context packages type metadata tags platform dateReceived errors occurrence _meta "
)
ERROR_KEYS = KEYS + "crashFile culprit dateCreated fingerprints groupingConfig"
TRANSACTION_KEYS = KEYS + "startTimestamp endTimestamp measurements breakdowns"


@pytest.mark.parametrize(
    ("kind", "keys"), [("error", ERROR_KEYS), ("transaction", TRANSACTION_KEYS)]
)
def test_keys_are_in_the_order_of_the_api(kind: str, keys: str) -> None:
    assert list(serialize({"type": kind})) == keys.split()


def test_ids_given_come_before_those_of_the_body() -> None:
    body = {"event_id": "FC6D8C0C-43FC-4630-AD85-0EE518F1B9D0", "project": 7}
    alone = serialize(body)
    given = serialize(body, event_id="a" * 32, group_id="1", project_id="2")
    assert [alone[key] for key in ("id", "eventID", "groupID", "projectID")] == [
        "fc6d8c0c43fc4630ad850ee518f1b9d0",
        "fc6d8c0c43fc4630ad850ee518f1b9d0",
        None,
        "7",
    ]
    assert [given[key] for key in ("id", "groupID", "projectID")] == ["a" * 32, "1", "2"]


@pytest.mark.parametrize(
    ("text", "remarks", "chunks"),
    [
        pytest.param(
            "a [x] b",
            [["r", "s", 2, 5]],
            [(TEXT, "a "), (REDACTION, "[x]"), (TEXT, " b")],
            id="inside",
        ),
        pytest.param("[x]", [["r", "s", 0, 3]], [(REDACTION, "[x]")], id="whole"),
        pytest.param("é[x]", [["r", "s", 2, 5]], [(TEXT, "é"), (REDACTION, "[x]")], id="bytes"),
        pytest.param("é", [["r", "s", 1, 2]], [(TEXT, "é")], id="through-a-character"),
        pytest.param("abc", [["r", "x"]], [(TEXT, "abc")], id="no-range"),
        pytest.param(
            "short", [["r", "s", 2, 500]], [(TEXT, "sh"), (TEXT, "short")], id="past-the-end"
        ),
        pytest.param("abc", [5, ["r"], ["r", "s", "0", 2]], [(TEXT, "abc")], id="no-remarks"),
    ],
)
def test_text_is_split_at_its_remarks(
    text: str, remarks: list[Any], chunks: list[tuple[str, str]]
) -> None:
    assert [(chunk["type"], chunk["text"]) for chunk in split_chunks(text, remarks)] == chunks


def test_chunks_go_where_the_answer_has_text() -> None:
    node = {"": {"rem": [["r", "s", 0, 1]]}}
    answer = with_chunks({"a": "x", "b": 1, "c": ["x"]}, {"a": node, "b": node, "c": {"0": node}})
    assert "chunks" in answer["a"][""]
    assert "chunks" not in answer["b"][""]
    assert "chunks" in answer["c"]["0"][""]


def test_long_thread_names_are_cut() -> None:
    values = [None, {"id": "i" * 41, "name": "n" * 201, "state": "s" * 512}]
    (thread,) = threads_to_api({"values": values}, None, NEWEST)["values"]
    assert thread["id"] == "i" * 37 + "..."
    assert thread["name"] == "n" * 197 + "..."
    assert thread["state"] == "s" * 512


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (123456789012345, 123456789012345),
        (-123456789012345, "-123456789012345"),
        (0.30000000000000004, "0.30000000000000004"),
        (1e16, 1e16),
        ([1234567890123456], ["1234567890123456"]),
        ({"a": 1234567890123456, "b": None}, {"a": "1234567890123456", "b": None}),
        ("", ""),
        (True, True),
    ],
)
def test_long_numbers_of_contexts_become_text(value: Any, shown: Any) -> None:
    assert contexts_to_api({"x": {"v": value, "n": None}})["x"] == {"v": shown, "type": "default"}


@pytest.mark.parametrize(
    ("alias", "context", "kind"),
    [
        ("os", {}, "os"),
        ("server-os", {"type": "os"}, "os"),
        ("culture", {}, "default"),
        ("os", {"type": "culture"}, "default"),
        ("os", {"type": 5}, "default"),
    ],
)
def test_context_type_is_one_with_a_class(alias: str, context: dict[str, Any], kind: str) -> None:
    assert contexts_to_api({alias: context, "gone": None})[alias]["type"] == kind


@pytest.mark.parametrize(
    ("value", "query"),
    [
        ("id:7", 'user.id:"7"'),
        ('username:a"b\\c', 'user.username:"a\\"b\\c"'),
        ("ip:1.2.3.4", 'user.ip:"1.2.3.4"'),
        ("name:x", None),
        ("x", None),
    ],
)
def test_user_tag_has_a_query(value: str, query: str | None) -> None:
    (tag,), _ = tags_to_api({"tags": [["sentry:user", value]]})
    assert tag == {"key": "user", "value": value} | ({"query": query} if query else {})


def test_tags_are_sorted_by_the_key_shown() -> None:
    stored = [["z", "1"], None, ["sentry:release", "r"], ["a", None], ["device.class", "3"]]
    tags, _ = tags_to_api({"tags": stored})
    assert [(tag["key"], tag["value"]) for tag in tags] == [
        ("device.class", "high"),
        ("release", "r"),
        ("z", "1"),
    ]


def test_annotated_tags_keep_their_nulls() -> None:
    note = {"": {"err": ["value_too_long"]}}
    event = {"tags": [["b", None], None, ["a", "1"]], "_meta": {"tags": {"0": {"1": note}}}}
    tags, meta = tags_to_api(event)
    assert tags == [{"key": "a", "value": "1"}, {"key": "b", "value": None}]
    assert meta == {"1": {"value": note}}


@pytest.mark.parametrize(
    ("event", "kind", "metadata", "title"),
    [
        ({"title": "T"}, "error", {"title": "M"}, "T"),
        ({"title": "T"}, "transaction", {"title": "M"}, "M"),
        ({"title": 5}, "default", {}, "<untitled>"),
        ({}, "error", {"type": "E", "value": "first\nsecond"}, "E: first"),
        ({}, "error", {"type": "E", "value": "v" * 101}, "E: " + "v" * 97 + "..."),
        ({}, "error", {"type": "E", "value": ""}, "E"),
        ({}, "error", {"function": "f"}, "f"),
        ({}, "error", {}, "<unknown>"),
        ({}, "csp", {"message": "m", "title": "t"}, "m"),
        ({}, "hpkp", {}, "<untitled>"),
        ({}, "generic", {"title": "g"}, "g"),
    ],
)
def test_title(event: dict[str, Any], kind: str, metadata: dict[str, Any], title: str) -> None:
    assert title_event(event, kind, metadata) == title


@pytest.mark.parametrize(
    ("kind", "metadata", "location"),
    [
        ("error", {"filename": "a.py"}, "a.py"),
        ("csp", {"uri": "u", "origin": "o"}, "u"),
        ("expectct", {"origin": "o"}, "o"),
        ("transaction", {"location": "l"}, "l"),
        ("default", {"filename": "a.py"}, None),
        ("error", {"filename": 5}, None),
    ],
)
def test_location(kind: str, metadata: dict[str, Any], location: str | None) -> None:
    assert locate_event(kind, metadata) == location


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("tags", True),
        (None, True),
        ("tags.0", False),
        ("extra.x", False),
        ("breadcrumbs.values.0", False),
        ("exception.values.0.stacktrace.frames.0.lineno", False),
    ],
)
def test_errors_of_collections_are_hidden(name: str | None, is_shown: bool) -> None:
    assert bool(errors_to_api([None, {"type": "invalid_data", "name": name}])) is is_shown


def test_error_of_unknown_type_has_a_text() -> None:
    assert errors_to_api([{"name": "n"}, {"type": "new"}]) == [
        {"type": None, "message": "Unknown error", "data": {"name": "n"}},
        {"type": "new", "message": "Unknown error", "data": {}},
    ]


@pytest.mark.parametrize(
    ("seconds", "digits", "instant"),
    [
        (1583856533.52097, 6, "2020-03-10T16:08:53.520970Z"),
        (1583856533.52097, 3, "2020-03-10T16:08:53.520000Z"),
        (1583856533.52097, 0, "2020-03-10T16:08:53Z"),
        (1583856533.0009, 3, "2020-03-10T16:08:53Z"),
        (1583856533, 6, "2020-03-10T16:08:53Z"),
        (-0.5, 6, "1969-12-31T23:59:59.500000Z"),
        (-0.5, 0, "1969-12-31T23:59:59Z"),
        (1e13, 6, None),
    ],
)
def test_instants(seconds: float, digits: int, instant: str | None) -> None:
    assert format_instant(seconds, digits) == instant


@pytest.mark.parametrize(
    ("event", "hashes"),
    [
        ({"hashes": ["a"]}, ["a"]),
        ({}, ["d41d8cd98f00b204e9800998ecf8427e"]),
        ({"logentry": {"formatted": "hello"}}, ["5d41402abc4b2a76b9719d911017c592"]),
        ({"logentry": {"formatted": "hello 5"}}, []),
        ({"fingerprint": ["mine"]}, []),
        ({"exception": {"values": [{}]}, "hashes": "a"}, []),
    ],
)
def test_hashes_are_given_only_where_they_are_known(
    event: dict[str, Any], hashes: list[str]
) -> None:
    assert find_hashes(event) == hashes


def test_occurrence_is_in_camel_case() -> None:
    occurrence = {"issue_title": "t", "evidence_data": {"snake_key": [{"a_b": 1}], "Test": 2}}
    assert occurrence_to_api(occurrence) == {
        "issueTitle": "t",
        "evidenceData": {"test": 2, "snakeKey": [{"aB": 1}]},
    }
    assert occurrence_to_api(None) is None


def test_download_is_taken_back_to_the_stored_body() -> None:
    download = {
        "event_id": "a" * 32,
        "project": 2,
        "message": "",
        "datetime": "2020-03-10T16:08:53+00:00",
        "tags": [["dist", "1"], ["level", "info"], ["user", "id:7"]],
        "_meta": {"tags": {"0": {"1": {"": {"len": 5}}}}},
    }
    answer = serialize(restore_body(download))
    assert answer["dist"] == "1"
    assert answer["dateCreated"] == "2020-03-10T16:08:53Z"
    assert answer["tags"][-1] == {"key": "user", "value": "id:7", "query": 'user.id:"7"'}
    assert answer["_meta"]["tags"] == {}
