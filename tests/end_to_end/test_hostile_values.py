"""One event with a value of any kind at any place, among good ones: only itself can suffer.

Of each shape a whole event, and of that a copy for each place with a hostile value there. By
default every place gets one of the values, in turn; `--exhaustive` tries all of them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import archive
from archive.cli.render_markdown import render_markdown
from archive.cli.render_terminal import render_terminal
from archive.cli.text import dump_json
from archive.events.api import serialize
from archive.events.api.download import make_download
from archive.query.listing import Scope
from archive.query.reports import list_reports
from archive.text import make_plain
from archive.view import view_event
from tests.builders import SEED, make_event
from tests.events.api.test_serialize_hostile import WHOLE, list_places, replace_at

GOOD = 5
PER_PLACE = 1
_NOW = 1_767_323_045

VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "a negative number": -1,
    "milliseconds": _NOW * 1_000,
    "microseconds": _NOW * 1_000_000,
    "nanoseconds": _NOW * 1_000_000_000,
    "32 bits": 1 << 32,
    "63 bits": 1 << 63,
    "70 bits": 1 << 70,
    "400 digits": 10**400,
    "a fraction": 1.5,
    "a large float": 1e300,
    "no number": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "1e400": "<1e400>",
    "empty text": "",
    "text": "x",
    "text of a number": "1e5",
    "text of null": "None",
    "the end of time": "infinity",
    "a year too late": "290000-01-01T00:00:00Z",
    "the last moment": "9999-12-31T23:59:59.999999-12:00",
    "before the first moment": "0001-01-01T00:00:00+12:00",
    "a lone surrogate": "\ud83d",
    "U+0000": "a\x00b",
    "steering text": "\x1b]0;x\x07\u202e",
    "text of 64 KiB": "x" * 65_536,
    "an empty list": [],
    "a list of null": [None],
    "a list of lists": [[], [[]]],
    "a list of numbers": [1, 2],
    "an empty object": {},
    "an object": {"": {"values": 1}, "values": [1], "frames": {}},
    "something deep": json.loads("[" * 300 + "]" * 300),
    "a deep object": json.loads('{"a":' * 300 + "1" + "}" * 300),
}


class Shape(NamedTuple):
    """A whole event of a shape without its ID, where that goes, and how an event is written."""

    whole: dict[str, Any]
    set_id: Callable[[dict[str, Any], str], None]
    write: Callable[[dict[str, Any]], str]


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")).replace('"<1e400>"', "1e400")


def _set_stored_id(event: dict[str, Any], event_id: str) -> None:
    event["event_id"] = event_id


def _set_api_id(event: dict[str, Any], event_id: str) -> None:
    event["id"] = event["eventID"] = event_id


def _set_answer_id(answer: dict[str, Any], event_id: str) -> None:
    answer["eventId"] = event_id
    if isinstance(answer.get("event"), dict):
        _set_api_id(answer["event"], event_id)


def _set_forwarded_id(body: dict[str, Any], event_id: str) -> None:
    if isinstance(body.get("event"), dict):
        body["event"]["event_id"] = event_id


def _write_envelope(event: dict[str, Any]) -> str:
    header = {"event_id": event["event_id"], "dsn": "https://key@sentry.io/42"}
    return "\n".join((_dump(header), _dump({"type": "event"}), _dump(event)))


_FULL = serialize(WHOLE, group_id="7", project_id="42")
_DETAIL = {
    **_FULL,
    "nextEventID": None,
    "previousEventID": "f" * 32,
    "release": {"version": "1"},
    "userReport": {"name": "n", "comments": "c"},
    "sdkUpdates": [],
    "resolvedWith": [],
}
_SIMPLE = {
    "event.type": "error",
    **{
        key: _FULL[key]
        for key in (
            *("groupID", "projectID", "message", "title", "location", "culprit", "user", "tags"),
            *("platform", "dateCreated", "crashFile", "metadata"),
        )
    },
}
_SDK = {
    key: value
    for key, value in WHOLE.items()
    if key not in ("title", "received", "hashes", "metadata", "project", "grouping_config")
}
_FORWARDED = {
    "time": _NOW,
    "source": "sentry",
    "index": "main",
    "event": {
        "issue_id": 7,
        "project_id": "web",
        "transaction": "t",
        "release": "r",
        "environment": "e",
        "type": "error",
        "tags": [["level", "error"]],
        "request_url": "https://x",
        "request_method": "GET",
        "request_referer": "https://y",
        "exception_type": "E",
        "exception_value": "v",
        "message": "m",
        "user_id": "1",
        "csp_blocked_uri": "b",
    },
}

SHAPES = {
    "eventids": Shape(json.loads(SEED), _set_answer_id, _dump),
    "detail": Shape(_DETAIL, _set_api_id, _dump),
    "full": Shape(_FULL, _set_api_id, _dump),
    "simple": Shape(_SIMPLE, _set_api_id, _dump),
    "store": Shape({**WHOLE, "location": None}, _set_stored_id, _dump),
    "download": Shape(make_download(WHOLE, event_id=None, project_id="42"), _set_stored_id, _dump),
    "sdk": Shape(_SDK, _set_stored_id, _dump),
    "splunk": Shape(_FORWARDED, _set_forwarded_id, _dump),
    "envelope": Shape(_SDK, _set_stored_id, _write_envelope),
}


FAILED_ONCE: dict[str, list[tuple[tuple[Any, ...], str]]] = {
    "eventids": [(("projectSlug",), "zero"), (("event", "projectID"), "a lone surrogate")],
    "store": [(("breadcrumbs", "values", 0, "timestamp"), "microseconds")],
}
"""Places and values that stopped a load, `show` or a view."""


def _choose_values(name: str, per_place: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The places of a shape's event, each with values; every shape begins with another value."""
    for place, kind in FAILED_ONCE.get(name, ()):
        yield place, VALUES[kind]
    turn = islice(cycle(VALUES.values()), 5 * list(SHAPES).index(name), None)
    for place in list_places(SHAPES[name].whole):
        for value in islice(turn, per_place):
            yield place, value


