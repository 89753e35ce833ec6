"""What people paste: event IDs, issues and links in every form, and the lists of them on stdin."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archive
from archive.errors import InvalidEventId, InvalidLink
from archive.events.reference import (
    EventReference,
    IssueReference,
    Reference,
    parse_reference,
)
from archive.serve.app import Settings
from archive.serve.inprocess import get
from tests.builders import Run, make_event, make_issue, write_json

ID = "8e8379fcff434080b488b56cc4832ced"
UUID = "8E8379FC-FF43-4080-B488-B56CC4832CED"
EVENT, OTHER = EventReference(ID), "c" * 32
ISSUE = IssueReference("6014420188")
SHORT = IssueReference("CHECKOUT-API-1A")
SENTRY, SAAS = "https://sentry.example.com/organizations/acme", "https://acme.sentry.io"
NODE = "/traces/trace/0123456789abcdef0123456789abcdef/?node="

CASES: dict[str, tuple[str, Reference]] = {
    "ID": (ID, EVENT),
    "upper case, dashes": (UUID, EVENT),
    "double quotes": (f'"{ID}"', EVENT),
    "single quotes": (f"'{ID}'", EVENT),
    "typographic quotes": (f"“{ID}”", EVENT),
    "backticks": (f"`{ID}`", EVENT),
    "angle brackets": (f"<{ID}>", EVENT),
    "parentheses": (f"({ID})", EVENT),
    "comma": (f"{ID},", EVENT),
    "period": (f"{ID}.", EVENT),
    "semicolon": (f"{ID};", EVENT),
    "label": (f"Event ID: {ID}", EVENT),
    "label of Sentry": (f"Sentry Event ID: {UUID}", EVENT),
    "label without a colon": (f"Event ID {ID}", EVENT),
    "label, bold": (f"**Event ID:** {ID}", EVENT),
    "variable": (f"eventID={ID}", EVENT),
    "member of JSON": (f'  "event_id": "{ID}",\n', EVENT),
    "issue label": ("Issue: CHECKOUT-API-1A", SHORT),
    "search term": ("issue:CHECKOUT-API-1A", SHORT),
    "project and ID": (f"web:{ID}", EventReference(ID, "web")),
    "issue ID": ("6014420188", ISSUE),
    "issue ID in quotes": ('"6014420188"', ISSUE),
    "32 digits are an event": ("1" * 32, EventReference("1" * 32)),
    "short ID": ("CHECKOUT-API-1A", SHORT),
    "short ID, comma": ("CHECKOUT-API-1A,", SHORT),
    "short ID, O for 0": ("WEB_2-1O", IssueReference("WEB_2-10")),
    "short ID of hex letters": ("BAD-CAFE", IssueReference("BAD-CAFE")),
    "Markdown": (f"[{OTHER}](https://acme.sentry.io/issues/7/events/{ID}/)", EVENT),
    "Markdown with a title": (f'[a [b]]({SAAS}/issues/7/events/{ID}/ "Sentry")', EVENT),
    "Slack": (f"<{SAAS}/issues/6014420188/|WEB-1: boom>", ISSUE),
    "link in angle brackets": (f"<{SAAS}/issues/6014420188/>", ISSUE),
    "event of an issue": (f"{SAAS}/issues/7/events/{ID}/", EVENT),
    "without a slash at the end": (f"{SENTRY}/issues/7/events/{UUID}", EVENT),
    "query and fragment": (f"{SAAS}/issues/7/events/{ID}/?referrer=x#exception", EVENT),
    "without a scheme": (f"acme.sentry.io/issues/7/events/{ID}/", EVENT),
    "project in the query": (
        f"{SAAS}/issues/7/events/{ID}/?project=42&x=1",
        EventReference(ID, "42"),
    ),
    "all projects in the query": (f"{SAAS}/issues/7/events/{ID}/?project=-1", EVENT),
    "issue": (f"{SAAS}/issues/6014420188/?project=42&query=is%3Aunresolved", ISSUE),
    "issue in an organization": (f"{SENTRY}/issues/6014420188/", ISSUE),
    "issue by its short ID": (f"{SENTRY}/issues/CHECKOUT-API-1A/", SHORT),
    "issue of old Sentry": ("https://sentry.io/acme/web/issues/6014420188/", ISSUE),
    "issue of the API": ("https://sentry.io/api/0/issues/6014420188/events/", ISSUE),
    "short ID of the API": (
        "https://sentry.io/api/0/organizations/acme/shortids/CHECKOUT-API-1A/",
        SHORT,
    ),
    "latest": (f"{SAAS}/issues/6014420188/events/latest/?x=1", ISSUE),
    "oldest": (f"{SENTRY}/issues/6014420188/events/oldest/", ISSUE._replace(oldest=True)),
    "recommended": (f"{SAAS}/issues/6014420188/events/recommended/", ISSUE),
    "helpful": (f"{SAAS}/issues/6014420188/events/helpful/", ISSUE),
    "discover": (f"{SENTRY}/discover/web:{ID}/?field=title", EventReference(ID, "web")),
    "discover, encoded": (f"{SAAS}/discover/web%3A{ID}/", EventReference(ID, "web")),
    "explore": (f"{SAAS}/explore/discover/web:{ID}/", EventReference(ID, "web")),
    "performance": (f"{SAAS}/performance/web:{ID}/?project=42", EventReference(ID, "web")),
    "insights": (f"{SAAS}/insights/backend/summary/web:{ID}/", EventReference(ID, "web")),
    "trace, error": (f"{SAAS}{NODE}error-{ID}&node=txn-{OTHER}&project=-1", EVENT),
    "trace, error within a transaction": (f"{SAAS}{NODE}txn-{OTHER}&node=error-{ID}", EVENT),
    "trace, event": (f"{SAAS}{NODE}event-{ID}", EVENT),
    "trace, transaction": (f"{SAAS}{NODE}span-0123456789abcdef&node=txn-{ID}", EVENT),
    "eventId": (f"{SAAS}/performance/trace/{OTHER}/?eventId={ID}", EVENT),
    "search for an ID": (f"{SAAS}/issues/?query={ID}&statsPeriod=14d", EVENT),
    "search for a field": (f"{SAAS}/issues/?query=event.id%3A{ID}", EVENT),
    "search for a short ID": (f"{SENTRY}/issues/?query=CHECKOUT-API-1A", SHORT),
    "project event of the API": (
        f"https://sentry.io/api/0/projects/acme/web/events/{ID}/json/",
        EventReference(ID, "web"),
    ),
    "project event": (
        f"{SENTRY}/projects/web/events/{ID}/",
        EventReference(ID, "web"),
    ),
    "eventids": (f"https://sentry.io/api/0/organizations/acme/eventids/{ID}/", EVENT),
    "Bugsink": (f"https://bugs.example.com/issues/issue/{OTHER}/event/{UUID.lower()}/", EVENT),
    "Bugsink, details": (f"http://localhost:8000/issues/issue/{OTHER}/event/{ID}/details/", EVENT),
    "GlitchTip": (f"https://app.glitchtip.com/acme/issues/7/events/{ID}", EVENT),
    "GlitchTip issue": ("https://app.glitchtip.com/acme/issues/6014420188?project=1", ISSUE),
}

INVALID = {
    "nothing": "",
    "white space": " \n",
    "words": "not-an-event",
    "lower-case short ID": "checkout-api-1a",
    "date": "2026-11-20",
    "19 digits": "1" * 19,
    "33 digits": "1" * 33,
    "31 hex digits": ID[1:],
    "too many dashes": "8e8379fc-ff43-4080-b488-b56c-c483-2ced",
    "braces": f"{{{ID}}}",
    "two IDs": f"{ID} {OTHER}",
    "URN": f"urn:uuid:{ID}",
    "label only": "Event ID:",
    "path": "../../etc/passwd",
    "empty Markdown": "[x]()",
    "long": f"{SAAS}/issues/7/events/{ID}/?{'x' * 10_000}",
}
UNKNOWN_LINKS = {
    "shared issue": f"https://sentry.io/share/issue/{ID}/",
    "trace": f"{SAAS}/traces/trace/{ID}/",
    "replay": f"{SAAS}/replays/{ID}/",
    "search": f"{SAAS}/issues/?query=is%3Aunresolved",
    "search for a number": f"{SAAS}/issues/?query=404",
    "numeric event ID": f"{SAAS}/issues/7/events/123/",
    "Bugsink issue": f"https://bugs.example.com/issues/issue/{UUID.lower()}/",
    "host": "https://acme.sentry.io",
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_is_accepted(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_what_is_not_an_event_id(text: str) -> None:
    with pytest.raises(InvalidEventId, match="must be a valid UUID hex"):
        parse_reference(text)


@pytest.mark.parametrize("link", UNKNOWN_LINKS.values(), ids=UNKNOWN_LINKS)
def test_links_to_something_else(link: str) -> None:
    with pytest.raises(InvalidLink) as raised:
        parse_reference(link)
    assert str(raised.value).startswith(f"the link {link.rstrip('/')}")


@given(st.text() | st.text("[](){}<>:/?&=%#-_.,'\"|AaEeIiDd01 \n"))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        found = parse_reference(text)
    except InvalidEventId:
        return
    assert isinstance(found, EventReference | IssueReference)


@given(
    st.uuids(),
    st.sampled_from(["{}", '"{}",', "<{}>", "Event ID: {}", "`{}`.", "see/events/{}/", "web:{}"]),
    st.sampled_from([str, lambda text: text.replace("-", ""), str.upper]),
)
def test_any_event_id_is_found(uuid: object, around: str, write: type[str]) -> None:
    found = parse_reference(around.format(write(str(uuid))))
    assert found[0] == str(uuid).replace("-", "")


@given(st.from_regex(r"[a-z][a-z0-9_-]{0,30}", fullmatch=True), st.integers(1, 32**7 - 1))
def test_any_short_id_is_found(slug: str, number: int) -> None:
    alphabet, digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", ""
    while number:
        number, digit = divmod(number, 32)
        digits = alphabet[digit] + digits
    short_id = f"{slug.upper()}-{digits}"
    assert parse_reference(short_id) == IssueReference(short_id)


@pytest.mark.parametrize("part", ["-", "A-", "[", "](", "id:", "/", "/issues", "?query=", '"', "%"])
def test_long_text_takes_no_time(part: str) -> None:
    started = time.process_time()
    for length in (8_000, 3_000_000):
        with pytest.raises(InvalidEventId):
            parse_reference("A" + part * (length // len(part)) + "!x")
    assert time.process_time() - started < 1


ISSUE_7 = make_issue()


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """Three events of issue 7 (WEB-1A) in project 42 (web), and one event ID in two projects."""
    place = tmp_path_factory.mktemp("references")
    dates = ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z"]
    listed = [make_event(number, dateCreated=date) for number, date in enumerate(dates, 1)]
    shared: dict[str, Any] = {"number": 9, "groupID": "8"}
    listed.append(make_event(**shared, dateCreated="2026-01-01T00:00:00Z"))
    listed.append(make_event(**shared, projectID="43", dateCreated="2026-02-01T00:00:00Z"))
    write_json(place / "events.json", listed)
    write_json(place / "issues.json", [ISSUE_7])
    write_json(place / "projects.json", [{"id": "42", "slug": "web"}, {"id": "43", "slug": "api"}])
    events = archive.open(place / "archive")
    sources = place / "issues.json", place / "events.json"
    events.load(*sources, organization="acme", project_map=place / "projects.json")
    return events


SHARED = f"{9:032x}"
RESOLVED = {
    "issue: latest": ("7", 2, "42"),
    "link to an issue": ("https://acme.sentry.io/issues/7/", 2, "42"),
    "short ID: latest": ("WEB-1A", 2, "42"),
    "link to a short ID": ("https://acme.sentry.io/issues/WEB-1A/events/oldest/", 1, "42"),
    "oldest": ("https://other.example.com/issues/7/events/oldest/", 1, "42"),
    "newest of two projects": (SHARED, 9, "43"),
    "project of a link, by slug": (f"https://x.io/discover/web:{SHARED}/", 9, "42"),
    "project of a link, by ID": (f"https://x.io/issues/8/events/{SHARED}/?project=42", 9, "42"),
    "project that the archive lacks": (f"https://x.io/discover/renamed:{SHARED}/", 9, "43"),
    "another project of one event": (f"api:{1:032x}", 1, "42"),
}


@pytest.mark.parametrize(("asked", "number", "project"), RESOLVED.values(), ids=RESOLVED)
def test_resolve(events: archive.Archive, asked: str, number: int, project: str) -> None:
    answer = events.resolve(asked)
    assert (answer.event_id, answer.owner.project_id) == (f"{number:032x}", project)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        pytest.param("404", "no event of issue 404 in this archive", id="issue"),
        pytest.param(
            "WEB-1",
            "no event of issue WEB-1 in this archive; "
            "short IDs are only known from exported lists of issues: load one that contains it",
            id="short ID",
        ),
    ],
)
def test_unknown_issues(events: archive.Archive, run: Run, asked: str, reason: str) -> None:
    for verb in ("resolve", "show"):
        assert run("-a", events.path, verb, asked) == (1, b"", f"event-archive: {reason}\n")
    line = json.dumps({"eventId": asked, "detail": reason}, separators=(",", ":")).encode()
    ran = run("-a", events.path, "resolve", "-", stdin=asked.encode())
    assert ran == (1, line + b"\n", "0 found, 1 missing\n")


@pytest.mark.parametrize("asked", ["7", "WEB-1A"])
@pytest.mark.parametrize("option", ["--org", "--project"])
def test_narrowing_excludes(events: archive.Archive, run: Run, option: str, asked: str) -> None:
    assert run("-a", events.path, "resolve", option, "other", asked).code == 1


HTTP = {
    "latest": ("organizations/acme/issues/WEB-1A/events/latest/", f"{2:032x}"),
    "latest, lower case": ("organizations/acme/issues/web-1a/events/latest/", f"{2:032x}"),
    "recommended": ("issues/7/events/recommended/", f"{2:032x}"),
    "oldest": ("organizations/acme/issues/WEB-1A/events/oldest/", f"{1:032x}"),
    "event": (f"organizations/acme/issues/WEB-1A/events/{3:032x}/", f"{3:032x}"),
    "event of another issue": (f"organizations/acme/issues/WEB-1A/events/{SHARED}/", None),
    "unknown short ID": ("organizations/acme/issues/WEB-2/events/latest/", None),
    "another organization": ("organizations/other/issues/WEB-1A/events/latest/", None),
    "without an organization": ("issues/WEB-1A/events/latest/", None),
}


@pytest.mark.parametrize(("path", "event_id"), HTTP.values(), ids=HTTP)
def test_http(events: archive.Archive, path: str, event_id: str | None) -> None:
    response = get(events.path, f"/api/0/{path}", Settings())
    assert response.status == (200 if event_id else 404)
    assert json.loads(response.body).get("eventID") == event_id


def test_short_id_over_http(events: archive.Archive) -> None:
    response = get(events.path, "/api/0/organizations/acme/shortids/web-1a/", Settings())
    found = json.loads(response.body)
    group = found.pop("group")
    assert found == {
        "organizationSlug": "acme", "projectSlug": "web", "groupId": "7", "shortId": "WEB-1A"
    }  # fmt: skip
    assert group["project"].pop("name") == "web"
    assert group == {name: ISSUE_7[name] for name in group} | {"project": group["project"]}
    assert list(group) == [name for name in ISSUE_7 if name in group]
    for path in ("acme/shortids/WEB-9", "other/shortids/WEB-1A", "acme/shortids/7"):
        assert get(events.path, f"/api/0/organizations/{path}/", Settings()).status == 404


def test_show(events: archive.Archive, run: Run) -> None:
    assert run("-a", events.path, "show", "7").out.startswith(b"ValueError: 2\n")


def test_batch_keeps_its_order(events: archive.Archive, run: Run) -> None:
    asked = ["7", f"web:{SHARED}", SHARED, "nonsense", f"{3:032x}", "7/events/oldest", "404"]
    ran = run("-a", events.path, "resolve", "-", stdin="\n".join(asked).encode())
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert [(line["eventId"][-1], "event" in line) for line in found] == [
        ("2", True), ("9", True), ("9", True), ("e", False), ("3", True), ("t", False), ("4", False)
    ]  # fmt: skip
    assert [found[at]["projectSlug"] for at in (1, 2)] == ["web", "api"]


LISTS = {
    "IDs": f"{1:032x}\r\n\r\n{2:032x}\r\n",
    "byte order mark": f"\ufeff{1:032x}\n{2:032x}",
    "Discover": f"id,title,timestamp\n{1:032x},a,b\n{2:032x},a,b\n",
    "quoted": f'"title","Event ID"\r\n"a, ""b"", c","{1:032x}"\r\n"d","{2:032x}"\r\n',
    "line breaks in a cell": f'\ufefftitle,eventID\n"a\n\nb,"",\n{3:032x}",{1:032x}\nx,{2:032x}\n',
    "a lone quote in a cell": f'title,event_id\n5" disk,{1:032x}\n6" disk,{2:032x}\n',
    "event ID before id": f"id,event.id\n7,{1:032x}\n8,{2:032x}\n",
    "one column": f"event_id\n{1:032x}\n\n{2:032x}\n",
    "empty cells": f"id,title\n{1:032x},\n,\n,x\nshort\n{2:032x}",
    "quotes never closed": f'id,title\n{1:032x},"a\n{2:032x},b\n',
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_lists_on_stdin(events: archive.Archive, run: Run, text: str) -> None:
    ran = run("-a", events.path, "resolve", "-", stdin=text.encode())
    found = [json.loads(line) for line in ran.out.splitlines()]
    found = [line["eventId"] for line in found if line["eventId"] != "short"]
    assert found == [f"{1:032x}", f"{2:032x}"]


def test_tag_values_are_refused(events: archive.Archive, run: Run) -> None:
    text = b"value,id,email,times_seen,last_seen,first_seen\nid:1,1,a@b.c,3,x,y\n"
    ran = run("-a", events.path, "resolve", "-", stdin=text)
    assert (ran.code, ran.out) == (2, b"")
    assert "contains no event IDs" not in ran.err
    assert "lists the values of a tag, not events (value,id,email," in ran.err


@pytest.mark.parametrize("header", [b"", b"id,x\n", b'id,x\nz,"'], ids=["plain", "CSV", "quoted"])
def test_a_line_of_any_length_is_read_once(
    events: archive.Archive, run: Run, header: bytes
) -> None:
    started = time.process_time()
    ran = run("-a", events.path, "resolve", "-", stdin=header + b"x," * 10_000_000)
    assert (ran.code, time.process_time() - started < 10) == (1, True)
