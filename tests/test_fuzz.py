"""Whatever comes, a record is an event or a reject with a reason; nothing else is ever raised.

A short run by default; EVENT_ARCHIVE_FUZZ=100000 tries so many inputs of each kind.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.errors import InvalidEventId
from archive.events.answer import Owner, answer_event
from archive.events.flatten import Defaults, flatten_event
from archive.events.model import compact_json
from archive.events.rows import Rows
from archive.exports.recognise import Export, recognise
from archive.exports.records import Place, Record
from archive.exports.shapes import Shape
from archive.jsontext import parse_loosely
from archive.tables.unnest import BUILDERS
from tests.conftest import SEED, make_event, split

INPUTS = int(os.environ.get("EVENT_ARCHIVE_FUZZ", "40"))
fuzz = settings(
    max_examples=INPUTS,
    deadline=None,
    derandomize=INPUTS <= 40,
    database=None,
    suppress_health_check=list(HealthCheck),
)

SDK_EVENT: dict[str, Any] = {
    "event_id": "a" * 32,
    "timestamp": 1700000000.5,
    "platform": "python",
    "level": "error",
    "logentry": {"message": "hello %s", "params": ["you"]},
    "exception": {"values": [{"type": "E", "value": "v", "stacktrace": {"frames": [{}]}}]},
    "threads": {"values": [{"id": 1, "stacktrace": {"frames": [{"function": "f"}]}}]},
    "request": {"url": "http://a/", "headers": [["A", "b"]], "query_string": [["a", "b"]]},
    "breadcrumbs": {"values": [{"timestamp": 1, "message": "m"}]},
    "tags": [["a", "b"]],
    "user": {"id": 1, "ip_address": "::1", "geo": {}},
    "contexts": {"os": {"name": "x"}, "trace": {"trace_id": "1" * 32}},
    "extra": {"a": 1},
    "sdk": {"name": "n", "version": "1", "packages": [{}], "integrations": ["a"]},
    "debug_meta": {"images": [{"type": "elf"}]},
    "_meta": {"message": {"": {"rem": [["x", "x"]]}}},
}

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "\x00", "\x1b[2J", "' OR 1=1 --", "../../x", "9999-12-31T23:59:60Z"]),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["values", "frames", "", "id", "type", "key"]), inner),
    ),
    max_leaves=8,
)


def _list_places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    places = []
    for key, inner in items:
        places.append((*path, key))
        if isinstance(inner, dict | list):
            places += _list_places(inner, (*path, key))
    return places


@st.composite
def mangled(draw: st.DrawFn, event: dict[str, Any]) -> bytes:
    """An event with other values in one to three places, of any kind."""
    changed = json.loads(json.dumps(event))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(_list_places(changed)))
        holder = changed
        for key in way:
            holder = holder[key]
        holder[last] = draw(values)
    return json.dumps(changed).encode(errors="surrogatepass")


def _flatten(export: Export) -> Rows | None:
    try:
        return flatten_event(export, "load", Defaults())
    except (InvalidEventId, ValueError, RecursionError):
        return None  # which a load makes a reject of


@pytest.mark.parametrize(
    ("event", "shape"),
    [
        (make_event(1), Shape.FULL),
        (make_event(1), Shape.DETAIL),
        (json.loads(SEED), Shape.EVENTIDS),
        (SDK_EVENT, Shape.SDK),
        (SDK_EVENT, Shape.STORE),
        (SDK_EVENT, Shape.DOWNLOAD),
        (SDK_EVENT, Shape.SPLUNK),
    ],
    ids=["full", "detail", "eventids", "sdk", "store", "download", "splunk"],
)
def test_mangled_events(event: dict[str, Any], shape: Shape) -> None:
    """Each is flattened, its tables built and its answer made; the answer is JSON."""

    @fuzz
    @given(mangled(event))
    def check(raw: bytes) -> None:
        rows = _flatten(Export(shape, raw, Place("fuzz", None, 1, 0)))
        if rows is None:
            return
        for build in BUILDERS.values():
            build([rows]).validate()
        owner = Owner("org", "project", rows.payload.project_id, rows.payload.group_id)
        answer = answer_event(compact_json(raw), shape, rows.payload.event_id, owner)
        assert isinstance(parse_loosely(answer), dict)

    check()


@fuzz
@given(st.data())
def test_mangled_bytes(data: st.DataObject) -> None:
    """The reader and the recogniser, on exports with bytes changed, cut out and put in."""
    text = bytearray(json.dumps([make_event(1), SDK_EVENT]).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text) - 1))
        size = data.draw(st.integers(0, 3))
        text[at : at + size] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"[", b'"', b"}"])
        )
    for item in split(bytes(text), [data.draw(st.integers(1, 400))]):
        if isinstance(item, Record):
            for export in recognise(item):
                if isinstance(export, Export):
                    _flatten(export)
