"""Rules of single fields, taken from Relay's and Sentry's own tests and sources."""

from typing import Any

import pytest

from archive.events.ingest import normalize

FRAME_PATHS = {
    "filename only": ({"filename": "a.py"}, "a.py", "a.py"),
    "path only": ({"abs_path": "/x/a.py"}, "/x/a.py", "/x/a.py"),
    "url": ({"filename": "http://a.b/c.js?d#e"}, "/c.js", "http://a.b/c.js?d#e"),
    "url without path": ({"abs_path": "http://a.b"}, "http://a.b", "http://a.b"),
    "bundle": ({"abs_path": "app:///index.js"}, "app:///index.js", "app:///index.js"),
    "both": ({"filename": "a.js", "abs_path": "http://a.b/c.js"}, "a.js", "http://a.b/c.js"),
    "neither": ({"function": "f"}, None, None),
}


@pytest.mark.parametrize(("frame", "filename", "abs_path"), FRAME_PATHS.values(), ids=FRAME_PATHS)
def test_frame_paths_are_completed(frame: Any, filename: Any, abs_path: Any) -> None:
    stored = _first_frame({"stacktrace": {"frames": [frame]}})
    assert (stored.get("filename"), stored.get("abs_path")) == (filename, abs_path)


IN_APP = {
    "true": (True, True, None),
    "false": (False, False, None),
    "absent": (None, False, {"orig_in_app": -1}),
}


@pytest.mark.parametrize(("sent", "in_app", "data"), IN_APP.values(), ids=IN_APP)
def test_in_app_is_settled(sent: Any, in_app: bool, data: Any) -> None:
    stored = _first_frame({"stacktrace": {"frames": [{"function": "f", "in_app": sent}]}})
    assert (stored["in_app"], stored.get("data")) == (in_app, data)


CONTAINERS = {
    "values": {"values": [{"type": "E"}]},
    "list": [{"type": "E"}],
    "single": {"type": "E"},
}


