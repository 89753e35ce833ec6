"""The endpoint's table of cases, through the library, the command line and HTTP alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

import archive
from archive.errors import ArchiveError
from archive.serve.app import Settings
from archive.serve.inprocess import get
from tests.builders import ORGANIZATION, SEED, SEED_ID, Run, make_event, write_json

INVALID = (
    "`Event ID` must be a valid UUID hex "
    "(32-36 characters long, containing only digits, dashes, or a-f characters)"
)
NOT_FOUND = "The requested resource does not exist"
TWICE = f"{2:032x}"
PLAIN = f"{1:032x}"
WITHOUT_GROUP = f"{3:032x}"


class Case(NamedTuple):
    """http: the status over HTTP where it is another, for what is no path of the server."""

    asked: str
    status: int
    body: bytes | str
    narrow: Mapping[str, str] = MappingProxyType({})
    http: int | None = None


def _answer(event_id: str, project: str, group: str | None, event: bytes) -> bytes:
    outer = '{"organizationSlug":"acme","projectSlug":"%s","groupId":%s,"eventId":"%s","event":'
    return (outer % (project, json.dumps(group), event_id)).encode() + event + b"}"


def _event(**members: Any) -> bytes:
    return json.dumps(make_event(**members), separators=(",", ":")).encode()


_PLAIN_BODY = _answer(PLAIN, "web", "7", _event(number=1))
_OLD: dict[str, Any] = {"number": 2, "dateCreated": "2026-01-01T00:00:00Z"}
_NEW: dict[str, Any] = {
    "number": 2,
    "projectID": "43",
    "groupID": "8",
    "dateCreated": "2026-02-01T00:00:00Z",
}
_OLD_BODY = _answer(TWICE, "web", "7", _event(**_OLD))
_NEW_BODY = _answer(TWICE, "api", "8", _event(**_NEW))

CASES = {
    "seed": Case(SEED_ID, 200, SEED),
    "dashes and upper case": Case("8E8379FC-FF43-4080-B488-B56CC4832CED", 200, SEED),
    "dashes anywhere": Case("8-e8379fcff434080b488b56cc4832-c-ed", 200, SEED),
    "permalink": Case(
        f"https://acme.sentry.io/issues/7/events/{PLAIN}/?project=42", 200, _PLAIN_BODY, http=404
    ),
    "project event link": Case(
        f"https://sentry.io/api/0/projects/acme/web/events/{PLAIN}/", 200, _PLAIN_BODY, http=404
    ),
    "discover link": Case(
        f"https://acme.sentry.io/discover/events/web:{PLAIN}/", 200, _PLAIN_BODY, http=404
    ),
    "outer keys in the live order": Case(PLAIN, 200, _PLAIN_BODY),
    "two projects, the newest": Case(TWICE, 200, _NEW_BODY),
    "two projects, narrowed by slug": Case(TWICE, 200, _OLD_BODY, {"project": "web"}),
    "two projects, narrowed by ID": Case(TWICE, 200, _NEW_BODY, {"project": "43"}),
    "narrowed to the organization": Case(PLAIN, 200, _PLAIN_BODY, {"organization": "acme"}),
    "no group": Case(
        WITHOUT_GROUP, 200, _answer(WITHOUT_GROUP, "web", None, _event(number=3, groupID=None))
    ),
    "unknown": Case("c" * 32, 404, NOT_FOUND),
    "another organization": Case(PLAIN, 404, NOT_FOUND, {"organization": "other"}),
    "another project": Case(PLAIN, 404, NOT_FOUND, {"project": "api"}),
    "not an id": Case("not-an-id", 400, INVALID, http=404),
    "too short": Case("8e8379fcff", 400, INVALID, http=404),
    "too many dashes": Case("8e8379fc-ff43-4080-b488-b56c-c483-2ced", 400, INVALID, http=404),
    "33 digits": Case("8" * 33, 400, INVALID),
    "no hex": Case("g" * 32, 400, INVALID, http=404),
    "braces": Case("{8e8379fcff434080b488b56cc4832ced}", 400, INVALID, http=404),
    "urn": Case("urn:uuid:8e8379fcff434080b488b56cc4832ced", 400, INVALID, http=404),
    "digits of another script": Case("\u0661" * 32, 400, INVALID, http=404),
    "SQL": Case("' OR 1=1 --", 400, INVALID, http=404),
    "a path": Case("../../etc/passwd", 400, INVALID, http=404),
    "10 kB": Case("a" * 10_000, 400, INVALID, http=414),
    "empty": Case("", 400, INVALID, http=404),
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    place = tmp_path_factory.mktemp("endpoint")
    events = archive.open(place / "archive")
    (place / "seed.json").write_bytes(SEED)
    listed = [make_event(1), make_event(**_OLD), make_event(**_NEW), make_event(3, groupID=None)]
    write_json(place / "list.json", listed)
    projects = [{"id": "42", "slug": "web"}, {"id": "43", "slug": "api"}]
    write_json(place / "projects.json", projects)
    events.load(place / "seed.json")
    events.load(place / "list.json", organization="acme", project_map=place / "projects.json")
    return events


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_library(endpoint: archive.Archive, case: Case) -> None:
    if case.status == 200:
        assert endpoint.resolve(case.asked, **case.narrow).body == case.body
    else:
        with pytest.raises(ArchiveError) as raised:
            endpoint.resolve(case.asked, **case.narrow)
        assert (raised.value.http_status, str(raised.value)) == (case.status, case.body)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_command(endpoint: archive.Archive, run: Run, case: Case) -> None:
    names = {"organization": "--org", "project": "--project"}
    narrow = [text for name, value in case.narrow.items() for text in (names[name], value)]
    ran = run("-a", endpoint.path, "resolve", *narrow, "--", case.asked)
    if isinstance(case.body, bytes):
        assert ran == (0, case.body + b"\n", "")
    else:
        code = {404: 1, 400: 2}[case.status]
        assert ran == (code, b"", f"event-archive: {case.body}\n")


HTTP_CASES = {name: case for name, case in CASES.items() if "project" not in case.narrow}


@pytest.mark.parametrize("case", HTTP_CASES.values(), ids=HTTP_CASES)
def test_http(endpoint: archive.Archive, case: Case) -> None:
    owner = ORGANIZATION if case.body == SEED else "acme"
    organization = case.narrow.get("organization", owner)
    url = f"/api/0/organizations/{organization}/eventids/{quote(case.asked, safe='')}/"
    response = get(endpoint.path, url, Settings())
    assert response.status == (case.http or case.status)
    if case.http == 404:  # no path of the server; the API's catch-all says nothing either
        assert (response.body, response.media_type) == (b"", "text/html; charset=utf-8")
        return
    body = case.body
    if isinstance(body, str):
        body = json.dumps({"detail": body}, separators=(",", ":")).encode()
    assert case.http or response.body == body
    assert response.media_type == "application/json"
    assert int(response.headers["content-length"]) == len(response.body)


def test_a_number_is_an_issue_but_over_http(endpoint: archive.Archive, run: Run) -> None:
    """Sentry's path accepts digits, and its check of the event ID refuses them."""
    response = get(endpoint.path, "/api/0/organizations/acme/eventids/123456/", Settings())
    assert (response.status, json.loads(response.body)) == (400, {"detail": INVALID})
    ran = run("-a", endpoint.path, "resolve", "123456")
    assert ran == (1, b"", "event-archive: no event of issue 123456 in this archive\n")


