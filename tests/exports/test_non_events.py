"""Known non-events: a real example of each kind, never detected as an event."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.exports.detect import Detected, Export, Unsupported, detect
from archive.exports.limits import Limits
from archive.exports.non_events import NON_EVENTS
from archive.exports.raw_members import read_members
from archive.exports.records import Learned, LearnedKind, Record, Reject, Skipped, SourceLocation
from archive.exports.shapes import Hints
from archive.exports.split import split_records
from tests.exports.events import DETAIL, FULL, ID, ISSUE, STORED, compact, recognize
from tests.exports.non_events import EXAMPLES

KINDS = [
    pytest.param(name, value, id=f"{name} {index}" if index else name)
    for name, values in EXAMPLES.items()
    for index, value in enumerate(values)
]
LEARNED = {kind.value for kind in LearnedKind}


def test_every_row_of_the_table_has_an_example() -> None:
    assert {row.name for row in NON_EVENTS} == EXAMPLES.keys()
    for row in NON_EVENTS:
        values = [read_members(compact(value)) for value in EXAMPLES[row.name]]
        assert any(row.matches(members) for members in values), row.pattern.text


PLACE = SourceLocation("export.json", None, 1, 0)


@pytest.mark.parametrize(("kind", "value"), KINDS)
def test_a_known_non_event_is_named(kind: str, value: dict[str, Any]) -> None:
    (found,) = recognize(compact(value))
    if kind in LEARNED:
        assert isinstance(found, Learned)
        assert found.kind.value == kind
    else:
        assert found == Skipped(kind)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("You are attempting to use this endpoint too frequently.", id="429"),
        pytest.param(["You are attempting to use this endpoint too frequently."], id="429s"),
    ],
)
def test_an_error_that_is_a_string_is_skipped(value: Any) -> None:
    assert recognize(compact(value)) == [Skipped("API error")]


# -- Never an event -------------------------------------------------------------------------------


def _wrap(value: dict[str, Any]) -> Iterator[Any]:
    text = json.dumps(value)
    yield value
    yield from ([value], {"events": [value]}, {"data": [value]}, {"results": [value]})
    yield from ({"event": value}, {"data": value}, {ID: value}, {"latestEvent": value})
    yield {
        "organizationSlug": "a",
        "projectSlug": "b",
        "groupId": "1",
        "eventId": ID,
        "event": value,
    }
    yield {"project": {"slug": "web"}, "group": {"id": "7"}, "event": value}
    yield {"id": "7", "project": "web", "project_slug": "web", "event": value}
    yield {"action": "created", "installation": {}, "data": {"event": value}}
    yield {"group_id": 7, "event_id": ID, "project_id": 2, "platform": "python", "data": value}
    yield {"evidence_data": {}, "issue_title": "x", "event_id": ID, "event": value}
    yield {"id": ID, "event_id": ID, "issue": ID, "data": value, "stacktrace_md": ""}
    yield {"time": 1, "source": "sentry", "event": value}
    yield {"type": "RECORD", "record": value}
    yield {"stream": "events", "data": value}
    yield {"_airbyte_ab_id": ID, "_airbyte_data": text}
    yield {"Messages": [{"Body": text}]}
    yield {"Records": [{"messageId": "1", "body": text}]}
    yield {"Type": "Notification", "Message": text}
    yield {"message": {"data": base64.b64encode(text.encode()).decode()}, "subscription": "x"}
    yield {"headers": {}, "body": text}
    yield {"headers": {}, "body": f'{{"dsn":"x"}}\n{{"type":"event"}}\n{text}'}
    yield {"_source": value}
    yield {"result": {"_raw": text}}
    yield {"issue": ISSUE, "events": [value]}


@pytest.mark.parametrize(("kind", "value"), KINDS)
def test_a_known_non_event_is_never_an_event(kind: str, value: dict[str, Any]) -> None:
    """Not with an event ID, in any wrapper, or with hints that it is an event."""
    named = [value, {"event_id": ID} | value, {"eventID": ID} | value, {"id": ID} | value]
    for candidate in named:
        for wrapped in _wrap(candidate):
            for item in recognize(compact(wrapped)):
                assert not isinstance(item, Export), (wrapped, item.shape)


@pytest.mark.parametrize(("kind", "value"), KINDS)
def test_an_envelope_does_not_make_it_an_event(kind: str, value: dict[str, Any]) -> None:
    lines = [{"event_id": ID, "dsn": "https://k@x.io/2"}, {"type": "event"}, value]
    stream = b"\n".join(compact(line) for line in lines)
    for item in _recognize_stream(stream):
        assert not isinstance(item, Export)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(FULL, id="full"),
        pytest.param(DETAIL, id="detail"),
        pytest.param(STORED, id="sdk"),
        pytest.param(STORED | {"received": 1.0, "hashes": []}, id="stored"),
    ],
)
@pytest.mark.parametrize(("kind", "value"), KINDS)
def test_an_event_with_such_members_too_is_an_event(
    kind: str, value: dict[str, Any], event: dict[str, Any]
) -> None:
    """An event with all its members is an event, whatever other members it has."""
    (found,) = recognize(compact(value | event))
    assert isinstance(found, Export)


# -- Every event of the corpus is an event --------------------------------------------------------


def _recognize_stream(stream: bytes) -> Iterator[Detected | Reject]:
    for item in split_records(iter([stream]), "corpus", None, Limits()):
        if isinstance(item, Record):
            yield from detect(item)
        else:
            yield item


def _list_files(corpus: Path) -> Iterator[Path]:
    for folder in ("api", "store", "envelopes"):
        for path in sorted((corpus / folder).rglob("*")):
            if path.is_file() and path.suffix in (".json", ".txt", ".bin"):
                yield path


# Not events, before detection was strict or now.
STILL_REJECTED = {"envelope_empty.txt"}


def test_no_file_of_the_corpus_is_newly_rejected(corpus: Path) -> None:
    rejected = {
        path.name
        for path in _list_files(corpus)
        if any(
            isinstance(item, Unsupported | Reject) for item in _recognize_stream(path.read_bytes())
        )
    }
    assert rejected == STILL_REJECTED


@pytest.mark.parametrize(
    ("member", "events"),
    [
        pytest.param("api", 579, id="api"),
        pytest.param("stored", 585, id="stored"),
        pytest.param("json_view", 577, id="json_view"),
        pytest.param("raw", 424, id="raw"),
    ],
)
def test_each_whole_event_of_the_corpus_is_one(corpus: Path, member: str, events: int) -> None:
    """Except two raw events with only an ID and an SDK, like an envelope's header."""
    found = 0
    for path in sorted((corpus / "pairs" / "api").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            value = json.loads(line).get(member)
            if value is None:
                continue
            raw = value.encode() if isinstance(value, str) else json.dumps(value).encode()
            items = list(detect(Record(raw, PLACE)))
            if member == "raw" and value.keys() <= {"event_id", "sdk"}:
                continue
            assert [type(item) for item in items] == [Export], (path.name, raw[:200])
            found += 1
    assert found == events


def test_hints_do_not_make_a_non_event_an_event() -> None:
    for values in EXAMPLES.values():
        for value in values:
            record = Record(compact(value), PLACE, Hints(event_id=ID, project_id="2"))
            assert not any(isinstance(item, Export) for item in detect(record))


@pytest.mark.parametrize("layout", ["%s", "[%s]", "%s\n%s", "[%s,%s]"])
def test_a_stream_of_error_strings_is_skipped(layout: str) -> None:
    text = json.dumps(
        "You are attempting to use this endpoint too frequently. Limit is 1 requests in 1 seconds"
    )
    count = layout.count("%s")
    found = list(_recognize_stream((layout % ((text,) * count)).encode()))
    assert found == [Skipped("API error")] * count
