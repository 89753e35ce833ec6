"""What an archive holds, in lists: events of a project or an issue, their tags, the projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.events.identity import Key
from archive.events.reference import IssueReference

if TYPE_CHECKING:
    from archive.query.database import Database


@dataclass(frozen=True, slots=True)
class Scope:
    """Which events are meant; None is any.

    organizations: slugs. An event whose organization is not known is in each of them, as for
    `resolve`, unless the scope is `strict`. project: slug or ID. group_id: the issue.
    issue_project_id: the project that an export gives for the issue; an event whose project ID is
    not known is not excluded by it.
    """

    organizations: frozenset[str] | None = None
    project: str | None = None
    group_id: int | None = None
    strict: bool = False
    issue_project_id: int | None = None

    def bind(self) -> tuple[str, dict[str, Any]]:
        """The SQL condition on `events`, and its parameters."""
        conditions, values = ["true"], dict[str, Any]()
        if self.organizations is not None:
            known = "list_contains($organizations::VARCHAR[], organization_slug)"
            conditions.append(known if self.strict else f"coalesce({known}, true)")
            values["organizations"] = sorted(self.organizations)
        if self.project is not None:
            conditions.append("in_project($project, project_slug, project_id)")
            values["project"] = self.project
        if self.group_id is not None:
            conditions.append("group_id = $group_id")
            values["group_id"] = self.group_id
        if self.issue_project_id is not None:
            conditions.append("coalesce(project_id = $issue_project_id, true)")
            values["issue_project_id"] = self.issue_project_id
        return " AND ".join(conditions), values

    def narrow(self, issue: Issue) -> Scope:
        """The events of an issue in this scope."""
        return replace(self, group_id=issue.group_id, issue_project_id=issue.project_id)


class Neighbours(NamedTuple):
    """The IDs of the events just before and after one of its issue; None at the ends."""

    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class KnownProject:
    """A project as the archive knows it, from its events and from loads.

    former_slugs: those that it had before it was renamed.
    """

    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    organization_id: str | None
    platform: str | None
    events: int
    first_seen: datetime | None
    former_slugs: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The slug, or the ID where only that is known."""
        return self.project_slug or self.project_id or ""

    @property
    def names(self) -> tuple[str | None, ...]:
        """By what it is found: its slug, its ID, and its former slugs."""
        return self.project_slug, self.project_id, *self.former_slugs


@dataclass(frozen=True, slots=True)
class TagKey:
    """A tag's key, and how many values it has."""

    key: str
    values: int


@dataclass(frozen=True, slots=True)
class TagValue:
    """A value of a tag: how many events have it, the first and the last of them."""

    value: str
    events: int
    first_seen: datetime | None
    last_seen: datetime | None


class Issue(NamedTuple):
    """An issue as exports describe it: columns of the table `issues`."""

    group_id: int
    short_id: str
    organization_slug: str | None
    project_slug: str | None
    project_id: int | None
    title: str | None
    culprit: str | None
    permalink: str | None
    logger: str | None
    level: str | None
    status: str | None
    substatus: str | None
    platform: str | None
    type: str | None
    times_seen: int | None
    user_count: int | None
    first_seen: datetime | None
    last_seen: datetime | None


class Hash(NamedTuple):
    """A grouping hash of an issue, and the newest event that has it."""

    value: str
    latest: Key


_KEY = "event_id, organization_slug, coalesce(project_id::VARCHAR, project_slug)"
_WITHIN = """SELECT {columns} FROM tags SEMI JOIN (SELECT * FROM events WHERE {where}) AS event
ON event.event_id = tags.event_id AND event.project_id IS NOT DISTINCT FROM tags.project_id"""


def list_keys(
    database: Database, scope: Scope, limit: int, offset: int = 0, *, oldest: bool = False
) -> list[Key]:
    """The events of a scope, the newest first, or the oldest; of one moment by ID."""
    where, values = scope.bind()
    direction = "ASC" if oldest else "DESC"
    rows = database.run(
        f"SELECT {_KEY} FROM events WHERE {where} "
        f"ORDER BY timestamp {direction} NULLS LAST, event_id {direction} "
        "LIMIT $limit OFFSET $offset",
        {**values, "limit": limit, "offset": offset},
    )
    return [Key(*row) for row in rows]


