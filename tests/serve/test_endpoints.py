"""What each path answers, of the sample archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import archive
from archive.events.responses import summarize_event
from archive.serve.app import HEALTH, METRICS, Settings
from archive.serve.inprocess import get
from tests.builders import ORGANIZATION, SEED, SEED_ID, write_json
from tests.serve.conftest import Fetch

EVENT = "e9b7f67e59e5479888be0aab37b4d394"
ISSUE = "6014420188"
PROJECT = f"/api/0/projects/{ORGANIZATION}/checkout-api"
MISSING = {"detail": "The requested resource does not exist"}
NO_EVENT = {"detail": "Event not found"}
NEWEST, BEFORE = "234d999d414d404d8c283392a85117ab", "38c370cb8a8b4e8da96ced4283b8728f"


class Case(NamedTuple):
    """has: members that the answer, or the first of a list, has; or the whole answer of a 404."""

    url: str
    has: Mapping[str, Any]
    status: int = 200


_ORGANIZATION = {"id": "1", "slug": ORGANIZATION, "name": ORGANIZATION}
_CHECKOUT = {
    "id": "4507611290402817",
    "slug": "checkout-api",
    "platform": "python",
    "firstEvent": "2026-10-09T00:09:04.266000Z",
}
_DETAIL = {"eventID": EVENT, "nextEventID": NEWEST, "previousEventID": BEFORE}

CASES = {
    "organizations": Case("/api/0/organizations/", _ORGANIZATION),
    "organization": Case(f"/api/0/organizations/{ORGANIZATION}/", _ORGANIZATION),
    "organization by ID": Case("/api/0/organizations/1/", _ORGANIZATION),
    "unknown organization": Case("/api/0/organizations/other/", MISSING, 404),
    "unknown organization's ID": Case("/api/0/organizations/77/", MISSING, 404),
    "projects": Case(f"/api/0/organizations/{ORGANIZATION}/projects/", _CHECKOUT),
    "unknown organization's projects": Case("/api/0/organizations/other/projects/", MISSING, 404),
    "project": Case(f"{PROJECT}/", _CHECKOUT),
    "project by ID": Case(f"/api/0/projects/1/{_CHECKOUT['id']}/", _CHECKOUT),
    "project of another organization": Case("/api/0/projects/other/checkout-api/", MISSING, 404),
    "tags": Case(f"{PROJECT}/tags/", {"key": "browser", "name": "Browser", "uniqueValues": 5}),
    "tags of an unknown project": Case(f"/api/0/projects/{ORGANIZATION}/no/tags/", MISSING, 404),
    "values": Case(
        f"{PROJECT}/tags/level/values/",
        {"key": "level", "value": "error", "count": 77, "lastSeen": "2026-11-19T23:41:08.774000Z"},
    ),
    "values that contain": Case(f"{PROJECT}/tags/level/values/?query=FAT", {"value": "fatal"}),
    "values by the stored key": Case(f"{PROJECT}/tags/sentry:release/values/", {"key": "release"}),
    "values of no tag": Case(f"{PROJECT}/tags/nope/values/", MISSING, 404),
    "events": Case(f"{PROJECT}/events/", {"eventID": NEWEST, "event.type": "error"}),
    "events in full": Case(f"{PROJECT}/events/?full=true", {"eventID": NEWEST, "type": "error"}),
    "events, not in full": Case(f"{PROJECT}/events/?full=0", {"event.type": "error"}),
    "events of an unknown project": Case(
        f"/api/0/projects/{ORGANIZATION}/nope/events/", MISSING, 404
    ),
    "event": Case(f"{PROJECT}/events/{EVENT}/", _DETAIL),
    "event by another form": Case(f"{PROJECT}/events/E9B7F67E-59e5479888be0aab37b4d394/", _DETAIL),
    "newest event": Case(
        f"{PROJECT}/events/{NEWEST}/",
        {
            "nextEventID": None,
            "previousEventID": EVENT,
            "release": {"version": "checkout-api@4.2.1"},
            "userReport": None,
            "sdkUpdates": [],
        },
    ),
    "unknown event": Case(f"{PROJECT}/events/{'c' * 32}/", NO_EVENT, 404),
    "no event ID": Case(f"{PROJECT}/events/123/", NO_EVENT, 404),
    "event of another project": Case(
        f"/api/0/projects/{ORGANIZATION}/storefront/events/{EVENT}/", NO_EVENT, 404
    ),
    "event of an unknown project": Case(
        f"/api/0/projects/{ORGANIZATION}/nope/events/{EVENT}/", MISSING, 404
    ),
    "download of an API-shaped event": Case(f"{PROJECT}/events/{EVENT}/json/", NO_EVENT, 404),
    "issue events": Case(f"/api/0/issues/{ISSUE}/events/", {"eventID": NEWEST, "groupID": ISSUE}),
    "issue events, organization": Case(
        f"/api/0/organizations/1/issues/{ISSUE}/events/?full=1", {"eventID": NEWEST, "size": 10061}
    ),
    "issue of another organization": Case(
        f"/api/0/organizations/other/issues/{ISSUE}/events/", MISSING, 404
    ),
    "unknown issue": Case("/api/0/issues/9/events/", MISSING, 404),
    "issue by its short ID": Case("/api/0/issues/CHECKOUT-1/events/", MISSING, 404),
    "issue ID of 40 digits": Case(f"/api/0/issues/{'9' * 40}/events/latest/", MISSING, 404),
    "latest": Case(f"/api/0/issues/{ISSUE}/events/latest/", {"eventID": NEWEST}),
    "oldest": Case(f"/api/0/issues/{ISSUE}/events/oldest/", {"previousEventID": None}),
    "event of an issue": Case(f"/api/0/issues/{ISSUE}/events/{EVENT}/", _DETAIL),
    "event of another issue": Case(f"/api/0/issues/{ISSUE}/events/{SEED_ID}/", NO_EVENT, 404),
    "hashes": Case(f"/api/0/issues/{ISSUE}/hashes/", {"id": "e79cf0adaae2953865f846648b560748"}),
    "health": Case(HEALTH, {"status": "ok", "commit": 1}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_endpoint(fetch: Fetch, case: Case) -> None:
    response = fetch(case.url)
    assert (response.status, response.media_type) == (case.status, "application/json")
    found = json.loads(response.body)
    if case.status == 404:
        assert found == case.has
        return
    first = found[0] if isinstance(found, list) else found
    assert {key: first[key] for key in case.has} == case.has


def test_members_keep_the_order_of_the_api(fetch: Fetch) -> None:
    (first,) = json.loads(fetch(f"{PROJECT}/events/?per_page=1").body)
    assert " ".join(first) == (
        "id event.type groupID eventID projectID message title location culprit user tags "
        "platform dateCreated crashFile metadata"
    )
    detail = json.loads(fetch(f"{PROJECT}/events/{EVENT}/").body)
    assert " ".join(list(detail)[-6:]) == (
        "release userReport sdkUpdates resolvedWith nextEventID previousEventID"
    )
    assert detail["userReport"]["comments"].startswith("I pressed Pay")  # as it was exported


def test_attachments_are_an_empty_list(fetch: Fetch) -> None:
    response = fetch(f"{PROJECT}/events/{EVENT}/attachments/")
    assert (response.status, response.body) == (200, b"[]")


def test_lists_show_no_null_tags() -> None:
    event = b'{"type":"error","tags":[{"key":"a","value":null},{"key":"b","value":"c"}]}'
    assert json.loads(summarize_event(event))["tags"] == [{"key": "b", "value": "c"}]


def test_a_transaction_in_a_list_has_the_date_of_its_end() -> None:
    event = b'{"type":"transaction","endTimestamp":1767323045.5}'
    assert json.loads(summarize_event(event))["dateCreated"] == "2026-01-02T03:04:05.500000Z"


def test_events_of_an_issue_are_linked_from_the_oldest_to_the_newest(fetch: Fetch) -> None:
    walked, event_id = [], json.loads(fetch(f"/api/0/issues/{ISSUE}/events/oldest/").body)["id"]
    while event_id:
        walked.append(event_id)
        event_id = json.loads(fetch(f"/api/0/issues/{ISSUE}/events/{event_id}/").body)[
            "nextEventID"
        ]
    listed = json.loads(fetch(f"/api/0/issues/{ISSUE}/events/").body)
    assert walked == [event["eventID"] for event in reversed(listed)]


STORED: dict[str, Any] = {
    "event_id": EVENT,
    "project": 42,
    "type": "default",
    "platform": "python",
    "timestamp": 1767323045.25,
    "received": 1767323046.0,
    "tags": [["level", "error"], ["sentry:release", "1.0"]],
    "logentry": {"formatted": "no"},
    "metadata": {"title": "no"},
}
DOWNLOADED: dict[str, Any] = {
    "event_id": EVENT,
    "project": 42,
    "release": "1.0",
    "dist": None,
    "platform": "python",
    "message": "no",
    "datetime": "2026-01-02T03:04:05+00:00",
    "tags": [["level", "error"], ["release", "1.0"]],
    "logentry": {"formatted": "no"},
}


@pytest.mark.parametrize("exported", [STORED, DOWNLOADED], ids=["stored", "downloaded"])
def test_downloads(empty: archive.Archive, tmp_path: Path, exported: dict[str, Any]) -> None:
    path = write_json(tmp_path / "event.json", exported)
    assert empty.load(path, organization="acme", project="web").stored == 1
    response = get(empty.path, f"/api/0/projects/acme/web/events/{EVENT}/json/", Settings())
    found = json.loads(response.body)
    assert response.status == 200
    assert {key: found[key] for key in DOWNLOADED} == DOWNLOADED
    assert list(found)[:8] == list(DOWNLOADED)[:8]


def test_seed_has_the_headers_of_its_document(fetch: Fetch) -> None:
    url = f"/api/0/organizations/{ORGANIZATION}/eventids/{SEED_ID}/"
    got, head = fetch(url), fetch(url, "HEAD")
    assert (got.status, got.body) == (200, SEED)
    assert (head.status, head.body, head.headers) == (200, b"", got.headers)
    assert got.headers == {
        "allow": "GET, HEAD, OPTIONS",
        "access-control-allow-headers": "X-Sentry-Auth, X-Requested-With, Origin, Accept, "
        "Content-Type, Authentication, Authorization",
        "access-control-allow-methods": "GET, HEAD, OPTIONS",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "X-Sentry-Error, Retry-After, Link",
        "content-language": "en",
        "content-length": "8625",
        "content-type": "application/json",
        "vary": "Accept-Language, Cookie",
        "x-content-type-options": "nosniff",
        "x-frame-options": "deny",
        "x-xss-protection": "1; mode=block",
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
@pytest.mark.parametrize("url", ["/api/0/organizations/", HEALTH, METRICS])
def test_nothing_can_be_changed(fetch: Fetch, method: str, url: str) -> None:
    response = fetch(url, method)
    assert response.status == 405
    assert json.loads(response.body) == {"detail": f'Method "{method}" not allowed.'}
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("url", "headers", "media_type", "body"),
    [
        pytest.param("/api/0/nope/", {}, "text/html; charset=utf-8", b"", id="with a slash"),
        pytest.param(
            "/api/0/bad_url",
            {},
            "text/plain",
            b"Route not found, did you forget a trailing slash?\n\n"
            b"try: /api/0/bad_url/\n"
            b"                   ^\n\n",
            id="without a slash",
        ),
        pytest.param(
            "/api/0/bad_url",
            {"content_type": "application/json"},
            "application/json",
            b'{"info":"Route not found, did you forget a trailing slash? try: /api/0/bad_url/"}',
            id="without a slash, JSON",
        ),
    ],
)
def test_no_such_path(
    fetch: Fetch, url: str, headers: dict[str, str], media_type: str, body: bytes
) -> None:
    response = fetch(url, **headers)
    assert (response.status, response.media_type, response.body) == (404, media_type, body)


def test_counters(fetch: Fetch) -> None:
    fetch(f"{PROJECT}/events/{EVENT}/")
    lines = fetch(METRICS).body.decode().splitlines()
    route = 'route="/projects/{organization}/{project}/events/{event_id}/"'
    counted = [line for line in lines if line.startswith("event_archive_requests_total")]
    assert any(route in line and 'status="200"' in line for line in counted)
    assert "event_archive_commit 1.0" in lines