def test_many_in_the_order_asked(endpoint: archive.Archive, run: Run) -> None:
    asked = [PLAIN, "c" * 32, "nonsense", SEED_ID.upper(), PLAIN]
    ran = run("-a", endpoint.path, "resolve", "-", stdin="\n".join(asked).encode())
    missing = b'{"eventId":"%b","detail":"%b"}' % (b"c" * 32, NOT_FOUND.encode())
    invalid = b'{"eventId":"nonsense","detail":"%b"}' % INVALID.encode()
    assert ran.out.splitlines() == [_PLAIN_BODY, missing, invalid, SEED, _PLAIN_BODY]
    assert ran.code == 1


def test_many_found(endpoint: archive.Archive, run: Run) -> None:
    ran = run("resolve", PLAIN, SEED_ID, "-a", endpoint.path)
    assert ran == (0, _PLAIN_BODY + b"\n" + SEED + b"\n", "")


def test_pretty_has_the_same_tokens(endpoint: archive.Archive, run: Run) -> None:
    ran = run("-a", endpoint.path, "resolve", SEED_ID, "--format", "pretty")
    assert ran.out.startswith(b'{\n  "event": {\n')
    assert json.loads(ran.out) == json.loads(SEED)


@pytest.mark.parametrize("layout", ["compact", "pretty"])
def test_seed_is_8625_bytes_however_it_was_laid_out(tmp_path: Path, run: Run, layout: str) -> None:
    text = SEED if layout == "compact" else json.dumps(json.loads(SEED), indent=4).encode()
    (tmp_path / "seed.json").write_bytes(text)
    assert run("-a", tmp_path / "a", "load", tmp_path / "seed.json").code == 0
    assert run("-a", tmp_path / "a", "resolve", SEED_ID).out == SEED + b"\n"
    assert len(SEED) == 8625
    assert run("-a", tmp_path / "a", "show", SEED_ID, "--raw").out == text


DETAILS: dict[str, Any] = {
    "nextEventID": None,
    "previousEventID": "f" * 32,
    "release": {"version": "1.0"},
    "userReport": None,
    "sdkUpdates": [],
    "resolvedWith": [],
    "projectSlug": "web",
}


def test_details_stay_in_raw_and_out_of_the_answer(empty: archive.Archive, tmp_path: Path) -> None:
    detail = write_json(tmp_path / "detail.json", {**DETAILS, **make_event(1)})
    empty.load(detail, organization="acme")
    answer = empty.resolve(PLAIN)
    assert answer.body == _PLAIN_BODY
    assert answer.raw == detail.read_bytes()


DOCUMENTS = (
    "event-id-lookup_get.json",
    "issue-events_get.json",
    "issue-hashes_get.json",
    "latest-event_get.json",
    "oldest-event_get.json",
    "project-event-details_get.json",
    "project-events_get.json",
)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_real_documents_come_back(corpus: Path, empty: archive.Archive, name: str) -> None:
    document = json.loads((corpus / "api" / name).read_bytes())
    assert empty.load(corpus / "api" / name).rejected == 0
    for outer in document if isinstance(document, list) else [document]:
        event = outer.get("event") or outer.get("latestEvent") or outer
        expected = {key: value for key, value in event.items() if key not in DETAILS}
        found = empty.resolve(event["eventID"]).json()["event"]
        assert (found, list(found)) == (expected, list(expected))
