"""Single interfaces against Sentry's own test snapshots of June 2023."""

from collections.abc import Callable
from typing import Any

from archive.events.api import serialize
from archive.events.api.titles import title_event
from archive.events.protocol import renormalize

_Place = Callable[[Any], tuple[str, Any]]

PLACES: dict[str, _Place] = {
    "frame": lambda stored: ("stacktrace", {"frames": [stored]}),
    "geo": lambda stored: ("user", {"geo": stored}),
    "http": lambda stored: ("request", stored),
    "mechanism": lambda stored: ("exception", {"values": [{"type": "E", "mechanism": stored}]}),
    "message": lambda stored: ("logentry", stored),
    "single_exception": lambda stored: ("exception", {"values": [stored]}),
}

RENAMED_SINCE = {"test_spans/test_multiple_full", "test_spans/test_single_full"}
"""Relay of 2024 names a span's `status_code` `http.response.status_code`."""


def test_interface_is_read_and_answered_as_sentry_does(record: dict[str, Any]) -> None:
    key, body = _place(record)
    read: Any = renormalize({key: body}).get(key)
    if record["test"] in RENAMED_SINCE:
        assert "http.response.status_code" in read[0]["data"]
    else:
        assert _without_nulls(read or None) == (_without_nulls(body) or None)
    if "api" in record and body is not None:
        assert _includes(serialize({key: body})["entries"][0]["data"], record["api"])
    if "title" in record:
        assert title_event({}, key, record["metadata"]) == record["title"]


def _place(record: dict[str, Any]) -> tuple[str, Any]:
    interface, stored = record["interface"], record["stored"]
    place = PLACES.get(interface)
    return place(stored) if place and stored is not None else (interface, stored)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _includes(answer: Any, expected: Any) -> bool:
    """Whether all that was answered in 2023 still is; members may have been added since."""
    if isinstance(expected, dict):
        return all(key in answer and _includes(answer[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(_includes, answer, expected))
    return bool(answer == expected)
