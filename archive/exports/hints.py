"""Read hints about an event's project from its members, links to Sentry and paths."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from archive.exports.raw_members import Members, read_text
from archive.exports.records import SourceLocation
from archive.exports.shapes import NO_HINTS, Hints

# Paths of the API and of the web interface (Sentry, api/urls.py and web/urls.py). Before 2018 an
# issue was at /{organization}/{project}/issues/{id}/.
_LINKS = tuple(
    re.compile(link)
    for link in (
        r"/api/0/projects/(?P<organization_slug>[A-Za-z0-9_-]+)/(?P<project_slug>[A-Za-z0-9_-]+)/",
        r"/api/0/organizations/(?P<organization_slug>[A-Za-z0-9_-]+)/issues/(?P<group_id>\d+)/",
        r"/api/0/organizations/(?P<organization_slug>[A-Za-z0-9_-]+)/",
        r"/api/0/(?:issues|groups)/(?P<group_id>\d+)/",
        r"/organizations/(?P<organization_slug>[A-Za-z0-9_-]+)/issues/(?P<group_id>\d+)\b",
        r"//(?!(?:www|us\d?|de|eu)\.)(?P<organization_slug>[A-Za-z0-9_-]+)\.sentry\.io"
        r"/issues/(?P<group_id>\d+)\b",
        r"//[^/]+/(?P<organization_slug>[A-Za-z0-9_-]+)/(?P<project_slug>[A-Za-z0-9_-]+)"
        r"/issues/(?P<group_id>\d+)\b",
    )
)
_MAX_LINK_CHARS = 1 << 12
_ID = re.compile(r"[0-9a-fA-F]{32}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLUG = re.compile(r"[A-Za-z0-9_-]+")


def read_link(link: str | None) -> Hints:
    """Read the organization, project and issue from a link; API links may have IDs as slugs."""
    if link is None or len(link) > _MAX_LINK_CHARS:
        return NO_HINTS
    for pattern in _LINKS:
        if found := pattern.search(link):
            parts = found.groupdict()
            organization, project = parts.get("organization_slug"), parts.get("project_slug")
            return Hints(
                organization_slug=None if _is_id(organization) else organization,
                project_slug=None if _is_id(project) else project,
                project_id=project if _is_id(project) else None,
                group_id=parts.get("group_id"),
            )
    return NO_HINTS


def _is_id(part: str | None) -> bool:
    return part is not None and part.isdecimal()


def read_own_hints(members: Members, place: SourceLocation) -> Hints:
    """Read hints from an event's members (GlitchTip has its own names), or its S3 path."""
    organization_slug = read_text(members.get("organizationSlug"))
    project_slug = read_text(members.get("projectSlug")) or _read_path(members, place)
    if "eventId" in members and "eventID" not in members and "event" not in members:
        return Hints(
            event_id=read_text(members["eventId"]),
            organization_slug=organization_slug,
            project_slug=project_slug,
            project_id=read_text(members.get("projectId")),
            group_id=read_text(members.get("groupId")),
        )
    if not organization_slug and not project_slug:
        return NO_HINTS
    return Hints(organization_slug=organization_slug, project_slug=project_slug)


def _read_path(members: Members, place: SourceLocation) -> str | None:
    """Read the project slug from an S3 path, `{project_slug}/{YYYY-MM-DD}/{event_id}`.

    The path must end with the event's ID (Sentry, the Amazon S3 forwarder).
    """
    path = place.member or place.source
    if not _ID.fullmatch(path[-32:]):
        return None
    event_id = (read_text(members.get("eventID")) or "").replace("-", "").lower()
    if not event_id or not path.lower().endswith(event_id):
        return None
    parts = PurePosixPath(path if place.member else Path(path).absolute().as_posix()).parts
    if len(parts) >= 3 and _DAY.fullmatch(parts[-2]):
        slug = parts[-3].rpartition("!")[2]
        return slug if _SLUG.fullmatch(slug) else None
    return None