@pytest.mark.parametrize("sent", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("name", ["exception", "sentry.interfaces.Exception"])
def test_exceptions_are_read_in_every_form(sent: Any, name: str) -> None:
    event = normalize({name: sent})
    assert event["exception"] == {"values": [{"type": "E"}]}
    assert (event["type"], event["title"]) == ("error", "E")


def test_many_frames_are_limited() -> None:
    frames = [{"function": f"f{index}", "vars": {"a": 1}} for index in range(300)]
    event = normalize({"stacktrace": {"frames": frames}})
    kept = event["stacktrace"]["frames"]
    assert (len(kept), kept[0]["function"]) == (250, "f50")
    assert event["_meta"]["stacktrace"]["frames"][""] == {"len": 300}
    assert sum("vars" in frame for frame in kept) == 50


TAGS = {
    "object": ({"b c": True, "a": 1.5}, [["a", "1"], ["b-c", "True"]]),
    "pairs": ([["b", "1"], ["a", "2"], ["b", "3"]], [["b", "1"], ["a", "2"]]),
    "reserved": ({"release": "1", "user": "x", "a": "b"}, [["a", "b"]]),
    "empty": ([["a", ""]], [["a", None]]),
    "long": ([["a", "x" * 201]], [["a", None]]),
    "new line": ([["a", "b\nc"]], [["a", None]]),
    "not a pair": ([["a"], ["b", "c"]], [None, ["b", "c"]]),
}


@pytest.mark.parametrize(("sent", "stored"), TAGS.values(), ids=TAGS)
def test_tags_sent_are_cleaned(sent: Any, stored: Any) -> None:
    assert normalize({"tags": sent})["tags"] == [*stored, ["level", "error"]]


def test_tags_are_derived_in_order() -> None:
    event = normalize(
        {
            "tags": {"mine": "1", "environment": "prod", "level": "x"},
            "server_name": "web",
            "level": "fatal",
            "logger": "app",
            "transaction": "/t",
            "release": "1.0",
            "dist": "7",
            "user": {"id": 5, "email": "a@b.c"},
            "request": {"url": "http://a.b/c?d"},
            "exception": {"type": "E", "mechanism": {"type": "wsgi", "handled": False}},
            "contexts": {
                "runtime": {"name": "CPython", "version": "3.12"},
                "os": {"name": "Linux", "rooted": True},
                "device": {"model": "X", "family": "Y"},
            },
        }
    )
    assert event["tags"] == [
        ["mine", "1"],
        ["server_name", "web"],
        ["level", "fatal"],
        ["logger", "app"],
        ["environment", "prod"],
        ["transaction", "/t"],
        ["sentry:release", "1.0"],
        ["sentry:dist", "7"],
        ["sentry:user", "id:5"],
        ["url", "http://a.b/c"],
        ["mechanism", "wsgi"],
        ["handled", "no"],
        ["device", "X"],
        ["device.family", "Y"],
        ["os.name", "Linux"],
        ["os.rooted", "yes"],
        ["runtime", "CPython 3.12"],
        ["runtime.name", "CPython"],
    ]
    assert "server_name" not in event


LOG_ENTRIES = {
    "text": ({"message": "hi"}, {"formatted": "hi"}),
    "interface": ({"sentry.interfaces.Message": {"message": "hi"}}, {"formatted": "hi"}),
    "object": ({"message": {"message": "%s", "params": ["a"]}}, "a"),
    "number": ({"message": 42}, {"formatted": "42"}),
    "false": ({"message": False}, None),
    "empty": ({"message": ""}, None),
}


@pytest.mark.parametrize(("sent", "stored"), LOG_ENTRIES.values(), ids=LOG_ENTRIES)
def test_log_entry_is_read_in_every_form(sent: Any, stored: Any) -> None:
    entry = normalize(sent).get("logentry")
    assert (entry["formatted"] if isinstance(stored, str) and entry else entry) == stored


REQUESTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "relative url": (
        {"url": "a.html?b=c#d"},
        {"url": "a.html", "query_string": [["b", "c"]], "fragment": "d"},
    ),
    "query stays": (
        {"url": "http://a/?b=c", "query_string": {"d": "e"}},
        {"url": "http://a/", "query_string": [["d", "e"]]},
    ),
    "headers": (
        {"headers": {"x-b": "2", "content-type": ["a", "b"]}},
        {"headers": [["Content-Type", "a,b"], ["X-B", "2"]], "inferred_content_type": "a,b"},
    ),
    "header pairs": ({"headers": [["b", "1"], ["a", 2]]}, {"headers": [["B", "1"], ["A", "2"]]}),
    "cookie header": (
        {"headers": {"cookie": "a=b%20c; d=e"}},
        {"cookies": [["a", "b c"], ["d", "e"]]},
    ),
    "json body": (
        {"data": '{"a": 1}'},
        {"data": {"a": 1}, "inferred_content_type": "application/json"},
    ),
    "form body": (
        {"data": "a=b&c=d+e"},
        {
            "data": {"a": "b", "c": "d e"},
            "inferred_content_type": "application/x-www-form-urlencoded",
        },
    ),
    "base64 body": ({"data": "dGU="}, {"data": "dGU="}),
    "method": ({"method": "post"}, {"method": "POST"}),
}


@pytest.mark.parametrize(("sent", "stored"), REQUESTS.values(), ids=REQUESTS)
def test_request_is_spread_over_its_fields(sent: Any, stored: Any) -> None:
    assert normalize({"request": sent})["request"] == stored


