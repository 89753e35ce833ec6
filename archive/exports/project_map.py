"""Read the slugs and IDs of projects and organizations from exports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.errors import InvalidProjectMap
from archive.jsontext import parse

_MAX_SLUG_CHARS = 200
_MAX_ID_DIGITS = 20


@dataclass(frozen=True, slots=True)
class FormerSlug:
    """A former slug of a project, and when it was last used, in microseconds since 1970."""

    slug: str
    as_of: int


@dataclass(frozen=True, slots=True)
class Project:
    """The known facts about a project; IDs are decimal text.

    organization_given, project_given: whether the slug is known only from an option. is_listed:
    whether an export describes the project itself, not only its events. as_of: when the project
    had its slug, in microseconds since 1970. former: its earlier slugs.
    """

    project_id: str
    project_slug: str | None
    organization_slug: str | None
    organization_id: str | None = None
    organization_given: bool = False
    project_given: bool = False
    is_listed: bool = False
    as_of: int = 0
    former: tuple[FormerSlug, ...] = ()

    @property
    def certain_slug(self) -> str | None:
        """The project's slug, unless it is known only from an option."""
        return None if self.project_given else self.project_slug

    @property
    def slugs(self) -> tuple[str, ...]:
        """The project's slug and its earlier ones."""
        own = (self.project_slug,) if self.project_slug else ()
        return (*own, *(former.slug for former in self.former))


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization; its ID is decimal text."""

    organization_id: str
    organization_slug: str


def read_projects(path: str | Path, organization_slug: str | None) -> list[Project]:
    """Read the response of `/organizations/{org}/projects/`, or a `sentry export` backup.

    organization_slug: the slug for projects whose organization is not in the file.
    Raises InvalidProjectMap.
    """
    try:
        rows = parse(Path(path).read_bytes())
    except FileNotFoundError as error:
        raise InvalidProjectMap(path=path, reason="no such file") from error
    except (ValueError, RecursionError, OSError) as error:
        raise InvalidProjectMap(path=path, reason=str(error)) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidProjectMap(path=path, reason="not a list of objects")
    models = {row.get("model") for row in rows if isinstance(row.get("model"), str)}
    if models:
        organizations = map(read_organization, _select(rows, "sentry.organization"))
        known = [organization for organization in organizations if organization]
        projects = join_organizations(_read_all(_select(rows, "sentry.project"), None), known)
    else:
        projects = _read_all(rows, organization_slug)
    if not projects:
        raise InvalidProjectMap(path=path, reason="no project with an id and a slug in it")
    return projects


def read_project(row: Any, organization_slug: str | None = None) -> Project | None:
    """Read a project from an object of the API or a row of `sentry export`; None if it is not one.

    organization_slug: the slug for a project without an organization.
    """
    fields = open_row(row)
    project_id, slug = read_id(fields.get("id")), read_slug(fields.get("slug"))
    if project_id is None or slug is None:
        return None
    owner = fields.get("organization")
    if isinstance(owner, dict):
        owner_slug = read_slug(owner.get("slug")) or organization_slug
        return Project(project_id, slug, owner_slug, read_id(owner.get("id")))
    owner_id = read_id(owner)
    return Project(project_id, slug, None if owner_id else organization_slug, owner_id)


def read_organization(row: Any) -> Organization | None:
    """Read an organization from an object of the API or a row of `sentry export`, if it is one."""
    fields = open_row(row)
    organization_id, slug = read_id(fields.get("id")), read_slug(fields.get("slug"))
    return Organization(organization_id, slug) if organization_id and slug else None


def join_organizations(
    projects: Iterable[Project], organizations: Iterable[Organization]
) -> list[Project]:
    """Complete the slug and ID of each project's organization, if it is among these."""
    organizations = list(organizations)
    slugs = {known.organization_id: known.organization_slug for known in organizations}
    ids = {known.organization_slug: known.organization_id for known in organizations}
    return [
        replace(
            project,
            organization_slug=project.organization_slug or slugs.get(project.organization_id or ""),
            organization_id=project.organization_id or ids.get(project.organization_slug or ""),
        )
        for project in projects
    ]


def open_row(row: Any) -> dict[str, Any]:
    """Return the members of an object, or of the fields of a row of `sentry export`.

    Django serializes such a row as `{"model", "pk", "fields"}`; `pk` is the ID.
    """
    if not isinstance(row, dict):
        return {}
    fields = row.get("fields")
    if isinstance(row.get("model"), str) and isinstance(fields, dict):
        return {"id": row.get("pk"), **fields}
    return row


def read_slug(value: Any) -> str | None:
    """Return a slug; None for anything that cannot be one."""
    is_slug = isinstance(value, str) and value.isprintable() and len(value) <= _MAX_SLUG_CHARS
    return value or None if is_slug else None


def read_id(value: Any) -> str | None:
    """Return a numeric ID as decimal text; in old responses it is a number."""
    text = str(value) if isinstance(value, int) and -1 < value < 10**_MAX_ID_DIGITS else value
    is_id = isinstance(text, str) and text.isdecimal() and text.isascii()
    return text if is_id and len(text) <= _MAX_ID_DIGITS else None


def _select(rows: Iterable[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    return [row for row in rows if row.get("model") == model]


def _read_all(rows: Iterable[Any], organization_slug: str | None) -> list[Project]:
    projects = (read_project(row, organization_slug) for row in rows)
    return [project for project in projects if project]
