"""Single interfaces against Sentry's own test snapshots of June 2023."""

from collections.abc import Callable
from typing import Any

import pytest

from archive.events.ingest.event import normalize_event

Body = dict[str, Any]

PLACES: dict[str, tuple[Callable[[Any], Body], Callable[[Body], Any]]] = {
    "frame": (
        lambda sent: {"stacktrace": {"frames": [sent]}},
        lambda event: event["stacktrace"]["frames"][0],
    ),
    "geo": (
        lambda sent: {"user": {"id": "1", "geo": sent}},
        lambda event: event["user"].get("geo"),
    ),
    "http": (lambda sent: {"request": sent}, lambda event: event.get("request")),
    "mechanism": (
        lambda sent: {"exception": {"values": [{"type": "E", "mechanism": sent}]}},
        lambda event: event["exception"]["values"][0].get("mechanism"),
    ),
    "message": (lambda sent: {"logentry": sent}, lambda event: event.get("logentry")),
    "single_exception": (
        lambda sent: {"exception": {"values": [sent]}},
        lambda event: event["exception"]["values"][0],
    ),
    "spans": (
        lambda sent: {"type": "transaction", "spans": sent},
        lambda event: event.get("spans"),
    ),
    "user": (
        lambda sent: {"user": sent},
        lambda event: {**event.get("user", {}), "sentry_user": None},
    ),
}

KNOWN_DIFFERENCES = {
    "test_contexts/test_default": "the type is the alias; the snapshot shows it as serialized",
    "test_http/test_full": "api_target is stored since August 2023",
}


def test_interface_is_normalized_as_sentry_does(record: Body) -> None:
    if "input" not in record:
        pytest.skip("the snapshot does not contain what was sent")
    name = record["interface"]
    send, take = PLACES.get(name, (lambda sent: {name: sent}, lambda event: event.get(name)))
    event, _ = normalize_event(send(record["input"]))
    equal = (_without_nulls(take(event)) or None) == (record["stored"] or None)
    assert equal is (record["test"] not in KNOWN_DIFFERENCES)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
