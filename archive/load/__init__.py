"""Load exports into an archive: plan tasks, run them, remove duplicates, commit."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from pathlib import Path

from msgspec.structs import replace

from archive.errors import NoArchive
from archive.events.flatten import Defaults
from archive.events.rows import LoadRow, SourceRow
from archive.exports.project_map import Project
from archive.exports.source_hash import join_digests
from archive.exports.sources import Found, Source, find_sources, has_changed
from archive.load.commit import Commit, deduplicate_load, learn_projects
from archive.load.deduplicate import Deduplication
from archive.load.known import KnownSources
from archive.load.owners import Owners, join_owners
from archive.load.plan import LoadOptions, Task, plan_tasks
from archive.load.pool import run_on_executor, run_tasks
from archive.load.report import LoadReport, Progress, count_outcomes
from archive.load.task import UNHASHED, TaskResult
from archive.storage.commit import open_transaction
from archive.storage.layout import make_directory, open_directory
from archive.storage.manifest import Manifest
from archive.storage.state import read_newest
from archive.tables.loads import write_kinds
from archive.tables.projects import Projects, forget_organizations
from archive.version import VERSION

__all__ = ["LoadReport", "Progress", "Request", "load"]


@dataclass(frozen=True, slots=True)
class Request:
    """What to load, and how.

    workers: number of processes that read. projects: from a project map. force: read known
    sources again. dry_run: read and count only. shared: let others access a new archive.
    follow_links: out of directories. executor: reads instead of processes of its own.
    """

    sources: tuple[str | Path, ...]
    options: LoadOptions
    workers: int = 1
    projects: tuple[Project, ...] = ()
    force: bool = False
    dry_run: bool = False
    shared: bool = False
    follow_links: bool = False
    executor: Executor | None = None


def load(path: Path, request: Request, progress: Callable[[Progress], None]) -> LoadReport:
    """Load exports into the archive at `path`, which is created if it does not exist.

    Raises SourceNotFound, NotAnArchive, TooManyRejects, ArchiveLocked, DamagedArchive,
    StorageFailed; the archive is then unchanged.
    """
    found = find_sources(request.sources, request.follow_links)
    if request.dry_run:
        return _dry_run(path, request, found, progress)
    root = make_directory(path, VERSION, request.shared)
    with open_transaction(root) as before:
        return _load(root, before, request, found, progress)


def _dry_run(
    path: Path, request: Request, found: Found, progress: Callable[[Progress], None]
) -> LoadReport:
    """Do everything except the commit, staging files outside the archive."""
    with tempfile.TemporaryDirectory() as temporary:
        staging = make_directory(Path(temporary) / "staging", VERSION)
        try:
            root = open_directory(path)
        except NoArchive:
            root = staging
        before, now = read_newest(root), time.time_ns() // 1_000
        reading = _read(root, staging, before, request, found, before.name_next(), now, progress)
        return reading.report


def _load(
    root: Path,
    before: Manifest,
    request: Request,
    found: Found,
    progress: Callable[[Progress], None],
) -> LoadReport:
    started, load_id = int(time.time()), before.name_next()
    now = time.time_ns() // 1_000
    reading = _read(root, root, before, request, found, load_id, now, progress)
    report = reading.report
    if not reading.changes_anything and not _rename_any(before.projects, reading.projects):
        return report
    record = LoadRow(
        load_id=load_id,
        started=started * 1_000_000,
        finished=int(time.time()) * 1_000_000,
        version=VERSION,
        sources=len(reading.fresh),
        read=report.read,
        stored=report.stored,
        updated=report.updated,
        duplicate=report.duplicate,
        rejected=report.rejected,
        skipped=sum(report.skipped.values()),
        learned=sum(report.learned.values()),
        learned_by_kind=write_kinds(report.learned),
        skipped_by_kind=write_kinds(report.skipped),
    )
    commit = Commit(root, before, reading.deduplication, reading.results, record, now)
    rejects = commit.write(reading.projects)
    report.load_id, report.rejects = load_id, rejects
    return report


@dataclass(frozen=True, slots=True)
class _Reading:
    """A load that has been read, staged and deduplicated."""

    fresh: list[Source]
    known: KnownSources
    projects: tuple[Project, ...]
    results: list[TaskResult]
    deduplication: Deduplication
    report: LoadReport

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to commit: events, rows or new sources."""
        has_new_sources = any(
            not self.known.covers(row.sha256, Defaults(row.organization_slug, row.project_slug))
            for result in self.results
            for row in result.sources
        )
        appended = any(result.appended for result in self.results)
        events = self.deduplication
        changed = events.stored or events.updated or events.superseded
        return bool(changed or appended or has_new_sources)