def find_neighbours(database: Database, scope: Scope, event_id: str) -> Neighbours:
    """The events before and after one of a scope, in the order of `list_keys`."""
    where, values = scope.bind()
    ((previous, following),) = database.run(
        f"""
        WITH mine AS (SELECT (timestamp, event_id) AS place FROM events WHERE {where}),
             this AS (SELECT place AS here FROM mine WHERE place[2] = $event_id LIMIT 1)
        SELECT max(place) FILTER (WHERE place < here), min(place) FILTER (WHERE place > here)
        FROM mine, this
        """,
        {**values, "event_id": event_id},
    )
    return Neighbours(previous and previous[1], following and following[1])


def list_hashes(database: Database, scope: Scope, limit: int, offset: int = 0) -> list[Hash]:
    """The grouping hashes of a scope's events, those with the newest events first."""
    where, values = scope.bind()
    rows = database.run(
        f"SELECT primary_hash, arg_max(struct_pack(id := event_id, organization := "
        "organization_slug, project := coalesce(project_id::VARCHAR, project_slug)), timestamp) "
        f"FROM events WHERE {where} AND primary_hash IS NOT NULL AND timestamp IS NOT NULL "
        "GROUP BY primary_hash ORDER BY max(timestamp) DESC, primary_hash "
        "LIMIT $limit OFFSET $offset",
        {**values, "limit": limit, "offset": offset},
    )
    return [Hash(value, Key(*latest.values())) for value, latest in rows]


def find_issue(database: Database, short_id: str, scope: Scope) -> Issue | None:
    """The issue of a short ID in a scope; of several projects' issues the one seen last."""
    where, values = scope.bind()
    rows = database.run(
        f"SELECT {', '.join(Issue._fields)} FROM exported.issues "
        f"WHERE short_id = $short_id AND {where} "
        "ORDER BY project_id IS NULL, last_seen DESC NULLS LAST LIMIT 1",
        {**values, "short_id": short_id},
    )
    found = next(iter(rows), None)
    return Issue(*found) if found else None


def find_in_issue(
    database: Database, issue: IssueReference, organization: str | None, project: str | None
) -> Key | None:
    """The event that an issue reference means, within an organization and a project."""
    scope = Scope(frozenset([organization]) if organization else None, project)
    if issue.short_id is None:
        scope = replace(scope, group_id=issue.group_id)
    elif known := find_issue(database, issue.short_id, scope):
        scope = scope.narrow(known)
    else:
        return None
    return next(iter(list_keys(database, scope, 1, oldest=issue.oldest)), None)


def list_tag_keys(database: Database, scope: Scope) -> list[TagKey]:
    """The keys of the tags of a scope's events, by name."""
    where, values = scope.bind()
    query = _WITHIN.format(columns="key, count(DISTINCT value)", where=where)
    return [TagKey(*row) for row in database.run(f"{query} GROUP BY key ORDER BY key", values)]


def list_tag_values(
    database: Database, scope: Scope, key: str, like: str, limit: int, offset: int = 0
) -> list[TagValue]:
    """The values of a tag in a scope that contain `like`, those seen last first."""
    where, values = scope.bind()
    query = _WITHIN.format(
        columns="value, count(*), min(tags.timestamp), max(tags.timestamp)", where=where
    )
    rows = database.run(
        f"{query} WHERE key = $key AND value IS NOT NULL AND contains(lower(value), lower($like)) "
        "GROUP BY value ORDER BY max(tags.timestamp) DESC NULLS LAST, value "
        "LIMIT $limit OFFSET $offset",
        {**values, "key": key, "like": like, "limit": limit, "offset": offset},
    )
    return [TagValue(*row) for row in rows]


def list_projects(database: Database) -> list[KnownProject]:
    """List every project that has events or that a load named, by organization and slug."""
    return list(_read_projects(database))


def _read_projects(database: Database) -> Iterator[KnownProject]:
    rows = database.run(
        """
        WITH seen AS (
            SELECT organization_slug, project_slug, project_id, mode(platform) AS platform,
                   count(*) AS events, min(timestamp) AS first_seen
            FROM events GROUP BY ALL
        )
        SELECT coalesce(seen.organization_slug, known.organization_slug) AS organization,
               coalesce(seen.project_slug, known.project_slug) AS project,
               coalesce(seen.project_id, known.project_id)::VARCHAR, known.organization_id,
               platform, coalesce(events, 0), first_seen,
               coalesce(known.former_slugs, [])
        FROM seen FULL JOIN projects AS known
            ON seen.project_id = known.project_id
            AND coalesce(seen.organization_slug = known.organization_slug, true)
        ORDER BY organization NULLS LAST, project NULLS LAST, 3
        """
    )
    return (KnownProject(*row) for row in rows)


def read_number(text: str) -> int | None:
    """A numeric ID; None for text that is none, or does not fit 64 bits."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if is_number else None
