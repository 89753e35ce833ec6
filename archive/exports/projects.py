"""Which slug belongs to which project ID, as users can export it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import InvalidProjectMap
from archive.jsontext import parse_loosely


@dataclass(frozen=True, slots=True)
class Project:
    """A project as far as it is known; IDs are decimal text."""

    project_id: str
    project_slug: str | None
    organization_slug: str | None
    organization_id: str | None = None


def read_projects(path: str | Path, organization_slug: str | None) -> list[Project]:
    """Read the answer of `/organizations/{org}/projects/`, or a `sentry export` backup.

    `organization_slug` is taken where the file does not tell. Raises InvalidProjectMap.
    """
    try:
        rows = parse_loosely(Path(path).read_bytes())
    except FileNotFoundError as error:
        raise InvalidProjectMap(path=path, reason="no such file") from error
    except (ValueError, RecursionError, OSError) as error:
        raise InvalidProjectMap(path=path, reason=str(error)) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidProjectMap(path=path, reason="not a list of objects")
    is_backup = any("model" in row and "fields" in row for row in rows)
    projects = _read_backup(rows) if is_backup else _read_answer(rows, organization_slug)
    if not projects:
        raise InvalidProjectMap(path=path, reason="no project with an id and a slug in it")
    return projects


def _read_answer(rows: list[dict[str, Any]], organization_slug: str | None) -> list[Project]:
    return [
        Project(
            str(row["id"]),
            str(row["slug"]),
            _read_slug(row.get("organization")) or organization_slug,
            _read_id(row.get("organization")),
        )
        for row in rows
        if row.get("id") and row.get("slug")
    ]


def _read_backup(rows: list[dict[str, Any]]) -> list[Project]:
    """Rows are `{"model", "pk", "fields"}`, as Django serialises them."""
    slugs = {
        row["pk"]: _read_slug(row.get("fields"))
        for row in rows
        if row.get("model") == "sentry.organization" and isinstance(row.get("pk"), int)
    }
    projects = []
    for row in rows:
        fields = row.get("fields")
        if row.get("model") == "sentry.project" and isinstance(fields, dict):
            slug, project_id = _read_slug(fields), row.get("pk")
            organization = fields.get("organization")
            if slug and isinstance(project_id, int) and isinstance(organization, int):
                owner = slugs.get(organization), str(organization)
                projects.append(Project(str(project_id), slug, *owner))
    return projects


def _read_slug(holder: Any) -> str | None:
    slug = holder.get("slug") if isinstance(holder, dict) else None
    return slug if isinstance(slug, str) and slug else None


def _read_id(holder: Any) -> str | None:
    """The ID of an object of the API: decimal text, or a number in old answers."""
    found = holder.get("id") if isinstance(holder, dict) else None
    return str(found) if isinstance(found, str | int) and str(found).isdecimal() else None