SUMMARIES: dict[str, tuple[dict[str, Any], tuple[str, Any, str]]] = {
    "message": ({"message": " first\nsecond"}, ("first", None, "")),
    "nothing": ({}, ("<unlabeled event>", None, "")),
    "error": (
        {
            "exception": {
                "type": "E",
                "value": "bad\nthing",
                "stacktrace": {
                    "frames": [
                        {"filename": "a.py", "module": "m", "function": "f", "in_app": True},
                        {"filename": "b.py", "function": "g"},
                    ]
                },
            }
        },
        ("E: bad", "a.py", "m in f"),
    ),
    "transaction": ({"type": "transaction", "transaction": "/t"}, ("/t", "/t", "/t")),
    "csp": (
        {"message": "Blocked", "csp": {"blocked_uri": "http://a.b/c"}},
        ("Blocked", "a.b", ""),
    ),
    "url": ({"request": {"url": "http://a.b/c"}}, ("<unlabeled event>", None, "http://a.b/c")),
}


@pytest.mark.parametrize(("sent", "summary"), SUMMARIES.values(), ids=SUMMARIES)
def test_event_is_summarized(sent: Any, summary: Any) -> None:
    event = normalize(sent)
    assert (event["title"], event["location"], event["culprit"]) == summary


WRONG_TYPES = {
    "level": ({"level": "bogus"}, "level", "invalid level", "bogus"),
    "sdk": ({"sdk": "x"}, "sdk", "expected clientsdkinfo", "x"),
    "exception": ({"exception": 5}, "exception", "expected a list or values object", 5),
    "contexts": ({"contexts": [1]}, "contexts", "expected an object", [1]),
}


@pytest.mark.parametrize(
    ("sent", "path", "reason", "original"), WRONG_TYPES.values(), ids=WRONG_TYPES
)
def test_wrong_type_is_noted(sent: Any, path: str, reason: str, original: Any) -> None:
    event = normalize(sent)
    error = ["invalid_data", {"reason": reason}]
    assert event["_meta"][path][""] == {"err": [error], "val": original}
    listed = {"type": "invalid_data", "name": path, "value": original, "reason": reason}
    assert event["errors"] == [listed]


def test_unknown_key_is_noted() -> None:
    event = normalize({"odd": 1})
    assert event["odd"] is None
    assert event["_meta"] == {"odd": {"": {"err": ["invalid_attribute"]}}}


def test_deep_data_becomes_text() -> None:
    deep = {"a": {"b": {"c": {"d": {"e": {"f": {"z": 1, "g": 2}}}}}}}
    event = normalize({"extra": {"x": deep}})
    assert event["extra"]["x"]["a"]["b"]["c"]["d"]["e"] == '{"f":{"g":2,"z":1}}'


def test_long_text_is_cut_and_noted() -> None:
    event = normalize({"culprit": "é" * 300})
    assert event["_meta"]["culprit"][""] == {"len": 300, "rem": [["!limit", "s", 394, 397]]}
    assert event["culprit"] == "é" * 197 + "..."


def test_span_data_gets_todays_names() -> None:
    event = normalize({"type": "transaction", "spans": [{"data": {"method": "GET", "odd": 1}}]})
    assert event["spans"][0]["data"] == {"http.request_method": "GET", "odd": 1}


def test_wrong_member_of_a_context_is_an_error() -> None:
    event = normalize({"contexts": {"culture": {"is_24_hour_format": "yes", "locale": "de"}}})
    assert event["contexts"]["culture"] == {
        "is_24_hour_format": None,
        "locale": "de",
        "type": "culture",
    }
    assert event["errors"][0]["name"] == "contexts.culture.is_24_hour_format"


def test_apple_image_becomes_macho() -> None:
    uuid = "2d903291-397d-3d14-bfca-52c7fb8c5e00"
    image = {"type": "apple", "uuid": uuid, "name": "n", "image_addr": 16, "image_size": 5}
    event = normalize({"debug_meta": {"images": [{**image, "cpu_type": 1}]}})
    assert event["debug_meta"]["images"] == [
        {
            "code_file": "n",
            "debug_id": uuid,
            "image_addr": "0x10",
            "image_size": 5,
            "type": "macho",
        }
    ]


def _first_frame(body: dict[str, Any]) -> dict[str, Any]:
    frame: dict[str, Any] = normalize(body)["stacktrace"]["frames"][0]
    return frame
