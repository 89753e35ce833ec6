"""Hints: the organization, project and issue in a link."""

from __future__ import annotations

import pytest

from archive.exports.hints import read_link
from archive.exports.shapes import NO_HINTS, Hints

ACME = Hints(organization_slug="acme")


@pytest.mark.parametrize(
    ("link", "said"),
    [
        pytest.param("https://acme.sentry.io/issues/1/", ACME._replace(group_id="1"), id="domain"),
        pytest.param(
            "https://sentry.io/organizations/acme/issues/1/?a=b",
            ACME._replace(group_id="1"),
            id="path",
        ),
        pytest.param(
            "https://sentry.example.com/acme/web/issues/1/",
            ACME._replace(project_slug="web", group_id="1"),
            id="before 2018",
        ),
        pytest.param(
            "https://sentry.io/api/0/projects/acme/web/events/",
            ACME._replace(project_slug="web"),
            id="API, project",
        ),
        pytest.param(
            "https://us.sentry.io/api/0/organizations/acme/issues/1/events/",
            ACME._replace(group_id="1"),
            id="API, issue of an organization",
        ),
        pytest.param("/api/0/organizations/acme/eventids/x/", ACME, id="API, organization"),
        pytest.param("/api/0/issues/1/events/", Hints(group_id="1"), id="API, issue"),
        pytest.param("/api/0/projects/1/42/events/", Hints(project_id="42"), id="API, IDs"),
        pytest.param("https://us.sentry.io/issues/1/", NO_HINTS, id="region"),
        pytest.param("https://sentry.io/issues/1/", NO_HINTS, id="no organization"),
        pytest.param("https://sentry.io/organizations/\ud800/issues/1/", NO_HINTS, id="surrogate"),
        pytest.param("/organizations/acme/issues/1/" * 1_000, NO_HINTS, id="too long"),
        pytest.param("acme", NO_HINTS, id="no link"),
        pytest.param(None, NO_HINTS, id="nothing"),
    ],
)
def test_links(link: str | None, said: Hints) -> None:
    assert read_link(link) == said
