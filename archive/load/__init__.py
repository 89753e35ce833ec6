"""Load exports into an archive: plan, tasks, settlement, commit."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive.exports.projects import Project
from archive.exports.sources import STDIN, Source, find_sources, hash_source
from archive.load.commit import Outcome, commit_load, settle_load
from archive.load.plan import LoadOptions, Task, plan_tasks
from archive.load.task import Fault, TaskResult, load_task
from archive.tables.directory import format_now, lock_directory, make_directory, sweep
from archive.tables.manifest import KnownProject, Load, Manifest, read_newest
from archive.tables.parts import read_part
from archive.version import VERSION


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is, in bytes of the sources as they are on disk; 0 in all if unknown."""

    done: int
    total: int


@dataclass(slots=True)
class LoadReport:
    """How a load ended: read = stored + updated + duplicate + rejected.

    load_id: None where nothing had to be committed.
    skipped: items that are no events by their kind, counted by kind.
    known_sources: sources that had been loaded in full before, and were not read again.
    faults: the first rejects, for people; all are in the file `rejects`.
    """

    load_id: str | None = None
    sources: int = 0
    known_sources: int = 0
    read: int = 0
    stored: int = 0
    updated: int = 0
    duplicate: int = 0
    rejected: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    rejects: Path | None = None


def load(
    path: Path,
    sources: Sequence[str | Path],
    options: LoadOptions,
    *,
    projects: Iterable[Project] = (),
    force: bool = False,
    dry_run: bool = False,
    progress: Callable[[Progress], None] = lambda progress: None,
) -> LoadReport:
    """Load exports into the archive at `path`, made if there is none.

    Raises SourceNotFound, TooManyRejects, ArchiveLocked, DamagedArchive, StorageFailed; the
    archive is then as it was before.
    """
    found = find_sources(sources)
    root = make_directory(path, VERSION)
    with lock_directory(root):
        before = read_newest(root)
        sweep(root, before)
        try:
            return _load_locked(root, before, found, options, projects, force, dry_run, progress)
        finally:
            sweep(root, read_newest(root))


def _load_locked(
    root: Path,
    before: Manifest,
    found: list[Source],
    options: LoadOptions,
    projects: Iterable[Project],
    force: bool,
    dry_run: bool,
    progress: Callable[[Progress], None],
) -> LoadReport:
    started = format_now()
    load_id = f"{before.number + 1:08}-{secrets.token_hex(2)}"
    known = _read_known_sources(root, before)
    fresh = found if force else [source for source in found if not _is_loaded(source, known)]
    results = _run_tasks(root, list(plan_tasks(load_id, fresh, options)), progress)

    learned = {KnownProject(p.project_id, p.project_slug, p.organization_slug) for p in projects}
    for result in results:
        learned |= result.projects
    outcome = settle_load(root, before, results)
    report = _report(outcome, results, fresh, found)
    changes = (
        outcome.stored
        or outcome.updated
        or any((row.size, row.sha256) not in known for result in results for row in result.sources)
    )
    if not dry_run:
        record = Load(
            load_id, started, format_now(), VERSION,
            sources=len(fresh), read=report.read, stored=report.stored, updated=report.updated,
            duplicate=report.duplicate, rejected=report.rejected,
            skipped=sum(report.skipped.values()),
        )  # fmt: skip
        committed = commit_load(root, before, outcome, results, record, learned, bool(changes))
        if committed:
            report.load_id, report.rejects = load_id, committed.rejects
    return report


def _run_tasks(
    root: Path, tasks: list[Task], progress: Callable[[Progress], None]
) -> list[TaskResult]:
    total = sum(source.size for task in tasks for source in task.sources)
    done = 0

    def see(size: int) -> None:
        nonlocal done
        done += size
        progress(Progress(done, total))

    return [load_task(root, task, see) for task in tasks]


def _read_known_sources(root: Path, manifest: Manifest) -> dict[tuple[int, str], bool]:
    """The sources loaded before, by size and SHA-256, and whether in full: nothing rejected."""
    known: dict[tuple[int, str], bool] = {}
    for part in manifest.list_parts("sources"):
        for row in read_part(root / part.path, ["size", "sha256", "rejected"]).to_pylist():
            key = (row["size"], row["sha256"])
            known[key] = known.get(key, False) or row["rejected"] == 0
    return known


def _is_loaded(source: Source, known: dict[tuple[int, str], bool]) -> bool:
    if source.path == STDIN or not any(size == source.size for size, _ in known):
        return False
    try:
        return known.get((source.size, hash_source(source)), False)
    except OSError:
        return False  # reading it will say what is wrong


def _report(
    outcome: Outcome, results: list[TaskResult], fresh: list[Source], found: list[Source]
) -> LoadReport:
    skipped: Counter[str] = Counter()
    for result in results:
        skipped.update(result.skipped)
    report = LoadReport(
        sources=len(found),
        known_sources=len(found) - len(fresh),
        read=sum(result.read for result in results),
        stored=outcome.stored,
        updated=outcome.updated,
        duplicate=outcome.duplicate,
        rejected=sum(result.rejected for result in results),
        skipped=dict(sorted(skipped.items())),
        faults=[fault for result in results for fault in result.faults],
    )
    if report.read != report.stored + report.updated + report.duplicate + report.rejected:
        raise AssertionError(f"records were lost in the count: {report}")
    return report