def _list_hostile(name: str, per_place: int) -> Iterator[str]:
    """The events; the ID is set first, so that a value may take its place."""
    shape = SHAPES[name]
    for number, (place, value) in enumerate(_choose_values(name, per_place), 1_000):
        event = copy.deepcopy(shape.whole)
        shape.set_id(event, f"{number:032x}")
        yield shape.write(replace_at(event, place, value))


@pytest.fixture
def per_place(request: pytest.FixtureRequest) -> int:
    return len(VALUES) if request.config.getoption("--exhaustive") else PER_PLACE


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("simple", "splunk") else pytest.mark.slow)
        for name in SHAPES
    ],
)
def test_a_value_of_any_kind_at_any_place(
    name: str, per_place: int, empty: archive.Archive, tmp_path: Path
) -> None:
    shape = SHAPES[name]
    good = {f"{number:032x}": _dump(make_event(number)) for number in range(1, GOOD + 1)}
    hostile = list(_list_hostile(name, per_place))
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "good.jsonl").write_text("\n".join(good.values()))
    if shape.write is _write_envelope:
        for number, text in enumerate(hostile):
            (folder / f"{number:05}.envelope").write_text(text)
    else:
        (folder / "hostile.jsonl").write_text("\n".join(hostile))
    report = empty.load(folder)
    assert report.read == report.accounted
    assert report.stored >= len(hostile) * 0.9, report.reject_samples
    for event_id, text in good.items():
        assert empty.resolve(event_id, project="42").raw == text.encode()
    _check_everything(empty)


def _check_everything(events: archive.Archive) -> None:
    """Every view, every report, every list, every answer in each form, and maintenance."""
    for (view,) in events.sql("SELECT view_name FROM duckdb_views() WHERE schema_name = 'main'"):
        for row in events.sql(f'SELECT * FROM "{view}"'):
            dump_json([make_plain(value) for value in row])
    for known in list_reports():
        list(events.report(known.name, **known.example))
    ((count,),) = events.sql("SELECT count(*) FROM events")
    listed = events.list_events(Scope(), limit=count + 1)
    assert len(listed) == count
    for answer in listed:
        view = view_event(answer.json())
        assert [*render_terminal(view, True), *render_markdown(view, True)]
        assert answer.summary and answer.detail(None, None)
        assert answer.download is None or answer.download
    events.find_neighbors(listed[0])
    events.list_projects()
    events.list_hashes(Scope())
    for tag in events.list_tag_keys(Scope()):
        events.list_tag_values(Scope(), tag.key)
    events.info()
    assert events.verify(data=True).problems == []
