"""List events, issues, tags and projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.events.identity import Key
from archive.events.reference import IssueReference
from archive.query.search.conditions import compile_search

if TYPE_CHECKING:
    from archive.query.database import Database, Result


@dataclass(frozen=True, slots=True)
class Scope:
    """Conditions on events; None selects all.

    organizations: slugs. An event of an unknown organization matches each of them, as for
    `resolve`, unless the scope is `strict`. project: slug or ID. group_id: the issue.
    issue_project_id: the project of the issue; events of an unknown project ID match too.
    query: in Sentry's search language. since, until: from one time to just before the other.
    """

    organizations: frozenset[str] | None = None
    project: str | None = None
    group_id: int | None = None
    strict: bool = False
    issue_project_id: int | None = None
    query: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def bind(self) -> tuple[str, dict[str, Any]]:
        """Return a SQL condition on `events`, and its parameters. Raises InvalidSearch."""
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
        if self.since is not None:
            conditions.append("timestamp >= $since")
            values["since"] = self.since
        if self.until is not None:
            conditions.append("timestamp < $until")
            values["until"] = self.until
        if self.query:
            condition = compile_search(self.query)
            conditions.append(condition.sql)
            values |= condition.values
        return " AND ".join(conditions), values

    def narrow(self, issue: Issue) -> Scope:
        """Return the scope of an issue's events within this scope."""
        return replace(self, group_id=issue.group_id, issue_project_id=issue.project_id)


class Neighbors(NamedTuple):
    """The IDs of the previous and the next event of an issue; None at the ends."""

    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class KnownProject:
    """A project that has events or that a load named."""

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
        """The slug, or the ID if the slug is unknown."""
        return self.project_slug or self.project_id or ""

    @property
    def names(self) -> tuple[str | None, ...]:
        """Its slug, ID and former slugs."""
        return self.project_slug, self.project_id, *self.former_slugs


@dataclass(frozen=True, slots=True)
class TagKey:
    """A tag key, and its number of values."""

    key: str
    values: int


@dataclass(frozen=True, slots=True)
class TagValue:
    """A value of a tag, with the number of its events and the times of the first and the last."""

    value: str
    events: int
    first_seen: datetime | None
    last_seen: datetime | None


class Issue(NamedTuple):
    """Columns of the table `issues`: an issue as exports describe it."""

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
    """A grouping hash, and its newest event."""

    value: str
    latest: Key


_PROJECT = "coalesce(project_id::VARCHAR, project_slug)"
_TAGS = """FROM tags SEMI JOIN (SELECT * FROM events WHERE {where}) AS event
ON event.event_key = tags.event_key"""


def list_keys(
    database: Database, scope: Scope, limit: int, offset: int = 0, *, oldest: bool = False
) -> list[Key]:
    """List the events of a scope, newest or oldest first; at the same time, by ID."""
    direction = "ASC" if oldest else "DESC"
    query = f"""
    SELECT event_id, organization_slug, {_PROJECT} FROM events WHERE {{where}}
    ORDER BY timestamp {direction} NULLS LAST, event_id {direction}
    LIMIT $limit OFFSET $offset
    """
    rows = _select(database, scope, query, limit=limit, offset=offset)
    return [Key(*row) for row in rows]


def find_neighbors(database: Database, scope: Scope, event_id: str) -> Neighbors:
    """Find the events before and after an event of a scope, in the order of `list_keys`."""
    query = """
    WITH sorted AS (SELECT (timestamp, event_id) AS position FROM events WHERE {where}),
         this AS (SELECT position AS here FROM sorted WHERE position[2] = $event_id LIMIT 1)
    SELECT max(position) FILTER (WHERE position < here),
           min(position) FILTER (WHERE position > here)
    FROM sorted, this
    """
    ((previous, next_),) = _select(database, scope, query, event_id=event_id)
    return Neighbors(previous and previous[1], next_ and next_[1])


def list_hashes(database: Database, scope: Scope, limit: int, offset: int = 0) -> list[Hash]:
    """List the grouping hashes of a scope's events, most recent first."""
    query = f"""
    SELECT primary_hash, arg_max([event_id, organization_slug, {_PROJECT}], timestamp)
    FROM events
    WHERE {{where}} AND primary_hash IS NOT NULL AND timestamp IS NOT NULL
    GROUP BY primary_hash
    ORDER BY max(timestamp) DESC, primary_hash
    LIMIT $limit OFFSET $offset
    """
    rows = _select(database, scope, query, limit=limit, offset=offset)
    return [Hash(value, Key(*latest)) for value, latest in rows]


def find_issue(database: Database, short_id: str, scope: Scope) -> Issue | None:
    """Find an issue by short ID; if several projects have it, the one last seen."""
    query = f"""
    SELECT {", ".join(Issue._fields)} FROM exported.issues
    WHERE short_id = $short_id AND {{where}}
    ORDER BY project_id IS NULL, last_seen DESC NULLS LAST LIMIT 1
    """
    rows = _select(database, scope, query, short_id=short_id)
    return next((Issue(*row) for row in rows), None)


def find_in_issue(
    database: Database, issue: IssueReference, organization: str | None, project: str | None
) -> Key | None:
    """Find the event that an issue reference means, within an organization and a project."""
    scope = Scope(frozenset([organization]) if organization else None, project)
    if issue.short_id is None:
        scope = replace(scope, group_id=issue.group_id)
    elif known := find_issue(database, issue.short_id, scope):
        scope = scope.narrow(known)
    else:
        return None
    return next(iter(list_keys(database, scope, 1, oldest=issue.oldest)), None)


def list_tag_keys(database: Database, scope: Scope) -> list[TagKey]:
    """List the tag keys of a scope's events, by name."""
    query = f"SELECT key, count(DISTINCT value) {_TAGS} GROUP BY key ORDER BY key"
    return [TagKey(*row) for row in _select(database, scope, query)]


def list_tag_values(
    database: Database, scope: Scope, key: str, like: str, limit: int, offset: int = 0
) -> list[TagValue]:
    """List the values of a tag that contain `like`, last seen first."""
    query = f"""
    SELECT value, count(*), min(tags.timestamp), max(tags.timestamp) {_TAGS}
    WHERE key = $key AND value IS NOT NULL AND contains(lower(value), lower($like))
    GROUP BY value
    ORDER BY max(tags.timestamp) DESC NULLS LAST, value
    LIMIT $limit OFFSET $offset
    """
    rows = _select(database, scope, query, key=key, like=like, limit=limit, offset=offset)
    return [TagValue(*row) for row in rows]


def list_projects(database: Database) -> list[KnownProject]:
    """List every project that has events or that a load named, by organization and slug."""
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
    return [KnownProject(*row) for row in rows]


def read_number(text: str) -> int | None:
    """Parse a non-negative integer of up to 18 digits; None for other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _select(database: Database, scope: Scope, query: str, **values: object) -> Result:
    """Run a query with the condition of a scope as `{where}`."""
    where, bound = scope.bind()
    return database.run(query.format(where=where), {**bound, **values})
