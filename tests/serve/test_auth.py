"""Who is let in: tokens, hosts, pages of other sites, and how much at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import archive
from archive.errors import InvalidTokens
from archive.serve.app import DOCUMENT, HEALTH, METRICS, App, Settings
from archive.serve.auth import Tokens
from archive.serve.handle import ArchiveHandle
from tests.builders import ORGANIZATION, make_event, write_json
from tests.serve.conftest import Fetch, ask

ALL, LIMITED, ELSEWHERE = "a" * 32, "b" * 32, "c" * 32
HERE = f"/api/0/organizations/{ORGANIZATION}/"
ISSUE = "/api/0/issues/6014420188/events/"
NOT_PROVIDED = "Authentication credentials were not provided."
FORBIDDEN = "You do not have permission to perform this action."
MISSING = "The requested resource does not exist"


@pytest.fixture(scope="module")
def guarded(sample: archive.Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    path = tmp_path_factory.mktemp("access") / "tokens"
    path.write_text(f"# ours\n{ALL}\n\n{LIMITED} {ORGANIZATION} acme\n{ELSEWHERE} acme\n")
    app = App(ArchiveHandle(sample.path), Settings(tokens=Tokens(path)))
    yield app
    app.close()


@pytest.mark.parametrize(
    ("authorization", "url", "status", "detail"),
    [
        pytest.param(None, HERE, 401, NOT_PROVIDED, id="none"),
        pytest.param("", HERE, 401, NOT_PROVIDED, id="empty"),
        pytest.param("Basic YTpi", HERE, 401, NOT_PROVIDED, id="another scheme"),
        pytest.param("Bearer", HERE, 401, NOT_PROVIDED, id="no token"),
        pytest.param(f"Bearer {ALL[:-1]}", HERE, 401, "Invalid token", id="a part"),
        pytest.param(f"Bearer {ALL}x", HERE, 401, "Invalid token", id="too much"),
        pytest.param("Bearer \u00e9", HERE, 401, "Invalid token", id="no ASCII"),
        pytest.param(f"Bearer {ALL}", HERE, 200, None, id="right"),
        pytest.param(f"bearer  {ALL} ", HERE, 200, None, id="right, written otherwise"),
        pytest.param(f"Bearer {LIMITED}", HERE, 200, None, id="for this organization"),
        pytest.param(f"Bearer {ELSEWHERE}", HERE, 403, FORBIDDEN, id="for another"),
        pytest.param(f"Bearer {LIMITED}", ISSUE, 200, None, id="issue here"),
        pytest.param(f"Bearer {ELSEWHERE}", ISSUE, 404, MISSING, id="issue elsewhere"),
        pytest.param(None, METRICS, 401, NOT_PROVIDED, id="counters"),
        pytest.param(None, HEALTH, 200, None, id="health needs none"),
        pytest.param(None, DOCUMENT, 200, None, id="nor the document"),
        pytest.param(None, "/api/0/nope/", 404, None, id="nor what is not there"),
    ],
)
def test_tokens(
    guarded: App, authorization: str | None, url: str, status: int, detail: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    response = ask(guarded, url, **headers)
    assert response.status == status
    assert ("www-authenticate" in response.headers) == (status == 401)
    if detail:
        assert json.loads(response.body) == {"detail": detail}


def test_a_limited_token_lists_only_what_it_may_read(guarded: App) -> None:
    url = "/api/0/organizations/"
    found = {
        token: json.loads(ask(guarded, url, authorization=f"Bearer {token}").body)
        for token in (ALL, LIMITED, ELSEWHERE)
    }
    assert [len(listed) for listed in found.values()] == [1, 1, 0]


def test_a_limited_token_reads_nothing_of_an_unknown_organization(
    empty: archive.Archive, tmp_path: Path
) -> None:
    empty.load(write_json(tmp_path / "event.json", make_event(1)), project="web")
    (tmp_path / "tokens").write_text(f"{ALL}\n{LIMITED} acme\n")
    app = App(ArchiveHandle(empty.path), Settings(tokens=Tokens(tmp_path / "tokens")))
    urls = (
        f"/api/0/organizations/acme/eventids/{1:032x}/",
        "/api/0/projects/acme/web/",
        "/api/0/projects/acme/web/tags/",
        "/api/0/projects/acme/web/tags/level/values/",
        "/api/0/projects/acme/web/events/",
        f"/api/0/projects/acme/web/events/{1:032x}/",
        "/api/0/issues/7/events/",
        "/api/0/issues/7/events/latest/",
        f"/api/0/organizations/acme/issues/7/events/{1:032x}/",
        "/api/0/issues/7/hashes/",
    )
    for token, status in ((ALL, 200), (LIMITED, 404)):
        found = {url: ask(app, url, authorization=f"Bearer {token}").status for url in urls}
        assert found == dict.fromkeys(urls, status)
    app.close()


def test_who_asks_before_a_request_needs_no_token(guarded: App) -> None:
    response = ask(guarded, HERE, "OPTIONS", origin="https://example.com")
    assert (response.status, response.body) == (200, b"")


def test_other_methods_are_refused_after_the_token(guarded: App) -> None:
    assert ask(guarded, HERE, "DELETE").status == 401
    assert ask(guarded, HERE, "DELETE", authorization=f"Bearer {ALL}").status == 405


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "No such file"),
        ("\n# nothing\n", "contains no token"),
        ("short\n", "shorter than 16 characters"),
        ("\udcff", "utf-8"),
    ],
)
def test_token_file_that_is_none(tmp_path: Path, text: str | None, reason: str) -> None:
    path = tmp_path / "tokens"
    if text is not None:
        path.write_text(text, errors="surrogateescape")
    with pytest.raises(InvalidTokens, match=reason):
        Tokens(path)


def test_tokens_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text(ALL)
    tokens = Tokens(path)
    path.write_text(LIMITED)
    tokens.reload()
    assert tokens.check(f"Bearer {LIMITED}") is None
    path.write_text("")
    with pytest.raises(InvalidTokens):
        tokens.reload()
    assert tokens.check(f"Bearer {LIMITED}") is None


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("LOCALHOST:1", 200),
        ("rebound.example.com", 400),
        ("localhost.example.com", 400),
        ("localhost:8000@example.com", 400),
        ("", 400),
    ],
)
def test_hosts(fetch: Fetch, host: str, status: int) -> None:
    assert fetch(HERE, host=host).status == status


def test_pages_of_other_sites_cannot_read_without_a_token(fetch: Fetch, guarded: App) -> None:
    allowed = "access-control-allow-origin"
    assert allowed not in fetch(HERE, origin="https://example.com").headers
    assert fetch(HERE).headers[allowed] == "*"
    theirs = ask(guarded, HERE, origin="https://example.com", authorization=f"Bearer {ALL}")
    assert theirs.headers[allowed] == "*"


def test_a_url_of_any_length_is_refused(fetch: Fetch) -> None:
    assert fetch(f"/api/0/organizations/{'a' * 5000}/").status == 414
    assert fetch(f"{HERE}?query={'a' * 5000}").status == 414


def test_too_many_at_once_get_a_time_to_retry(sample: archive.Archive) -> None:
    app = App(ArchiveHandle(sample.path), Settings(requests=0))
    response = ask(app, HERE)
    app.close()
    assert (response.status, response.headers["retry-after"]) == (503, "1")


def test_what_takes_too_long_is_given_up(sample: archive.Archive) -> None:
    live = ArchiveHandle(sample.path)
    live.use = lambda: time.sleep(0.5)  # type: ignore[method-assign, assignment, return-value]
    app = App(live, Settings(timeout=0.05))
    response = ask(app, HERE)
    app.close()
    assert (response.status, response.headers["retry-after"]) == (503, "5")
    assert json.loads(response.body) == {"detail": "The request took too long."}


def test_a_fault_is_shown_to_the_owner_only(empty: archive.Archive, tmp_path: Path) -> None:
    empty.load(write_json(tmp_path / "event.json", make_event(1)), organization="acme")
    lines: list[str] = []
    app = App(ArchiveHandle(empty.path), Settings(log=lines.append))
    (payloads,) = (empty.path / "payloads").iterdir()
    payloads.write_bytes(b"\0" * payloads.stat().st_size)
    response = ask(app, f"/api/0/organizations/acme/eventids/{1:032x}/")
    app.close()
    assert response.status == 500
    assert json.loads(response.body) == {"detail": "Internal Error", "errorId": None}
    assert any(line.startswith(f"DamagedArchive: {payloads}") for line in lines)


@pytest.mark.parametrize(
    ("url", "logged"),
    [
        pytest.param("/api/0/nope/?q=1", '"GET /api/0/nope/?q=1" 404 0 ', id="plain"),
        pytest.param("/%1b%5b2J%0aGET/", '"GET /%1B[2J%0AGET/" 404 0 ', id="escapes, line breaks"),
        pytest.param("/%22%20200/", '"GET /%22 200/" 404 0 ', id="quotes"),
    ],
)
def test_access_log_is_a_line_of_ascii(sample: archive.Archive, url: str, logged: str) -> None:
    lines: list[str] = []
    app = App(ArchiveHandle(sample.path), Settings(log=lines.append))
    ask(app, url)
    app.close()
    (line,) = lines
    assert logged in line
    assert line.isascii()
    assert line.isprintable()
