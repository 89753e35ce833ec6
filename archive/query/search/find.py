"""Find the events and issues that a search means."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from archive.errors import InvalidParameter, UnknownSearchKey
from archive.query.listing import Scope
from archive.query.search.conditions import list_tag_keys
from archive.query.search.fields import BY_KEY

if TYPE_CHECKING:
    from archive.query.database import Database, Result

EVENT_COLUMNS = ("timestamp", "event_id", "project_slug", "level", "title", "culprit")
ISSUE_COLUMNS = ("last_seen", "group_id", "short_id", "project_slug", "level", "title", "events")
_ISSUES = """(
    SELECT * FROM issues
    SEMI JOIN (SELECT group_id, project_id FROM events WHERE {where}) AS event
        ON event.group_id = issues.group_id
        AND is_same_project(event.project_id, issues.project_id)
)"""


def find_events(
    database: Database, scope: Scope, columns: Sequence[str], limit: int, offset: int = 0
) -> Result:
    """Find events, newest first. Raises InvalidSearch, InvalidParameter."""
    source = "(SELECT * FROM events WHERE {where})"
    return _find(database, scope, source, "events", columns or EVENT_COLUMNS, limit, offset)


def find_issues(
    database: Database, scope: Scope, columns: Sequence[str], limit: int, offset: int = 0
) -> Result:
    """Find the issues of events, last seen first. Raises InvalidSearch, InvalidParameter."""
    return _find(database, scope, _ISSUES, "issues", columns or ISSUE_COLUMNS, limit, offset)


def _find(
    database: Database,
    scope: Scope,
    source: str,
    view: str,
    columns: Sequence[str],
    limit: int,
    offset: int,
) -> Result:
    known = database.run(f"FROM {view} LIMIT 0").columns
    for column in columns:
        if column not in known:
            closest = _name_closest(column, known)
            reason = f"{view} have no column {column!r}{closest}; docs/tables.md lists them"
            raise InvalidParameter(name="fields", reason=reason)
    where, values = scope.bind()
    time, key = ("timestamp", "event_id") if view == "events" else ("last_seen", "group_id")
    query = f"""
    SELECT {", ".join(f'"{column}"' for column in columns)} FROM {source.format(where=where)}
    ORDER BY {time} DESC NULLS LAST, {key} DESC LIMIT $limit OFFSET $offset
    """
    return database.run(query, {**values, "limit": limit, "offset": offset})


def check_keys(database: Database, query: str) -> None:
    """Raise UnknownSearchKey if a key of a search is neither a field nor a tag of the archive.

    Sentry finds nothing for such a key. Raises InvalidSearch.
    """
    wanted = list_tag_keys(query)
    if not wanted:
        return
    tags = {key for (key,) in database.run("SELECT DISTINCT key FROM tags")}
    for key in wanted:
        if key not in tags:
            closest = _name_closest(key, sorted({*BY_KEY, *tags}))
            raise UnknownSearchKey(key=key, closest=closest)


def _name_closest(name: str, known: Sequence[str]) -> str:
    closest = get_close_matches(name, known, 3, 0.5)
    return f"; the closest are {', '.join(closest)}" if closest else ""
