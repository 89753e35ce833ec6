"""Reading a stored body: order, nulls, legacy forms and wrong types."""

import json
from typing import Any

import pytest

from archive.events.api.size import measure
from archive.events.protocol import renormalize


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        pytest.param(
            {"platform": "x", "level": "error"}, {"level": "error", "platform": "x"}, id="order"
        ),
        pytest.param(
            {"zz": 1, "aa": 2, "type": "error"},
            {"type": "error", "aa": 2, "zz": 1},
            id="unknown-keys-last",
        ),
        pytest.param({"culprit": None, "zz": None}, {}, id="nulls"),
        pytest.param(
            {"extra": {"b": None, "a": 1}}, {"extra": {"a": 1, "b": None}}, id="nulls-of-bags"
        ),
        pytest.param({"exception": {}, "threads": {"values": []}}, {}, id="empty-interfaces"),
        pytest.param(
            {"breadcrumbs": [None, {"message": "m"}]},
            {"breadcrumbs": {"values": [{"message": "m"}]}},
            id="bare-list",
        ),
        pytest.param(
            {"exception": {"type": "E"}}, {"exception": {"values": [{"type": "E"}]}}, id="only-item"
        ),
        pytest.param({"sentry.interfaces.User": {"id": 7}}, {"user": {"id": "7"}}, id="legacy-key"),
        pytest.param({"message": "m"}, {"logentry": {"formatted": "m"}}, id="message"),
        pytest.param({"message": {"a": [1]}}, {"logentry": {"a": [1]}}, id="message-object"),
        pytest.param({"message": [1]}, {"logentry": {"formatted": "[1]"}}, id="message-list"),
        pytest.param(
            {"tags": {"b c": True, "a": 5}},
            {"tags": [["a", "5"], ["b-c", "True"]]},
            id="tags-object",
        ),
        pytest.param(
            {"request": {"headers": {"x-b": "1", "accept": ["a", "b"]}}},
            {"request": {"headers": [["Accept", "a,b"], ["X-B", "1"]]}},
            id="headers-object",
        ),
        pytest.param(
            {"request": {"cookies": "a=1; b=%20"}},
            {"request": {"cookies": [["a", "1"], ["b", " "]]}},
            id="cookies-text",
        ),
        pytest.param(
            {"request": {"query_string": "?a=1&b="}},
            {"request": {"query_string": [["a", "1"], ["b", ""]]}},
            id="query-text",
        ),
        pytest.param(
            {"timestamp": "2020-03-10T16:08:53.5Z"}, {"timestamp": 1583856533.5}, id="date-text"
        ),
        pytest.param({"timestamp": 1583856533}, {"timestamp": 1583856533.0}, id="date-integer"),
        pytest.param(
            {"contexts": {"os": {"name": "L"}, "n": None}},
            {"contexts": {"n": None, "os": {"name": "L", "type": "os"}}},
            id="context-type",
        ),
        pytest.param(
            {"contexts": {"os": {"zz": 1, "raw_description": "r", "distribution": {"name": "d"}}}},
            {
                "contexts": {
                    "os": {
                        "distribution": {"name": "d"},
                        "raw_description": "r",
                        "zz": 1,
                        "type": "os",
                    }
                }
            },
            id="context-order",
        ),
        pytest.param(
            {"modules": {"a": "1", "b": "", "c": None}, "sdk": {"integrations": ["", "i"]}},
            {"modules": {"a": "1"}, "sdk": {"integrations": ["i"]}},
            id="empty-at-any-depth",
        ),
        pytest.param(
            {"template": {"pre_context": [], "lineno": None}},
            {"template": {"pre_context": []}},
            id="empty-but-kept",
        ),
        pytest.param(
            {"message": "m", "logentry": {"message": "l"}},
            {"logentry": {"message": "l"}, "message": "m"},
            id="unused-alias",
        ),
        pytest.param(
            {"extra": {"n": 2**64 - 1, "f": 2**64}},
            {"extra": {"f": float(2**64), "n": -1}},
            id="large-numbers",
        ),
        pytest.param({"extra": {"n": float("nan")}}, {"extra": {"n": None}}, id="not-a-number"),
        pytest.param({"_ref": 1, "_ref_version": 2}, {}, id="references"),
        pytest.param(
            {"type": "generic"},
            {
                "type": "generic",
                "_meta": {"type": {"": {"err": ["invalid_data"], "val": "generic"}}},
            },
            id="type-of-python",
        ),
        pytest.param(
            {"stacktrace": {"frames": [None, {"vars": ["a"], "instruction_addr": 31}]}},
            {"stacktrace": {"frames": [None, {"vars": {"0": "a"}, "instruction_addr": "0x1f"}]}},
            id="frames",
        ),
        pytest.param(
            {"exception": [{"mechanism": {"posix_signal": {"signal": 11}, "x": 1}}]},
            {
                "exception": {
                    "values": [
                        {
                            "mechanism": {
                                "type": "generic",
                                "data": {"x": 1},
                                "meta": {"signal": {"number": 11}},
                            }
                        }
                    ]
                }
            },
            id="legacy-mechanism",
        ),
    ],
)
def test_read(stored: dict[str, Any], read: dict[str, Any]) -> None:
    assert json.dumps(renormalize(stored)) == json.dumps(read)


