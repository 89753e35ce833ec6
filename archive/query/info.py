"""Summarize an archive: events, time range, projects, loads and sizes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.events.exactness import Exactness
from archive.exports.shapes import Shape
from archive.storage.manifest import Manifest

if TYPE_CHECKING:
    from archive.query.database import Database


@dataclass(frozen=True, slots=True)
class TableInfo:
    """Rows, bytes and number of parts of a table."""

    rows: int
    bytes: int
    parts: int


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """The events of a project; timestamps are ISO 8601 in UTC."""

    organization_slug: str | None
    project_slug: str | None
    project_id: int | None
    events: int
    groups: int
    first_seen: str | None
    last_seen: str | None


@dataclass(frozen=True, slots=True)
class IssueCounts:
    """Number of issues: all, those with events, and those that exports describe."""

    known: int
    with_events: int
    exported: int


@dataclass(frozen=True, slots=True)
class Info:
    """Summary of an archive.

    exported_bytes: size of the JSON of its events. shapes: number of events by exported shape.
    exactness: how exactly they are answered. learned, skipped: records of all loads that are not
    events, by kind.
    """

    path: str
    format: int
    manifest: int
    events: int
    first_seen: str | None
    last_seen: str | None
    bytes: int
    exported_bytes: int
    tables: dict[str, TableInfo]
    projects: list[ProjectInfo]
    shapes: dict[str, int]
    exactness: Exactness
    issues: IssueCounts
    feedback: int
    attachments: int
    learned: dict[str, int]
    skipped: dict[str, int]
    loads: list[dict[str, Any]]

    def dict(self) -> dict[str, Any]:
        """Convert to plain objects, for JSON."""
        return asdict(self)


_PROJECTS = """
SELECT organization_slug, project_slug, project_id, count(*), count(DISTINCT group_id),
       strftime(min(timestamp), $iso), strftime(max(timestamp), $iso), sum(size)::BIGINT,
       count(*) FILTER (group_id IS NULL)
FROM events
GROUP BY ALL
ORDER BY count(*) DESC, project_slug, project_id
"""
_SHAPES = "SELECT shape, count(*) FROM parts.payloads GROUP BY ALL ORDER BY 2 DESC, 1"
_ISSUES = """
SELECT count(*), count(*) FILTER (events > 0), count(*) FILTER (as_of IS NOT NULL) FROM issues
"""
_LOADS = """
SELECT * REPLACE (strftime(started, $iso) AS started, strftime(finished, $iso) AS finished)
FROM parts.loads
ORDER BY load_id
"""
_ISO = "%Y-%m-%dT%H:%M:%SZ"


def describe(path: str, manifest: Manifest, database: Database) -> Info:
    """Summarize an archive from its manifest and its tables."""
    rows = list(database.run(_PROJECTS, {"iso": _ISO}))
    projects = [ProjectInfo(*row[:7]) for row in rows]
    shapes: dict[str, int] = dict(database.run(_SHAPES))
    loads = [
        {k: json.loads(v) if k.endswith("_by_kind") and v else v for k, v in load.items()}
        for load in database.run(_LOADS, {"iso": _ISO}).dicts()
    ]
    tables = {}
    for table in sorted({part.table for part in manifest.parts}):
        parts = manifest.list_parts(table)
        tables[table] = TableInfo(
            sum(part.rows for part in parts), sum(part.size for part in parts), len(parts)
        )
    return Info(
        path=path,
        format=manifest.format,
        manifest=manifest.number,
        events=sum(project.events for project in projects),
        first_seen=min((p.first_seen for p in projects if p.first_seen), default=None),
        last_seen=max((p.last_seen for p in projects if p.last_seen), default=None),
        bytes=sum(part.size for part in manifest.parts),
        exported_bytes=sum(row[7] for row in rows),
        tables=tables,
        projects=projects,
        shapes=shapes,
        exactness=_assess(shapes, projects, sum(row[8] for row in rows)),
        issues=IssueCounts(*next(database.run(_ISSUES).rows)),
        feedback=_count(database, "feedback"),
        attachments=_count(database, "attachments"),
        learned=_add_up(load["learned_by_kind"] for load in loads),
        skipped=_add_up(load["skipped_by_kind"] for load in loads),
        loads=loads,
    )


def _assess(
    shapes: Mapping[str, int], projects: Iterable[ProjectInfo], without_issue: int
) -> Exactness:
    exactness = Exactness(without_issue=without_issue)
    for shape, events in shapes.items():
        exactness.count(Shape(shape), events)
    for project in projects:
        exactness.without_organization += 0 if project.organization_slug else project.events
        exactness.without_project += 0 if project.project_slug else project.events
    return exactness


def _count(database: Database, view: str) -> int:
    count: int = next(database.run(f"SELECT count(*) FROM {view}").rows)[0]
    return count


def _add_up(counts: Iterable[Mapping[str, int] | None]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for kinds in counts:
        total.update(kinds or {})
    return dict(sorted(total.items()))
