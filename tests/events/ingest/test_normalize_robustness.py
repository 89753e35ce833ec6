"""Whatever a body holds: normalising never fails, changes nothing sent, and is idempotent."""

import copy
import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.events.ingest import normalize

EVENT: dict[str, Any] = {
    "event_id": "fc6d8c0c-43fc-4630-ad85-0ee518f1b9d0",
    "type": "transaction",
    "level": 40,
    "platform": "csharp",
    "timestamp": "2024-09-17T12:34:56.789Z",
    "start_timestamp": 1726576496,
    "received": 1726576497.5,
    "message": "legacy",
    "logentry": {"message": "%s of %(name)s {} {0}", "params": ["a", 1, None, {"b": [1.5]}]},
    "logger": "app.log",
    "transaction": "/index",
    "transaction_info": {"source": "url", "changes": [{"a": 1}]},
    "release": "1.0",
    "dist": "7",
    "environment": "prod",
    "server_name": "web-1",
    "site": "a",
    "fingerprint": ["{{ default }}", 1, None],
    "tags": {"environment": "x", "b c": True, "d": 1.5, "e": None},
    "modules": {"a": "1"},
    "extra": {"deep": [[[[[[[[[1]]]]]]]]], "text": "x" * 20000},
    "user": {"id": 7, "email": "a@b.c", "ip_address": "{{auto}}", "geo": {"city": "x"}, "more": 1},
    "request": {
        "url": "HTTP://Example.com:80/a/../b?c=d&e#f…",
        "method": "get",
        "headers": {"user-agent": "Firefox/1.0", "Cookie": "a=b; c", "x": ["1", 2, None]},
        "cookies": "a=b;=c;d",
        "query_string": [["a", {"b": 1}], ["c"]],
        "data": '{"a": [1]}',
        "env": {"REMOTE_ADDR": "127.0.0.1"},
    },
    "exception": [
        {
            "value": "ValueError: bad",
            "mechanism": {"posix_signal": {"signal": 11, "code": 1}, "mach_exception": {}},
            "sentry.interfaces.Stacktrace": {
                "frames": [
                    {
                        "filename": "http://a.b/c.js",
                        "lineno": 1.5,
                        "pre_context": [None, "x"],
                        "vars": ["a", {"b": 1}],
                        "instruction_addr": "0x10",
                        "function": "int f (int)",
                        "lock": {"type": 3},
                        "data": {"orig_lineno": -1},
                    },
                    None,
                    {},
                ],
                "registers": {"rip": 1},
            },
            "thread_id": 1,
        },
        None,
    ],
    "stacktrace": {"frames": [{"function": "?"}]},
    "threads": {"values": [{"id": 1, "stacktrace": {"frames": [{"abs_path": "a"}]}}, {}]},
    "breadcrumbs": [{"ty": "http", "data": {"a": 1}, "odd": 2}, {"level": "odd"}, None],
    "contexts": {
        "os": {"raw_description": "Microsoft Windows 6.1.7601 S"},
        "runtime": {"raw_description": ".NET Framework 4.0.30319", "build": "461808"},
        "trace": {"trace_id": "1", "span_id": "a" * 16, "status": 2, "data": {"a": None}},
        "response": {"headers": {"Set-Cookie": "a=b"}, "data": "[1]"},
        "device": {"model": "x", "odd": [1]},
        "other": {"type": "os", "name": "x", "version": ""},
    },
    "sdk": {"name": "sentry.python", "integrations": [None], "packages": [{"name": "a"}]},
    "template": {"filename": "a.html", "lineno": 1, "context_line": 42},
    "debug_meta": {
        "images": [{"type": "apple", "uuid": "C05B4DDD69A73840A64932180D341587"}, {"type": "elf"}],
        "sdk_info": {"sdk_name": "iOS"},
    },
    "csp": {"blocked_uri": "data", "status_code": "200"},
    "hpkp": {"hostname": "a"},
    "expectct": {"scts": [{"version": "1"}]},
    "expectstaple": {"port": 1},
    "spans": [{"span_id": "bad", "data": {"a": None}, "tags": {"b": 1}, "odd": 1}],
    "measurements": {"fcp": {"value": 1}, "bad": {"value": "x"}},
    "breakdowns": {"ops": {"db": {"value": 1}}},
    "errors": [{"type": "js_error"}, {}],
    "project": "12",
    "odd": {"key": 1},
    "_meta": {
        "tags": {"b c": {"": {"len": 3}}, "0": {"1": {"": {"rem": [["a", "s", 0, 1]]}}}},
        "extra": {"text": {"": {"rem": [["!limit", "s", 1], 5], "err": ["x", ["y", 1]]}}},
        "exception": {"values": {"0": {"value": {"": {"len": 9}}}}},
        "logentry": {"message": {"": {"len": 1}}},
    },
}
"""An event with something in nearly every field, in old and in odd forms."""

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "a", "\ud83d", "{{auto}}", "%s {}", "http://[", "0x", "1e999", "é…"]),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["values", "frames", "type", "value", "name", "", "0", "\ud83d"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys: Any = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    return [path] * bool(path) + [
        found for key in keys for found in _paths(value[key], (*path, key))
    ]


PATHS = _paths(EVENT)
WRONG: list[Any] = [None, True, 1, -1.5, 1 << 70, "", "x" * 9000, [], [None], [[]], {}, {"": {}}]


@settings(max_examples=4 * settings().max_examples)
@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=4))
def test_confused_event_is_normalized(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    body = copy.deepcopy(EVENT)
    for path, value in changes:
        _replace(body, path, value)
    _check(body)


@given(st.dictionaries(st.one_of(st.sampled_from(list(EVENT)), st.text(max_size=5)), VALUES))
def test_any_object_is_normalized(body: dict[str, Any]) -> None:
    _check(body)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_each_field_may_be_of_any_type(path: tuple[Any, ...]) -> None:
    for value in WRONG:
        body = copy.deepcopy(EVENT)
        _replace(body, path, value)
        _check(body)


@pytest.mark.parametrize("depth", [10, 200, 900])
def test_deep_nesting_is_limited(depth: int) -> None:
    nested = json.loads("[" * depth + "]" * depth)
    for name in ("extra", "contexts", "request", "exception", "errors", "_meta", "odd"):
        _check({name: {"values": [{"data": nested, "value": nested}], "data": nested}})
        _check({name: nested})
    _check({"request": {"data": "[" * depth + "]" * depth}})


@pytest.mark.parametrize("name", ["Set-Cookie", "Cookie", "Content-Type", "User-Agent"])
def test_headers_may_be_cut_anywhere(name: str) -> None:
    for length in range(8150, 8195):
        headers = [["a", "x" * length], [name, "b=c"]]
        _check({"request": {"headers": headers}, "contexts": {"response": {"headers": headers}}})


def _replace(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        if not _has(body, key):
            return
        body = body[key]
    if _has(body, path[-1]):
        body[path[-1]] = value


def _has(body: Any, key: Any) -> bool:
    if isinstance(body, dict):
        return key in body
    return isinstance(body, list) and isinstance(key, int) and key < len(body)


def _check(body: dict[str, Any]) -> None:
    before = repr(body)
    event = normalize(body)
    assert repr(body) == before
    assert {"type", "title", "location", "metadata"} <= event.keys()
    orjson.dumps(event)
