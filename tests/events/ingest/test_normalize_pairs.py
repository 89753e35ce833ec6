"""Whole events as sent against what Sentry stored of them."""

import copy
from typing import Any

import pytest

from archive.events.ingest import normalize

INTERFACES = (
    "exception",
    "stacktrace",
    "threads",
    "tags",
    "contexts",
    "request",
    "breadcrumbs",
    "user",
    "logentry",
    "sdk",
    "debug_meta",
    "template",
    "csp",
    "hpkp",
    "expectct",
    "expectstaple",
    "metadata",
    "title",
    "culprit",
    "location",
    "type",
    "level",
    "platform",
    "logger",
    "timestamp",
    "fingerprint",
    "errors",
    "_meta",
    "extra",
    "modules",
    "transaction",
    "transaction_info",
    "release",
    "environment",
    "dist",
    "spans",
    "measurements",
)

_ENHANCERS = "grouping enhancers changed in_app"
_MAIN = "grouping chose another main exception of the group"
_SPANS = "spans are hashed for grouping"
_ADDRESS = "the address of the connection is unknown here"
_RECEIVED = "the time of reception is unknown here"
_WRAPPED = "the sentry-relay of the pairs wraps numbers above 2^63"
_TWICE = "Relay reads a cookie string twice, and notes its errors twice"
_REPLACED = "the note was lost when ingest put its own value there"
_EMPTIED = "contexts stay present but empty when there were headers"
_LEFTOVER = "the note of a deleted value moved to the list of errors"
_WRONG = "Relay lists the error of the tags twice, as it reads them twice"

KNOWN_DIFFERENCES: dict[str, dict[str, str]] = {
    "bug_bugsink/top-level-message-as-str": {"exception": _ENHANCERS, "metadata": _ENHANCERS},
    "env/envelope_php.txt/0": {"contexts": _SPANS, "spans": _SPANS},
    "grp/exception-groups-bad-missing-parent": {"metadata": _MAIN, "title": _MAIN},
    "grp/exception-groups-one-exception": {"metadata": _MAIN, "title": _MAIN},
    "grp/exception-groups-one-type-with-similar-values": {"metadata": _MAIN, "title": _MAIN},
    "grp/frame-ignores-flutter-sdk": {"stacktrace": _ENHANCERS, "metadata": _ENHANCERS},
    "grp24/block_invoke": {"threads": _ENHANCERS},
    "grp24/cocoa_dispatch_client_callout": {"threads": _ENHANCERS},
    "iface/http/test_cookies_in_header": {"contexts": _EMPTIED},
    "iface/http/test_cookies_in_header2": {"contexts": _EMPTIED},
    "iface/http/test_full": {"contexts": _EMPTIED},
    "iface/http/test_header_value_str": {"contexts": _EMPTIED},
    "kafka/null-tag-keys": {"_meta": _REPLACED},
    "ld24/invalid-interfaces": {"_meta": _LEFTOVER},
    "ld24/javascript-transaction": {"contexts": _SPANS, "spans": _SPANS},
    "ld24/transaction": {"contexts": _SPANS, "spans": _SPANS},
    "perf/n-plus-one-db-root-parent-span": {"contexts": _SPANS, "spans": _SPANS},
    "s23/apple-ios-transaction": {"contexts": _SPANS, "spans": _SPANS},
    "s23/python-transaction": {"contexts": _SPANS, "spans": _SPANS},
    "syn/numbers": {"extra": _WRAPPED},
    "syn/past": {"timestamp": _RECEIVED, "errors": _RECEIVED, "_meta": _RECEIVED},
    "syn/req12": {"contexts": _EMPTIED},
    "syn/req8": {"errors": _TWICE},
    "syn/ts-bad": {"timestamp": _RECEIVED},
    "syn/tx": {"contexts": _SPANS, "spans": _SPANS},
    "syn/tx-breakdowns": {"contexts": _SPANS, "spans": _SPANS},
    "syn/tx-with-exception": {"contexts": _SPANS, "metadata": _ENHANCERS},
    "syn/user6": {"user": _ADDRESS, "tags": _ADDRESS},
    "syn/wrong-types": {"errors": _WRONG},
}
"""What is not equal, by event and interface; each must still differ."""


def test_event_is_normalized_as_sentry_does(pair: dict[str, Any]) -> None:
    if {"title", "location"} <= pair["raw"].keys():
        pytest.skip("the event sent is a stored body itself")
    event = normalize(pair["raw"])
    stored = pair.get("renormalized")
    if stored is None:
        event, stored = _without_nulls(event), _without_nulls(pair["stored"])
    differing = {
        name
        for name in INTERFACES
        if _ungrouped(event.get(name)) != _ungrouped(stored.get(name))
        and not (name == "timestamp" and "timestamp" not in pair["raw"])
    }
    assert differing == set(KNOWN_DIFFERENCES.get(pair["name"], {}))


def test_event_sent_is_not_changed(line: dict[str, Any]) -> None:
    before = copy.deepcopy(line["raw"])
    normalize(line["raw"])
    assert line["raw"] == before


def test_seed_is_normalized_as_answered(seed: dict[str, Any]) -> None:
    event, answer = normalize(seed["sent"]), seed["answer"]["event"]
    for name in ("title", "location", "culprit", "type", "platform"):
        assert event[name] == answer[name]
    tags = sorted([key.removeprefix("sentry:"), value] for key, value in event["tags"])
    assert tags == [[tag["key"], tag["value"]] for tag in answer["tags"]]


def _ungrouped(value: Any, key: str = "") -> Any:
    """Leave out what the grouping enhancers write into frames."""
    if isinstance(value, dict):
        kept = {name: _ungrouped(item, name) for name, item in value.items()}
        if key == "data":
            kept = {name: kept[name] for name in kept if name not in ("category", "orig_in_app")}
        return {name: item for name, item in kept.items() if name != "data" or item != {}}
    return [_ungrouped(item) for item in value] if isinstance(value, list) else value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_nulls(item)
            for name, item in value.items()
            if item is not None and (name, item) != ("query_string", [])
        }
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
