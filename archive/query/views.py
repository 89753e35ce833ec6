"""Create the SQL views over the parts that a manifest lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedArchive
from archive.events.columns import read_int64
from archive.exports.project_map import Project
from archive.query.filesystem import PROTOCOL
from archive.query.search.conditions import Condition
from archive.storage.checksums import check_parts
from archive.storage.manifest import Manifest, part_path
from archive.tables.projects import Projects, Standing
from archive.tables.registry import EVENT_TABLES, KEYED_TABLES, TABLES
from archive.tables.selects import select_newest, select_nothing
from archive.tables.sql import list_paths, read_sql, select_parts

if TYPE_CHECKING:
    import duckdb


_PROJECTS = {
    "project_id": "BIGINT",
    "project_slug": "VARCHAR",
    "certain_slug": "VARCHAR",
    "organization_slug": "VARCHAR",
    "organization_id": "VARCHAR",
    "former_slugs": "VARCHAR[]",
}


# The counts of load time are of all events; `frame_counts_of` in sql/views.sql counts as this does.
_COUNT_FRAMES = """
SELECT
    timestamp::DATE AS day, project_id, group_id, release, function,
    frame_place(module, filename, package) AS module, in_app,
    count(*) FILTER (first_in_event) AS events, count(*) AS frames,
    count(*) FILTER (is_crash) AS crashes, max(timestamp) AS last_seen
FROM parts.frames GROUP BY ALL
"""


def create_views(connection: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest) -> None:
    """Create the views of `sql/views.sql` over the parts that the manifest lists.

    The connection reads them through `ArchiveFiles`. Raises DamagedArchive if a part is missing or
    has the wrong size.
    """
    _check_tables(root, manifest)
    check_parts(root, [part for part in manifest.parts if part.table in TABLES])
    connection.execute("CREATE SCHEMA parts")
    for table in TABLES:
        connection.execute(f'CREATE VIEW parts."{table}" AS {_select_parts(manifest, table)}')
    connection.execute("CREATE SCHEMA exported")
    for table in KEYED_TABLES:
        newest = select_newest(table, f"parts.{table}")
        connection.execute(f"CREATE VIEW exported.{table} AS {newest}")
    _create_projects(connection, manifest)
    connection.execute(read_sql("views.sql"))


def _check_tables(root: Path, manifest: Manifest) -> None:
    """Raise DamagedArchive if a table lacks a part that another has: rows would be missing."""
    names = {table: {part.name for part in manifest.list_parts(table)} for table in EVENT_TABLES}
    every = set().union(*names.values())
    for table, present in names.items():
        for name in sorted(every - present):
            reason = "the manifest does not list it"
            raise DamagedArchive(path=root / part_path(table, name), reason=reason, archive=root)


def restrict_views(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, condition: Condition
) -> None:
    """Leave only the events that a condition selects, with their frames, tags and issues."""
    query = f"CREATE TABLE parts.selected AS SELECT event_key FROM events WHERE {condition.sql}"
    connection.execute(query, condition.values)
    for table in ("events", "frames", "tags", "payloads"):
        connection.execute(
            f"CREATE OR REPLACE VIEW parts.{table} AS "
            f"FROM ({_select_parts(manifest, table)}) SEMI JOIN parts.selected USING (event_key)"
        )
    connection.execute(f"CREATE OR REPLACE VIEW parts.frame_counts AS {_COUNT_FRAMES}")
    connection.execute(
        "CREATE OR REPLACE VIEW exported.issues AS "
        f"FROM ({select_newest('issues', 'parts.issues')}) AS issue "
        "SEMI JOIN parts.events AS event ON event.group_id = issue.group_id "
        "AND is_same_project(event.project_id, issue.project_id)"
    )


def _select_parts(manifest: Manifest, table: str) -> str:
    parts = manifest.list_parts(table)
    if not parts:
        return select_nothing(table)
    files = list_paths([f"{PROTOCOL}://{part.path}" for part in parts])
    return select_parts(files)


def _create_projects(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    """Create the tables of projects, by which the owners of events are named."""
    names = Projects(manifest.projects)
    _create_table(connection, "projects", _PROJECTS, map(_list_names, manifest.projects))
    fallbacks = (
        (standing.value, *_list_names(project))
        for project_id in names.list_ids()
        for standing in Standing
        if (project := names.find_fallback(project_id, standing))
    )
    columns = {"standing": "VARCHAR", **_PROJECTS}
    _create_table(connection, "fallbacks", columns, fallbacks)
    aliases = ((slug, *_list_names(project)) for slug, project in names.list_aliases())
    _create_table(connection, "aliases", {"former_slug": "VARCHAR", **_PROJECTS}, aliases)


def _list_names(project: Project) -> tuple[Any, ...]:
    return (
        read_int64(project.project_id),
        project.project_slug,
        project.certain_slug,
        project.organization_slug,
        project.organization_id,
        [former.slug for former in project.former],
    )


def _create_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
) -> None:
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    lists = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in columns.items())
    connection.execute(f"CREATE TABLE parts.{name} AS SELECT {lists}", values)
