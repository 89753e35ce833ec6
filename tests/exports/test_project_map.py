"""Project maps: the API's list of projects, and a backup of a self-hosted Sentry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.errors import InvalidProjectMap
from archive.exports.project_map import Project, read_projects

ORGANIZATION = {"model": "sentry.organization", "pk": 1, "fields": {"slug": "acme", "name": "A"}}
OPTION = {"model": "sentry.option", "pk": 9, "fields": {"key": "x", "value": "y"}}


def project(pk: Any, organization: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "sentry.project", "pk": pk, "fields": {"organization": organization, **fields}}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [{"id": "2", "slug": "web", "name": "Web", "platform": "python"}],
            [Project("2", "web", "given")],
            id="answer of the API",
        ),
        pytest.param(
            [{"id": "2", "slug": "web", "organization": {"id": "1", "slug": "acme"}}],
            [Project("2", "web", "acme", "1")],
            id="answer that names the organization",
        ),
        pytest.param(
            [{"id": 4509876543210987, "slug": "web"}],
            [Project("4509876543210987", "web", "given")],
            id="number as the ID",
        ),
        pytest.param(
            [{"id": "2", "slug": "web"}, {"id": "3"}, {"slug": "x"}, {"id": "", "slug": ""}],
            [Project("2", "web", "given")],
            id="rows that are no projects",
        ),
        pytest.param(
            [OPTION, ORGANIZATION, project(2, 1, slug="web"), project(3, 1, slug="api")],
            [Project("2", "web", "acme", "1"), Project("3", "api", "acme", "1")],
            id="backup",
        ),
        pytest.param(
            [project(2, 1, slug="web"), ORGANIZATION],
            [Project("2", "web", "acme", "1")],
            id="backup in another order",
        ),
        pytest.param(
            [project(2, 7, slug="web"), ORGANIZATION],
            [Project("2", "web", None, "7")],
            id="backup without the organization",
        ),
        pytest.param(
            [
                ORGANIZATION,
                project(2, 1),
                project(3, None, slug="x"),
                project(4, 1, slug="api"),
                project(None, 1),
            ],
            [Project("3", "x", None), Project("4", "api", "acme", "1")],
            id="backup with odd projects",
        ),
    ],
)
def test_read_projects(rows: list[Any], expected: list[Project], tmp_path: Path) -> None:
    path = tmp_path / "projects.json"
    path.write_text(json.dumps(rows))
    assert read_projects(path, "given") == expected
    assert read_projects(str(path), "given") == expected


def test_the_organization_may_be_unknown(tmp_path: Path) -> None:
    path = tmp_path / "projects.json"
    path.write_text('[{"id":"2","slug":"web"}]')
    assert read_projects(path, None) == [Project("2", "web", None)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "", id="empty"),
        pytest.param(b"<html>", "", id="HTML"),
        pytest.param(b'[{"id":"2"', "", id="truncated"),
        pytest.param(b'["\xff"]', "", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "recursion", id="too deep"),
        pytest.param(b'{"detail":"Authentication"}', "not a list of objects", id="error answer"),
        pytest.param(b'["web"]', "not a list of objects", id="list of slugs"),
        pytest.param(b"[]", "no project", id="empty list"),
        pytest.param(b'[{"id":"2"}]', "no project", id="no slugs"),
        pytest.param(json.dumps([ORGANIZATION]).encode(), "no project", id="backup without any"),
    ],
)
def test_what_is_no_project_map(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "projects.json"
    path.write_bytes(data)
    with pytest.raises(
        InvalidProjectMap, match=f"projects.json: .*{reason}.*; expected the response"
    ):
        read_projects(path, None)


@pytest.mark.parametrize(
    ("name", "reason"), [("nothing.json", "no such file"), (".", "Is a directory")]
)
def test_what_cannot_be_read(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidProjectMap, match=reason):
        read_projects(tmp_path / name, None)