def _read(
    root: Path,
    staging: Path,
    before: Manifest,
    request: Request,
    found: Found,
    load_id: str,
    now: int,
    progress: Callable[[Progress], None],
) -> _Reading:
    known = KnownSources(root, before)
    fresh, old = found.sources, list[int]()
    if not request.force:
        fresh, old = known.select_fresh(found.sources, request.options.defaults)
    results = _run_tasks(staging, load_id, fresh, request, progress)
    known.look_up({row.sha256: row.size for result in results for row in result.sources})
    owners = join_owners(result.owners for result in results)
    projects = learn_projects(
        _forget_corrected(before, known, results, owners),
        results,
        owners,
        request.projects,
        request.options.defaults.organization_slug,
        now,
    )
    names = Projects(projects)
    if not request.force:
        owners.check_project(names)
    deduplication = deduplicate_load(root, staging, before, results, now)
    report = count_outcomes(results, deduplication)
    report.sources, report.ignored = len(found.sources), dict(+found.ignored)
    report.known_sources, report.known_rejects = len(old), sum(count > 0 for count in old)
    owners.count_unnamed(names, report.exactness)
    return _Reading(fresh, known, projects, results, deduplication, report)


def _forget_corrected(
    before: Manifest, known: KnownSources, results: list[TaskResult], owners: Owners
) -> Iterator[Project]:
    """Yield the known projects, without an --org that this load corrects."""
    corrected = known.find_corrected(row for result in results for row in result.sources)
    ids = {owner.project_id for owner in owners if owner.project_id}
    return forget_organizations(before.projects, corrected, ids)


def _rename_any(before: tuple[Project, ...], after: tuple[Project, ...]) -> bool:
    """Whether anything other than the time of a slug has changed."""

    def strip(projects: tuple[Project, ...]) -> list[tuple[Project, set[str]]]:
        return [(replace_fields(p, as_of=0, former=()), set(p.slugs)) for p in projects]

    return strip(before) != strip(after)


def _run_tasks(
    staging: Path,
    load_id: str,
    sources: Iterable[Source],
    request: Request,
    progress: Callable[[Progress], None],
) -> list[TaskResult]:
    tasks = list(plan_tasks(load_id, sources, request.options))
    total = sum(piece.size for task in tasks for piece in task.slices)
    done = 0

    def on_bytes_read(size: int) -> None:
        nonlocal done
        done += size
        progress(Progress(done, total))

    if request.executor:
        results = run_on_executor(request.executor, staging, tasks, on_bytes_read)
    else:
        results = run_tasks(staging, tasks, request.workers, on_bytes_read)
    _join_slices(tasks, results)
    progress(Progress(done, total, committing=True))
    return results


def _join_slices(tasks: list[Task], results: list[TaskResult]) -> None:
    """Join the rows of each source that was read in slices.

    A source that has changed since gets no SHA-256, so that it is read again.
    """
    sources = {piece.source.path: piece.source for task in tasks for piece in task.slices}
    slices: defaultdict[str, list[tuple[SourceRow, list[bytes]]]] = defaultdict(list)
    for result in results:
        for row, digests in result.slices:
            slices[row.path].append((row, digests))
    for path, pieces in slices.items():
        counts = {
            name: sum(getattr(row, name) for row, _ in pieces)
            for name in ("size", "read", "rejected", "skipped")
        }
        sha256 = join_digests(digest for _, digests in pieces for digest in digests)
        if has_changed(sources[path]):
            sha256 = UNHASHED
        results[0].sources.append(replace(pieces[0][0], sha256=sha256, **counts))
