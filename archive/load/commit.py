"""Deduplicate a load against the archive and commit it as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from archive.events.rows import LoadRow, Row
from archive.exports.project_map import Project, join_organizations
from archive.load.deduplicate import Deduplication, deduplicate
from archive.load.owners import Owners
from archive.load.rejects import join_rejects
from archive.load.task import TaskResult
from archive.storage.commit import Change, commit
from archive.storage.manifest import Manifest, PartFile, part_path
from archive.storage.staging import remove_staged, rename_staged, staged_path
from archive.tables.appended import append_rows
from archive.tables.conflicts import Staged, find_conflicts
from archive.tables.index import add_to_index
from archive.tables.parts import write_part
from archive.tables.projects import merge_projects
from archive.tables.registry import EVENT_TABLES
from archive.tables.rewrite import rewrite_events
from archive.tables.superseded import take_versions


def deduplicate_load(
    root: Path, staging: Path, before: Manifest, results: list[TaskResult], now: int
) -> Deduplication:
    """Find the staged events, and those in the archive, that are copies or superseded.

    now: in microseconds since 1970. Raises DamagedArchive.
    """
    staged = list(_list_staged(staging, results))
    if not staged:
        return Deduplication()
    with find_conflicts(root, before, staged) as conflicts:
        return deduplicate(sum(len(part.order) for part in staged), conflicts, now)


@dataclass(frozen=True, slots=True)
class Commit:
    """A load to be committed after the state `before`; its files are staged under `root`.

    now: in microseconds since 1970.
    """

    root: Path
    before: Manifest
    deduplication: Deduplication
    results: list[TaskResult]
    record: LoadRow
    now: int

    def write(self, projects: tuple[Project, ...]) -> Path | None:
        """Commit, and return the path of the rejects; None if there are none.

        Raises StorageFailed, DamagedArchive, and ArchiveLocked if another process ignored the lock
        and committed first.
        """
        superseded = self._write_superseded()
        fresh, replaced = self._rewrite_parts()
        added = [part for parts in fresh for part in parts]
        payloads = [part for part in added if part.table == "payloads"]
        index = add_to_index(self.root, self.record.load_id, self.before, payloads, replaced)
        added += [*index.added, *superseded, *self._name_appended()]
        history, stale_history = self._write_history()
        added += history
        rejects = join_rejects(
            self.root,
            self.record.load_id,
            [result.rejects for result in self.results if result.rejects],
        )
        removed = {part.path for part in (*index.removed, *stale_history)} | {
            part_path(table, name) for name in replaced for table in EVENT_TABLES
        }
        change = Change(self.record.load_id, added + rejects, removed, {"projects": projects})
        commit(self.root, self.before, change)
        return self.root / rejects[0].path if rejects else None

    def _rewrite_parts(self) -> tuple[list[list[PartFile]], set[str]]:
        """Rewrite the parts that have removed events, and give all staged parts their final names.

        Returns the staged parts, and the names of the parts in the archive that they replace.
        """
        root, load_id, removed = self.root, self.record.load_id, self.deduplication.removed
        old = {part.name for part in self.before.list_parts("payloads")}
        replaced = {name for name in removed if name in old}
        fresh: list[list[PartFile]] = []

        def keep(parts: Iterable[PartFile]) -> None:
            name = f"{load_id}-{len(fresh) + 1:04}"
            named = [rename_staged(root, part, name) for part in parts]
            if named:
                fresh.append(named)

        for staged in (staged for result in self.results for staged in result.parts):
            name = staged.name
            if name in removed:
                files = _list_files(root, staged.parts)
                keep(rewrite_events(root, files, removed[name], f"{name}-rewritten"))
                remove_staged(root, staged.parts)
            else:
                keep(staged.parts)
        for name in sorted(replaced):
            files = _name_files(root, name)
            keep(rewrite_events(root, files, removed[name], f"{load_id}-{name}-rewritten"))
        return fresh, replaced

    def _name_appended(self) -> Iterator[PartFile]:
        """Give the staged parts of appended tables their final names."""
        parts = (part for result in self.results for part in result.appended)
        for number, part in enumerate(parts, 1):
            yield rename_staged(self.root, part, f"{self.record.load_id}-{number:04}")

    def _write_superseded(self) -> list[PartFile]:
        """Stage the versions that this load replaces, if there are any."""
        superseded = self.deduplication.superseded
        if not superseded:
            return []
        staged = {
            staged.name: _list_files(self.root, staged.parts)
            for result in self.results
            for staged in result.parts
        }
        versions = chain.from_iterable(
            take_versions(
                self.root,
                staged.get(name) or _name_files(self.root, name),
                rows,
                self.now,
                self.record.load_id,
            )
            for name, rows in sorted(superseded.items())
        )
        return [write_part(self.root, "superseded", f"{self.record.load_id}-0001", versions)]

    def _write_history(self) -> tuple[list[PartFile], list[PartFile]]:
        """Stage the rows of `loads` and `sources`; return the parts, and those they replace."""
        added, replaced = list[PartFile](), list[PartFile]()
        sources = [row for result in self.results for row in result.sources]
        tables: dict[str, list[Row]] = {"loads": [self.record], "sources": [*sources]}
        for table, rows in tables.items():
            if rows:
                name = f"{self.record.load_id}-0001"
                part, merged = append_rows(self.root, self.before, table, name, rows)
                added.append(part)
                replaced += merged
        return added, replaced


def learn_projects(
    before: Iterable[Project],
    results: list[TaskResult],
    owners: Owners,
    hints: Iterable[Project],
    organization_slug: str | None,
    now: int,
) -> tuple[Project, ...]:
    """Merge the projects that a load found into the known ones.

    hints: from a project map; they count last. organization_slug: from --org. now: in
    microseconds since 1970.
    """
    learned = {project for result in results for project in result.projects}
    organizations = sorted(
        {organization for result in results for organization in result.organizations}, key=repr
    )
    lists = [
        replace(
            project,
            organization_given=project.organization_slug == organization_slug is not None,
            is_listed=True,
            as_of=now,
        )
        for project in [*sorted(learned, key=repr), *hints]
    ]
    claims = join_organizations([*owners.list_claims(now), *lists], organizations)
    return merge_projects(join_organizations(before, organizations), claims)


def _list_staged(staging: Path, results: list[TaskResult]) -> Iterator[Staged]:
    """Yield the staged parts; each task's events follow those of the tasks before it."""
    base = 0
    for result in results:
        for staged in result.parts:
            yield Staged(staged.name, _list_files(staging, staged.parts), base, staged.order)
        base += sum(len(staged.order) for staged in result.parts)


def _list_files(root: Path, staged: Iterable[PartFile]) -> dict[str, Path]:
    """Return the files of staged parts by table."""
    return {part.table: staged_path(root, part) for part in staged}


def _name_files(root: Path, name: str) -> dict[str, Path]:
    """Return the files of the committed parts of a name by table."""
    return {table: root / part_path(table, name) for table in EVENT_TABLES}
