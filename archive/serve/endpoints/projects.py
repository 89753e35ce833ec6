"""Endpoints of organizations, projects and tags.

Paths accept slugs or IDs. In responses, the slug replaces an ID that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archive.api import Archive
from archive.errors import EventNotFound
from archive.jsontext import dump
from archive.query.listing import KnownProject, Scope, TagValue
from archive.serve.http import ApiRequest, ApiResponse, format_timestamp
from archive.serve.pagination import reply_page


def list_organizations(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List all known organizations."""
    known = _group_by_organization(archive.list_projects())
    found = [slug for slug in known if request.allowed is None or slug in request.allowed]
    return reply_page(
        request,
        lambda limit, offset: found[offset : offset + limit],
        lambda slug: dump(_describe_organization(slug, known[slug], request)),
    )


def show_organization(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return one organization."""
    request.narrow()
    slug = request.path["organization"]
    projects = _group_by_organization(archive.list_projects()).get(slug)
    if not projects:
        raise EventNotFound()
    return ApiResponse(dump(_describe_organization(slug, projects, request)))


def list_projects(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List the projects of an organization."""
    request.narrow()
    slug = request.path["organization"]
    found = _group_by_organization(archive.list_projects()).get(slug)
    if not found:
        raise EventNotFound()
    return reply_page(
        request,
        lambda limit, offset: found[offset : offset + limit],
        lambda project: dump(_describe_project(project)),
    )


def show_project(archive: Archive, request: ApiRequest) -> ApiResponse:
    """Return one project and its organization."""
    project = require_project(archive, request)
    organization = project.organization_slug and _describe_organization(
        project.organization_slug, [project], request
    )
    return ApiResponse(dump({**_describe_project(project), "organization": organization}))


def list_tags(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List the tag keys of a project's events."""
    keys = archive.list_tag_keys(_narrow_to_project(request))
    if not keys:
        require_project(archive, request)
    return ApiResponse(
        dump(
            [
                {
                    "key": found.key,
                    "name": _name_tag(found.key),
                    "uniqueValues": found.values,
                    "canDelete": False,
                }
                for found in keys
            ]
        )
    )


def list_tag_values(archive: Archive, request: ApiRequest) -> ApiResponse:
    """List the values of a tag in a project, most recently seen first."""
    key, scope = request.path["key"].removeprefix("sentry:"), _narrow_to_project(request)
    if not archive.list_tag_values(scope, key, limit=1):
        raise EventNotFound()
    like = request.query.get("query", "")
    return reply_page(
        request,
        lambda limit, offset: archive.list_tag_values(
            scope, key, like=like, limit=limit, offset=offset
        ),
        lambda found: dump(_describe_value(key, found)),
    )


def require_project(archive: Archive, request: ApiRequest) -> KnownProject:
    """Find the project of the path. Raises EventNotFound, ApiError."""
    organizations = request.narrow().organizations or ()
    named = request.path["project"]
    for project in archive.list_projects():
        owner = project.organization_slug
        is_readable = owner in organizations or (owner is None and request.allowed is None)
        if is_readable and named in project.names:
            return project
    raise EventNotFound()


def find_slug(archive: Archive, organization: str) -> str:
    """Find the slug of an organization by ID; an unknown ID is returned as it is."""
    for project in archive.list_projects():
        if project.organization_id == organization and project.organization_slug:
            return project.organization_slug
    return organization


def _narrow_to_project(request: ApiRequest) -> Scope:
    return request.narrow(project=request.path["project"])


def _group_by_organization(projects: Iterable[KnownProject]) -> dict[str, list[KnownProject]]:
    grouped: dict[str, list[KnownProject]] = {}
    for project in projects:
        if project.organization_slug:
            grouped.setdefault(project.organization_slug, []).append(project)
    return grouped


def _describe_organization(
    slug: str, projects: list[KnownProject], request: ApiRequest
) -> dict[str, Any]:
    known = (project.organization_id for project in projects if project.organization_id)
    return {
        "id": next(known, slug),
        "slug": slug,
        "name": slug,
        "status": {"id": "active", "name": "active"},
        "features": [],
        "links": {"organizationUrl": request.origin, "regionUrl": request.origin},
    }


def _describe_project(project: KnownProject) -> dict[str, Any]:
    return {
        "id": project.project_id or project.name,
        "slug": project.name,
        "name": project.name,
        "platform": project.platform,
        "firstEvent": format_timestamp(project.first_seen),
        "status": "active",
        "features": [],
    }


def _describe_value(key: str, found: TagValue) -> dict[str, Any]:
    return {
        "key": key,
        "name": found.value,
        "value": found.value,
        "count": found.events,
        "lastSeen": format_timestamp(found.last_seen),
        "firstSeen": format_timestamp(found.first_seen),
    }


def _name_tag(key: str) -> str:
    """Format a tag key as Sentry's UI does (tagstore: get_tag_key_label)."""
    return key.replace("_", " ").title()
