"""The paths of the server, with the endpoint and the OpenAPI schema of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archive.api import Archive
from archive.serve.endpoints import events, issues, projects
from archive.serve.http import ApiRequest, ApiResponse

ROOT = "/api/0"
_PAGED = ("per_page", "cursor")
_EVENTS = ("query", "full", *_PAGED)
# Sentry's pattern for event IDs in a path (api/urls.py).
EVENT_ID = r"[0-9]+|[A-Fa-f0-9-]{32,36}"


class Endpoint(NamedTuple):
    """A path below `/api/0`, its function, and the schema of its response."""

    path: str
    answer: Callable[[Archive, ApiRequest], ApiResponse]
    schema: str
    query: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        return self.schema.startswith("[")


_ORGANIZATION = "/organizations/{organization}"
_PROJECT = "/projects/{organization}/{project}"
_ISSUES = ("/issues/{issue_id}", _ORGANIZATION + "/issues/{issue_id}")

ENDPOINTS = (
    Endpoint(_ORGANIZATION + "/eventids/{event_id}/", events.resolve_event, "Answer"),
    Endpoint(_ORGANIZATION + "/shortids/{short_id}/", issues.resolve_short_id, "ShortId"),
    Endpoint("/organizations/", projects.list_organizations, "[Organization]", _PAGED),
    Endpoint(_ORGANIZATION + "/", projects.show_organization, "Organization"),
    Endpoint(_ORGANIZATION + "/projects/", projects.list_projects, "[Project]", _PAGED),
    Endpoint(_PROJECT + "/", projects.show_project, "Project"),
    Endpoint(_PROJECT + "/tags/", projects.list_tags, "[Tag]"),
    Endpoint(
        _PROJECT + "/tags/{key}/values/",
        projects.list_tag_values,
        "[TagValue]",
        ("query", *_PAGED),
    ),
    Endpoint(_PROJECT + "/events/", events.list_events, "[Event]", _EVENTS),
    Endpoint(_PROJECT + "/events/{event_id}/", events.show_event, "Detail"),
    Endpoint(_PROJECT + "/events/{event_id}/json/", events.download_event, "Download"),
    Endpoint(
        _PROJECT + "/events/{event_id}/attachments/",
        events.list_attachments,
        "[Attachment]",
        _PAGED,
    ),
    *(
        endpoint
        for issue in _ISSUES
        for endpoint in (
            Endpoint(issue + "/events/", issues.list_events, "[Event]", _EVENTS),
            Endpoint(issue + "/events/latest/", issues.show_latest, "Detail"),
            Endpoint(issue + "/events/recommended/", issues.show_recommended, "Detail"),
            Endpoint(issue + "/events/oldest/", issues.show_oldest, "Detail"),
            Endpoint(issue + "/events/{event_id}/", issues.show_event, "Detail"),
            Endpoint(issue + "/hashes/", issues.list_hashes, "[Hash]", ("full", *_PAGED)),
        )
    ),
)
