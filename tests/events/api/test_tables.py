"""Events of the usual form have the rows that they have when they are read whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archive.events import ingest
from archive.events.api import tables
from archive.events.flatten import Defaults, flatten_event
from archive.exports.detect import Export
from archive.exports.records import SourceLocation
from archive.exports.shapes import Shape
from archive.tables.unnest import build_frames
from tests.corpus import Pair

FRAME = {"function": "f", "filename": "a.c", "lineno": 2, "context_line": "x", "in_app": True}
ADDRESSED = {"function": "g", "instruction_addr": "0x1f", "symbol_addr": "0x1234567"}
ERROR = {"type": "E", "value": "v", "stacktrace": {"frames": [FRAME, None, FRAME, ADDRESSED]}}
CRUMBS = {"values": [{"message": "m"}]}

BODIES: dict[str, dict[str, Any]] = {
    "an error": {"platform": "c", "exception": {"values": [ERROR]}, "breadcrumbs": CRUMBS},
    "a stack trace": {"stacktrace": ERROR["stacktrace"]},
    "threads": {"threads": {"values": [{"id": 1, "stacktrace": ERROR["stacktrace"]}]}},
    "frames of a platform that hides arguments": {
        "platform": "csharp",
        "exception": {"values": [{"type": "E", "stacktrace": {"frames": [{"function": "f (x)"}]}}]},
    },
    "an annotated frame": {
        "exception": {"values": [ERROR]},
        "_meta": {"exception": {"values": {"0": {"stacktrace": {"frames": {"0": {"function": {
            "": {"rem": [["x", "x"]]}}}}}}}}},
    },
    "source lines around the one of a frame": {
        "stacktrace": {"frames": [{**FRAME, "pre_context": ["a", "b"], "post_context": ["c"]}]}
    },
    "a frame of wrong types": {"stacktrace": {"frames": [{**FRAME, "in_app": 1, "lineno": "2"}]}},
    "tags": {"tags": [["sentry:release", "1"], ["a b", " c "], ["device.class", "1"]]},
    "null tags": {"tags": [["a", None], None, ["b", "c"]]},
    "annotated tags": {"tags": [["a", "b"], ["c", " "]], "_meta": {"tags": {"0": {"": {}}}}},
    "a tag of three parts": {"tags": [["a", "b", "c"]]},
    "interfaces of old names": {"sentry.interfaces.Exception": {"values": [ERROR]}},
    "an exception of no type": {"exception": {"values": [{"type": "", "stacktrace": {}}]}},
    "a list of exceptions": {"exception": [ERROR]},
    "no breadcrumbs": {"breadcrumbs": {"values": []}, "debug_meta": {}, "spans": []},
    "a request": {
        "request": {"url": "http://a", "headers": [["Referer", "b"], ["Host", "c"]], "data": "d"}
    },
    "a request without a URL": {"request": {"method": "GET", "headers": {"referer": "b"}}},
    "contexts": {"contexts": {"trace": {"trace_id": "0" * 32, "span_id": 123}, "os": {"a": 1}}},
    "members of wrong types": {"user": 1, "contexts": [], "sdk": "s", "threads": True},
}  # fmt: skip


SENT: dict[str, dict[str, Any]] = {
    "extra data": {"extra": {"a": 1}},
    "extra data that is none": {"extra": 1},
    "annotated extra data": {"extra": {}, "_meta": {"extra": {"": {"err": ["invalid_data"]}}}},
    "breadcrumbs": {"breadcrumbs": [{"timestamp": "x"}, {"message": "m", "level": "x"}, 1]},
    "empty breadcrumbs": {"breadcrumbs": {"values": [{"message": ""}, {}, None]}},
    "breadcrumbs that are none": {"breadcrumbs": {"values": 1}},
    "annotated breadcrumbs": {
        "breadcrumbs": [{"message": "m"}],
        "_meta": {"breadcrumbs": {"": {"err": ["invalid_data"]}}},
    },
    "contexts of unknown types": {
        "contexts": {
            "a": {"b": 1},
            "c": {"type": "os", "name": "d"},
            "e": 1,
            "browser": {"type": "f"},
        }
    },
    "invalid variables": {"stacktrace": {"frames": [{**FRAME, "vars": 1}]}},
    "only variables": {"exception": {"values": [{"stacktrace": {"frames": [{"vars": {"a": 1}}]}}]}},
    "source lines around none": {"stacktrace": {"frames": [{"lineno": 1, "pre_context": ["a"]}]}},
    "an unknown function": {"stacktrace": {"frames": [{"function": "?", "vars": {"a": 1}}]}},
}


@pytest.mark.parametrize("name", BODIES)
def test_body_has_the_rows_of_the_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _compare(BODIES[name], Shape.STORE, monkeypatch)


@pytest.mark.parametrize("name", BODIES | SENT)
def test_sent_event_has_the_rows_of_the_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _compare((BODIES | SENT)[name], Shape.SDK, monkeypatch)


def test_real_event_has_the_rows_of_the_whole(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    _compare(pair["stored"], Shape.STORE, monkeypatch)
    if pair["mode"] == "normalize":
        monkeypatch.undo()
        _compare(pair["raw"], Shape.SDK, monkeypatch)


def test_shared_frames_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_SHARED", 100_000)
    for number in range(1_000):
        _list_rows({"stacktrace": {"frames": [{"function": "f" * 1_000, "lineno": number}]}})
    assert len(tables._FRAMES) < 100


def _compare(body: dict[str, Any], shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _list_rows(body, shape)
    monkeypatch.setattr(tables, "LONGEST", 0)
    monkeypatch.setattr(ingest, "leave_out", lambda body: None)
    assert rows == _list_rows(body, shape)


def _list_rows(body: dict[str, Any], shape: Shape = Shape.STORE) -> list[Any]:
    raw = json.dumps({"event_id": "0" * 32} | body).encode()
    export = Export(shape, raw, SourceLocation("a.json", None, 1, 0))
    rows = flatten_event(export, "load", Defaults())
    return [rows.event, rows.tags, build_frames([rows]).to_pylist()]
