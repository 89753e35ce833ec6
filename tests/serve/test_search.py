"""Searches of sample_data/ by Python, command line and HTTP, against a filter over its JSON."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import archive
from archive.errors import InvalidSearch, UnknownSearchKey
from tests.builders import EXPORTS, ORGANIZATION, Run
from tests.serve.conftest import Fetch

Event = dict[str, Any]
PROJECT_ID, PROJECT = "4507611290402817", "checkout-api"


def _read_texts(path: Path) -> str:
    if path.suffix != ".gz":
        return path.read_text()
    inflated = zlib.decompressobj(wbits=31).decompress(path.read_bytes())
    return inflated.decode("utf-8", "ignore")


def _read_events(path: Path) -> Iterator[Event]:
    text = _read_texts(path)
    if ".ndjson" in path.name:
        complete = text.split("\n")[:-1]
        yield from (json.loads(line) for line in complete if line)
        return
    value = json.loads(text)
    yield from (item.get("event", item) for item in (value if isinstance(value, list) else [value]))


@cache
def _list_events() -> dict[str, Event]:
    """Each event once, as the export that says most of it."""
    events: dict[str, Event] = {}
    for path in sorted(path for path in EXPORTS.rglob("*") if path.is_file()):
        for event in _read_events(path):
            before = events.get(event["eventID"])
            if before is None or ("entries" in event) > ("entries" in before):
                events[event["eventID"]] = event
    return events


def _tags(event: Event, key: str) -> list[str]:
    return [tag["value"] for tag in event["tags"] if tag["key"] == key and tag["value"]]


def _exceptions(event: Event) -> list[Event]:
    entries = (entry for entry in event.get("entries", ()) if entry["type"] == "exception")
    return [value for entry in entries for value in entry["data"]["values"]]


def _frames(event: Event) -> list[Event]:
    stacks = [value.get("stacktrace") for value in _exceptions(event)]
    for entry in event.get("entries", ()):
        if entry["type"] == "threads":
            stacks += [value.get("stacktrace") for value in entry["data"]["values"]]
        elif entry["type"] == "stacktrace":
            stacks.append(entry["data"])
    return [frame for stack in stacks if stack for frame in stack["frames"] or ()]


def _says(event: Event, words: str) -> bool:
    last = [value.get("value") for value in _exceptions(event)[-1:]]
    last = last or [event.get("metadata", {}).get("value")]
    texts = [event["title"], event["message"], event["culprit"], *last]
    return any(words.lower() in text.lower() for text in texts if text)


def _user(event: Event, member: str) -> str:
    return (event["user"] or {}).get(member) or ""


def _level(event: Event) -> str:
    return _tags(event, "level")[0]


CASES: dict[str, Callable[[Event], bool]] = {
    "": lambda e: True,
    "level:error": lambda e: _level(e) == "error",
    "!level:error": lambda e: _level(e) != "error",
    "level:[error, fatal]": lambda e: _level(e) in ("error", "fatal"),
    "!level:[error, fatal] has:user": lambda e: (
        _level(e) not in ("error", "fatal") and bool(_tags(e, "user"))
    ),
    "hold music": lambda e: _says(e, "hold music"),
    '"HOLD MUSIC" level:error': lambda e: _says(e, "hold music") and _level(e) == "error",
    "cannot*price": lambda e: any(_says(e, w) for w in ["cannot read properties of undefined"]),
    "title:TypeError*": lambda e: e["title"].lower().startswith("typeerror"),
    "culprit:*checkout*": lambda e: "checkout" in (e["culprit"] or "").lower(),
    "release:checkout-api@4.2.0": lambda e: "checkout-api@4.2.0" in _tags(e, "release"),
    "browser.name:Chrome": lambda e: "Chrome" in _tags(e, "browser.name"),
    "!browser.name:Chrome": lambda e: "Chrome" not in _tags(e, "browser.name"),
    'tags[browser]:"chrome *"': lambda e: any(
        v.lower().startswith("chrome ") for v in _tags(e, "browser")
    ),
    "!has:browser": lambda e: not _tags(e, "browser"),
    "user.email:*@example.com": lambda e: _user(e, "email").endswith("@example.com"),
    "user.id:1018 OR user.username:solitude": lambda e: (
        _user(e, "id") == "1018" or _user(e, "username") == "solitude"
    ),
    "stack.function:charge": lambda e: any(f["function"] == "charge" for f in _frames(e)),
    "!stack.function:charge stack.in_app:true": lambda e: (
        all(f["function"] != "charge" for f in _frames(e)) and any(f["inApp"] for f in _frames(e))
    ),
    "stack.filename:*checkout*": lambda e: any(
        "checkout" in (f["filename"] or "").lower() for f in _frames(e)
    ),
    "stack.lineno:>300": lambda e: any((f["lineNo"] or 0) > 300 for f in _frames(e)),
    "timestamp:>=2026-11-01 timestamp:<2026-11-08T12:00:00": lambda e: (
        "2026-11-01" <= e["dateCreated"] < "2026-11-08T12:00:00"
    ),
    "timestamp:2026-11-18": lambda e: e["dateCreated"].startswith("2026-11-18"),
    "issue.id:[6014420188,6014421007]": lambda e: e["groupID"] in ("6014420188", "6014421007"),
    "(level:fatal OR environment:staging) !platform:python": lambda e: (
        (_level(e) == "fatal" or "staging" in _tags(e, "environment")) and e["platform"] != "python"
    ),
    "error.handled:false has:environment": lambda e: (
        any((x.get("mechanism") or {}).get("handled") is False for x in _exceptions(e)[-1:])
        and bool(_tags(e, "environment"))
    ),
    "level:error warning or level:info": lambda e: (
        (_level(e) == "error" and _says(e, "warning")) or _level(e) == "info"
    ),
}


@pytest.mark.parametrize("query", CASES, ids=lambda query: query or "everything")
def test_all_ways_agree_with_the_json(
    sample: archive.Archive, run: Run, fetch: Fetch, query: str
) -> None:
    events = {key: event for key, event in _list_events().items() if CASES[query](event)}
    assert events, "a query that finds nothing tests little"
    newest_first = sorted(events, key=lambda key: (events[key]["dateCreated"], key), reverse=True)

    found = [row for (row,) in sample.search(query, fields=["event_id"], limit=1000)]
    assert found == newest_first

    ran = run(
        *("-a", sample.path, "search", query, "--fields", "event_id"),
        *("--format", "csv", "--limit", "1000"),
    )
    assert ran.out.decode().split() == ["event_id", *newest_first]

    url = f"/api/0/projects/{ORGANIZATION}/{PROJECT}/events/?query={quote(query)}"
    listed = [json.loads(fetch(f"{url}&cursor=0:{offset}:0").body) for offset in (0, 100)]
    of_project = [key for key in newest_first if events[key]["projectID"] == PROJECT_ID]
    assert [event["eventID"] for page in listed for event in page] == of_project


INVALID = {
    "state": ("is:nope", "Invalid value for \"is\" search, valid values are ['archived', "),
    "date": ("timestamp:>x", "timestamp: Invalid date: >x. Expected +/-duration (e.g. +1h) or ISO"),
    "parenthesis": ("(level:error", "Parse error at '(level' (column 1). This is commonly caused"),
}


@pytest.mark.parametrize(("query", "text"), INVALID.values(), ids=INVALID)
def test_invalid_everywhere(
    sample: archive.Archive, run: Run, fetch: Fetch, query: str, text: str
) -> None:
    with pytest.raises(InvalidSearch, match=re.escape(text)):
        sample.search(query)
    for command in (["search", query], ["report", "top-issues", "--query", query]):
        ran = run("-a", sample.path, *command)
        assert (ran.code, ran.out) == (2, b"")
        assert text in ran.err
    for path in (f"projects/{ORGANIZATION}/{PROJECT}", "issues/6014420188"):
        answer = fetch(f"/api/0/{path}/events/?query={quote(query)}")
        assert answer.status == 400
        assert text in json.loads(answer.body)["detail"]


def test_unknown_key(sample: archive.Archive, run: Run, fetch: Fetch) -> None:
    """A key that is neither a field nor a tag finds nothing over HTTP; elsewhere it is an error."""
    with pytest.raises(UnknownSearchKey, match=r"userid: neither .* the closest are user.id"):
        sample.search("level:error userid:1")
    with pytest.raises(UnknownSearchKey):
        sample.report("top-issues", query="has:userid")
    assert run("-a", sample.path, "search", "!userid:1").code == 2
    url = f"/api/0/projects/{ORGANIZATION}/{PROJECT}/events/"
    assert fetch(f"{url}?query=userid:1").body == b"[]"
    assert fetch(f"{url}?query=!userid:1").body == fetch(url).body


def test_events_of_an_issue(fetch: Fetch) -> None:
    url = "/api/0/issues/6014420188/events/"
    found = json.loads(fetch(f"{url}?query=release:checkout-api@4.2.1").body)
    tags = [tag["value"] for event in found for tag in event["tags"] if tag["key"] == "release"]
    assert tags and set(tags) == {"checkout-api@4.2.1"}
    assert fetch(f"{url}?query=release:nope").body == b"[]"