@pytest.mark.parametrize(
    ("stored", "path", "reason"),
    [
        ({"platform": 5}, "platform", "expected a string"),
        ({"user": "u"}, "user", "expected user"),
        ({"tags": 5}, "tags", "expected an array"),
        ({"tags": [["a"]]}, "tags.0", "expected a tuple"),
        ({"threads": 5}, "threads", "expected a list or values object"),
        (
            {"stacktrace": {"frames": [{"lineno": "5"}]}},
            "stacktrace.frames.0.lineno",
            "expected an unsigned integer",
        ),
        (
            {"stacktrace": {"frames": [{"in_app": 1}]}},
            "stacktrace.frames.0.in_app",
            "expected a boolean",
        ),
        ({"logentry": {"params": 5}}, "logentry.params", "expected message parameters"),
        ({"user": {"ip_address": "x"}}, "user.ip_address", "expected an ip address"),
        ({"user": {"id": []}}, "user.id", "expected a primitive value"),
        ({"received": "1700000001"}, "received", "input contains invalid characters"),
        ({"level": "loud"}, "level", "invalid level"),
        ({"expectct": {"port": "1"}}, "expectct.port", "expected a signed integer"),
        (
            {"measurements": {"a": {"value": "x"}}},
            "measurements.a.value",
            "expected a floating point number",
        ),
    ],
)
def test_wrong_type_becomes_null_with_the_reason(
    stored: dict[str, Any], path: str, reason: str
) -> None:
    node = renormalize(stored)["_meta"]
    value: Any = stored
    for key in path.split("."):
        node = node[key]
        value = value[int(key)] if isinstance(value, list) else value[key]
    assert node == {"": {"err": [["invalid_data", {"reason": reason}]], "val": value}}


def test_cookie_without_a_value_is_an_error() -> None:
    assert renormalize({"request": {"cookies": "a=1; b"}}) == {
        "request": {"cookies": [["a", "1"]]},
        "_meta": {
            "request": {
                "cookies": {
                    "": {
                        "err": [
                            [
                                "invalid_data",
                                {"reason": "the cookie is missing a name/value pair"},
                            ]
                        ],
                        "val": "a=1; b",
                    }
                }
            }
        },
    }


def test_large_wrong_value_is_not_kept() -> None:
    stored = {"platform": ["x" * 500]}
    assert renormalize(stored)["_meta"]["platform"] == {
        "": {"err": [["invalid_data", {"reason": "expected a string"}]]}
    }


def test_annotations_move_with_headers_that_are_sorted() -> None:
    headers = {"b": "1", "A": "2", "c": []}
    note = {"": {"len": 5}}
    read = renormalize(
        {"request": {"headers": headers}, "_meta": {"request": {"headers": {"b": note}}}}
    )
    assert read["request"]["headers"] == [["A", "2"], ["B", "1"], ["C", ""]]
    assert read["_meta"] == {"request": {"headers": {"1": {"1": note}}}}


@pytest.mark.parametrize(
    ("stored", "meta"),
    [
        pytest.param({"extra": {"a": 1}}, {"extra": {"a": {"": {"len": 5}}}}, id="kept"),
        pytest.param({"extra": {"a": None}}, {"extra": {"a": {"": {"len": 5}}}}, id="of-null"),
        pytest.param(
            {"culprit": None}, {"culprit": {"": {"rem": [["r", "x"]]}}}, id="of-null-text"
        ),
        pytest.param({"extra": {"a": [1]}}, {"extra": {"a": {"0": {"": {"len": 5}}}}}, id="item"),
    ],
)
def test_annotation_of_what_is_there_is_kept(stored: dict[str, Any], meta: Any) -> None:
    assert renormalize({**stored, "_meta": meta}) == {**stored, "_meta": meta}


@pytest.mark.parametrize(
    "meta",
    [
        pytest.param({"extra": {"b": {"": {"len": 5}}}}, id="gone"),
        pytest.param({"extra": {"a": {"1": {"": {"len": 5}}}}}, id="past-the-end"),
        pytest.param({"extra": {"a": {"": {"chunks": [], "len": "5", "err": []}}}}, id="unknown"),
        pytest.param({"extra": 5}, id="number"),
        pytest.param([], id="list"),
        pytest.param("x", id="text"),
    ],
)
def test_annotation_of_nothing_is_dropped(meta: Any) -> None:
    stored = {"extra": {"a": [1]}}
    assert renormalize({**stored, "_meta": meta}) == stored


@pytest.mark.parametrize(
    ("event", "filled"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"extra": {"é": "\U0001f600"}}, 0, id="code-points"),
        pytest.param(
            {"sdk": {"name": "n"}},
            len(',"version":null,"integrations":null,"packages":null'),
            id="sdk",
        ),
        pytest.param({"spans": [{}, None]}, 0, id="empty-span"),
        pytest.param({"extra": {"a": 1e22, "b": 1.5e-7, "c": "1e-07"}}, -2, id="exponents"),
        pytest.param({"extra": {"a": 1e-05}}, len("0.00001") - len("1e-05"), id="small"),
    ],
)
def test_size(event: dict[str, Any], filled: int) -> None:
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    assert measure(event) == len(text) + filled
