"""Settle a load against the archive, and commit it: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from archive.errors import ArchiveLocked
from archive.load.rejects import publish_rejects
from archive.load.settle import Settlement, settle
from archive.load.task import Stem, TaskResult
from archive.tables.durable import report_storage
from archive.tables.index import drop_parts, find_contested, index_payloads, write_index
from archive.tables.manifest import (
    KnownProject,
    Load,
    Manifest,
    PartFile,
    merge_projects,
    write_next,
)
from archive.tables.parts import (
    EVENT_TABLES,
    publish,
    read_part,
    remove_staged,
    rename_staged,
    rewrite_events,
    staged_path,
    write_part,
)
from archive.tables.schema import build_table

Outcome = Settlement


@dataclass(frozen=True, slots=True)
class Committed:
    """The state after a load, and the file of its rejects, if there were any."""

    manifest: Manifest
    rejects: Path | None


def settle_load(root: Path, before: Manifest, results: list[TaskResult]) -> Outcome:
    """Find which of the staged events, and of those in the archive, are superseded."""
    import duckdb
    import pyarrow as pa

    stems = [stem for result in results for stem in result.stems]
    if not stems:
        return Settlement()
    fresh = index_payloads((stem.name, _staged_payloads(root, stem)) for stem in stems)
    ordinals, base = [], 0
    for result in results:
        for stem in result.stems:
            ordinals += [base + position for position in stem.order]
        base = len(ordinals)
    fresh = fresh.append_column("ordinal", pa.array(ordinals, pa.int64()))
    index_files = [str(root / part.path) for part in before.list_parts("index")]
    with duckdb.connect() as connection:
        known, rivals = find_contested(connection, fresh, index_files)
    return settle(known, rivals, uncontested=fresh.num_rows - len(rivals))


def commit_load(
    root: Path,
    before: Manifest,
    outcome: Outcome,
    results: list[TaskResult],
    record: Load,
    learned: Iterable[KnownProject],
    changes: bool,
) -> Committed | None:
    """Commit what the tasks staged; None where that would change nothing.

    Raises ArchiveLocked if a rival that ignores the lock committed first.
    """
    projects = merge_projects(before.projects, sorted(learned, key=repr))
    if not changes and projects == before.projects:
        return None
    fresh, replaced = _rewrite_dead(root, before, outcome, results, record.load_id)
    index, stale = _index(root, before, fresh, replaced, record.load_id)
    rows = [row for result in results for row in result.sources]
    sources = [write_part(root, "sources", f"{record.load_id}-0001", build_table("sources", rows))]
    added = [part for parts in fresh for part in parts] + index + (sources if rows else [])
    with report_storage(root):
        rejects = publish_rejects(
            root, record.load_id, (result.rejects for result in results if result.rejects)
        )
    publish(root, added)
    gone = {part.path for part in stale} | {
        f"{table}/{name}.parquet" for name in replaced for table in EVENT_TABLES
    }
    after = replace(
        before,
        parts=tuple(part for part in before.parts if part.path not in gone) + tuple(added),
        loads=(*before.loads, record),
        projects=projects,
    )
    manifest = write_next(root, before, after)
    if manifest is None:
        raise ArchiveLocked(path=root)
    return Committed(manifest, rejects)


def _rewrite_dead(
    root: Path, before: Manifest, outcome: Outcome, results: list[TaskResult], load_id: str
) -> tuple[list[list[PartFile]], set[str]]:
    """The staged parts without superseded events, named for good, and the old parts replaced."""
    staged = [stem for result in results for stem in result.stems]
    old = {part.name for part in before.list_parts("payloads")}
    replaced = {name for name in outcome.dead if name in old}
    fresh: list[list[PartFile]] = []

    def keep(parts: Iterable[PartFile]) -> None:
        name = f"{load_id}-{len(fresh) + 1:04}"
        named = [rename_staged(root, part, name) for part in parts]
        if named:
            fresh.append(named)

    for stem in staged:
        dead = outcome.dead.get(stem.name)
        if dead:
            files = {part.table: staged_path(root, part) for part in stem.parts}
            keep(rewrite_events(root, files, dead, f"{stem.name}-settled"))
            remove_staged(root, stem.parts)
        else:
            keep(stem.parts)
    for name in sorted(replaced):
        files = {table: root / table / f"{name}.parquet" for table in EVENT_TABLES}
        keep(rewrite_events(root, files, outcome.dead[name], f"{load_id}-{name}-settled"))
    return fresh, replaced


def _index(
    root: Path, before: Manifest, fresh: list[list[PartFile]], replaced: set[str], load_id: str
) -> tuple[list[PartFile], list[PartFile]]:
    """Staged index parts of what is new, and the old index parts that they replace."""
    import pyarrow as pa

    payloads = [part for parts in fresh for part in parts if part.table == "payloads"]
    rows = [index_payloads((part.name, staged_path(root, part)) for part in payloads)]
    stale = []
    for part in before.list_parts("index") if replaced else ():
        old = read_part(root / part.path, None, part.rows, root)
        kept = drop_parts(old, replaced)
        if kept.num_rows < old.num_rows:
            stale.append(part)
            rows.append(kept)
    return write_index(root, load_id, pa.concat_tables(rows)), stale


def _staged_payloads(root: Path, stem: Stem) -> Path:
    return next(staged_path(root, part) for part in stem.parts if part.table == "payloads")
