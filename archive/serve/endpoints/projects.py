"""Endpoints of organizations and projects, and of the tags of a project.

Of both an archive knows the slug and perhaps the ID. Where the ID is not known the slug stands in
its place: every endpoint takes either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archive.api import Archive
from archive.errors import EventNotFound
from archive.query.listing import KnownProject, Scope, TagValue
from archive.serve.http import ApiRequest, ApiResponse, dump, dump_moment
from archive.serve.pagination import reply_page


def list_organizations(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """Every organization that is known."""
    known = _group_by_organization(archive.list_projects())
    found = [slug for slug in known if ask.allowed is None or slug in ask.allowed]
    return reply_page(
        ask,
        lambda limit, offset: found[offset : offset + limit],
        lambda slug: dump(_describe_organization(slug, known[slug], ask)),
    )


def show_organization(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """One organization."""
    ask.narrow()
    slug = ask.path["organization"]
    projects = _group_by_organization(archive.list_projects()).get(slug)
    if not projects:
        raise EventNotFound()
    return ApiResponse(dump(_describe_organization(slug, projects, ask)))


def list_projects(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """The projects of an organization."""
    ask.narrow()
    slug = ask.path["organization"]
    found = _group_by_organization(archive.list_projects()).get(slug)
    if not found:
        raise EventNotFound()
    return reply_page(
        ask,
        lambda limit, offset: found[offset : offset + limit],
        lambda project: dump(_describe_project(project)),
    )


def show_project(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """One project, and its organization."""
    project = require_project(archive, ask)
    organization = project.organization_slug and _describe_organization(
        project.organization_slug, [project], ask
    )
    return ApiResponse(dump({**_describe_project(project), "organization": organization}))


def list_tags(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """The keys of the tags of a project's events."""
    keys = archive.list_tag_keys(_narrow_to_project(ask))
    if not keys:
        require_project(archive, ask)
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


def list_tag_values(archive: Archive, ask: ApiRequest) -> ApiResponse:
    """The values of a tag of a project's events, those seen last first."""
    key, scope = ask.path["key"].removeprefix("sentry:"), _narrow_to_project(ask)
    if not archive.list_tag_values(scope, key, limit=1):
        raise EventNotFound()
    like = ask.query.get("query", "")
    return reply_page(
        ask,
        lambda limit, offset: archive.list_tag_values(
            scope, key, like=like, limit=limit, offset=offset
        ),
        lambda found: dump(_describe_value(key, found)),
    )


def require_project(archive: Archive, ask: ApiRequest) -> KnownProject:
    """The project of the path. Raises EventNotFound, Refused."""
    organizations = ask.narrow().organizations or ()
    named = ask.path["project"]
    for project in archive.list_projects():
        owner = project.organization_slug
        is_there = owner in organizations or (owner is None and ask.allowed is None)
        if is_there and named in project.names:
            return project
    raise EventNotFound()


def find_slug(archive: Archive, organization: str) -> str:
    """An organization's slug by its ID, or what was asked for, where no organization has it."""
    for project in archive.list_projects():
        if project.organization_id == organization and project.organization_slug:
            return project.organization_slug
    return organization


def _narrow_to_project(ask: ApiRequest) -> Scope:
    return ask.narrow(project=ask.path["project"])


def _group_by_organization(projects: Iterable[KnownProject]) -> dict[str, list[KnownProject]]:
    grouped: dict[str, list[KnownProject]] = {}
    for project in projects:
        if project.organization_slug:
            grouped.setdefault(project.organization_slug, []).append(project)
    return grouped


def _describe_organization(
    slug: str, projects: list[KnownProject], ask: ApiRequest
) -> dict[str, Any]:
    known = (project.organization_id for project in projects if project.organization_id)
    return {
        "id": next(known, slug),
        "slug": slug,
        "name": slug,
        "status": {"id": "active", "name": "active"},
        "features": [],
        "links": {"organizationUrl": ask.origin, "regionUrl": ask.origin},
    }


def _describe_project(project: KnownProject) -> dict[str, Any]:
    return {
        "id": project.project_id or project.name,
        "slug": project.name,
        "name": project.name,
        "platform": project.platform,
        "firstEvent": dump_moment(project.first_seen),
        "status": "active",
        "features": [],
    }


def _describe_value(key: str, found: TagValue) -> dict[str, Any]:
    return {
        "key": key,
        "name": found.value,
        "value": found.value,
        "count": found.events,
        "lastSeen": dump_moment(found.last_seen),
        "firstSeen": dump_moment(found.first_seen),
    }


def _name_tag(key: str) -> str:
    """A tag's key as Sentry shows it to people (Sentry, tagstore: get_tag_key_label)."""
    return key.replace("_", " ").title()
