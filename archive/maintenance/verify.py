"""Verify an archive against its manifest: its files, and optionally all bytes and rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.errors import DamagedArchive, NewerArchive
from archive.storage.checksums import check_parts
from archive.storage.layout import list_files
from archive.storage.manifest import (
    PARQUET,
    Manifest,
    PartFile,
    list_manifests,
    part_path,
    read_manifest,
)
from archive.storage.names import TEMPORARY, find_commit
from archive.storage.state import check_format, list_orphans, list_unfinished
from archive.tables.index import TABLE as INDEX
from archive.tables.index import find_differences, open_index
from archive.tables.loads import count_accounted, is_written_by_version, read_loads
from archive.tables.parts import BATCH_ROWS, check_footer, check_part, read_part
from archive.tables.rebuild import diff_rows
from archive.tables.registry import EVENT_TABLES
from archive.tables.superseded import find_wrong_digests
from archive.version import VERSION

RESTORE = "restore it from a backup, or load the sources again into a new archive"
REPAIR = "restore it from a backup, or run: event-archive repair"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: the file, the reason and the remedy."""

    path: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a verification.

    data: whether every byte was read. bytes: size of all parts. content: a digest of the events
    and their versions, equal for archives with the same content; None if the index is damaged or
    was not read.
    """

    problems: list[Problem]
    notes: list[str]
    manifests: int
    parts: int
    bytes: int
    events: int
    content: str | None
    data: bool

    @property
    def ok(self) -> bool:
        return not self.problems

    def dict(self) -> dict[str, Any]:
        """Convert to plain objects, for JSON."""
        return {"ok": self.ok, **asdict(self)}


def verify_archive(
    root: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
    data: bool = True,
) -> Verification:
    """Check the chain of manifests, the size and rows of every part, and the counts.

    data: also check all bytes: the SHA-256 and pages of every part, the digests of the payloads,
    and that all other tables match the payloads.
    progress: called with the bytes done and the total.

    Raises NewerArchive, OlderArchive.
    """
    manifest, problems = _check_chain(root)
    check_format(root, manifest)
    total = sum(part.size for part in manifest.parts)
    done = 0
    damaged = set()
    for part in manifest.parts:
        problem = _check_part(root, part, data)
        if problem:
            problems.append(problem)
            damaged.add(part.table)
        done += part.size
        progress(done, total)
    if not problems:
        try:
            problems += _check_counts(root, manifest)
        except DamagedArchive as error:  # as its size and footer do not show
            path, reason = str(error.fields["path"]), str(error.fields["reason"])
            problems.append(Problem(path, reason, REPAIR))
    if data and damaged.isdisjoint(EVENT_TABLES):
        strictly = "loads" not in damaged and is_written_by_version(root, manifest, VERSION)
        rows = _check_rows(root, manifest, strictly)
        problems += _check_nested_rows(root, manifest) or list(rows)
    if data and not damaged & {"index", "events", "payloads"}:
        problems += _check_index(root, manifest)
    if data and "superseded" not in damaged:
        problems += _check_superseded(root, manifest)
    later, notes = _list_leftovers(root, manifest)
    return Verification(
        problems=problems + later,
        notes=notes,
        manifests=len(list_manifests(root)),
        parts=len(manifest.parts),
        bytes=total,
        events=sum(part.rows for part in manifest.list_parts("events")),
        content=digest_content(root, manifest) if data and "index" not in damaged else None,
        data=data,
    )


def digest_content(root: Path, manifest: Manifest) -> str:
    """Compute a digest of the archive's events and their versions that ignores their order."""
    total = 0
    with open_index(root, manifest) as connection:
        rows = connection.execute("SELECT event_id, project_id, digest FROM live_entries")
        while batch := rows.fetchmany(BATCH_ROWS):
            for event_id, project_id, digest in batch:
                row = b"%b %b %b" % (
                    event_id.hex.encode(),
                    (project_id or "").encode(),
                    digest.bytes,
                )
                total += int.from_bytes(hashlib.sha256(row).digest())
    return f"{total % (1 << 256):064x}"


def _check_chain(root: Path) -> tuple[Manifest, list[Problem]]:
    """Return the newest readable manifest, and the problems of all manifests."""
    newest, problems = Manifest(), []
    before: str | None = None
    expected: int | None = None
    for path in list_manifests(root):
        try:
            manifest = read_manifest(path, root)
        except NewerArchive:
            raise
        except DamagedArchive as error:
            problems.append(Problem(str(path), str(error.fields.get("reason", error)), RESTORE))
            before = expected = None
            continue
        if expected is not None and manifest.number != expected:
            reason = f"manifest {expected} is missing before it"
            problems.append(Problem(str(path), reason, RESTORE))
        elif before is not None and manifest.previous_sha256 != before:
            reason = "it does not follow from the manifest before it"
            problems.append(Problem(str(path), reason, RESTORE))
        if manifest.number != int(path.stem):
            reason = f"it is the manifest {manifest.number}, renamed"
            problems.append(Problem(str(path), reason, RESTORE))
        newest, before, expected = manifest, manifest.sha256, manifest.number + 1
    return newest, problems


def _check_part(root: Path, part: PartFile, data: bool) -> Problem | None:
    try:
        if data:
            check_part(root, part)
        else:
            check_parts(root, [part])
            if part.suffix == PARQUET:
                check_footer(root / part.path, part.rows, root)
    except DamagedArchive as error:
        return Problem(str(root / part.path), str(error.fields["reason"]), REPAIR)
    return None


def _check_counts(root: Path, manifest: Manifest) -> list[Problem]:
    """Check that each event has a payload and an index row, and that all records are counted.

    Raises DamagedArchive.
    """
    problems = []
    rows = {
        table: sum(part.rows for part in manifest.list_parts(table))
        for table in ("events", "payloads")
    }
    rows[INDEX] = _count_indexed(root, manifest)
    if len(set(rows.values())) > 1:
        counted = ", ".join(f"{count:,} {table}" for table, count in rows.items())
        problems.append(Problem(str(root), f"the tables do not agree: {counted}", RESTORE))
    loads = list(read_loads(root, manifest.list_parts("loads")))
    stored = sum(load.stored for load in loads)
    if stored != rows["events"] + manifest.lost:
        reason = f"the loads stored {stored:,} events and there are {rows['events']:,}"
        problems.append(Problem(str(root), reason, RESTORE))
    for load in loads:
        if load.read != count_accounted(load):
            counts = f"{load.read:,} records and accounts for {count_accounted(load):,}"
            reason = f"load {load.load_id} read {counts}"
            problems.append(Problem(str(root), reason, RESTORE))
    return problems


def _count_indexed(root: Path, manifest: Manifest) -> int:
    with open_index(root, manifest) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM live_entries").fetchone() or (0,)
    return int(rows)


def _check_nested_rows(root: Path, manifest: Manifest) -> list[Problem]:
    """Check that the parts of a name have as many payloads, frames and tags as their events."""
    problems = []
    rows = {(part.table, part.name): part.rows for part in manifest.parts}
    for part in manifest.list_parts("events"):
        counts = read_part(root / part.path, ["frame_count", "tag_count"], part.rows, root)
        expected = {
            "payloads": part.rows,
            "frames": sum(counts["frame_count"].to_pylist()),
            "tags": sum(counts["tag_count"].to_pylist()),
        }
        for table, count in expected.items():
            actual = rows.get((table, part.name))
            if actual != count:
                reason = f"{actual or 0:,} rows, and its events have {count:,}"
                path = str(root / part_path(table, part.name))
                problems.append(Problem(path, reason, REPAIR))
    return problems


def _check_rows(root: Path, manifest: Manifest, strictly: bool) -> Iterator[Problem]:
    """Check the digests of the payloads and, if strictly, that the other tables match them.

    Rows that another version derived may differ; only `repair` rebuilds them.
    """
    for part in manifest.list_parts("payloads"):
        for table, reason in diff_rows(root, part.name):
            if strictly or table == "payloads":
                yield Problem(str(root / part_path(table, part.name)), reason, REPAIR)


def _check_index(root: Path, manifest: Manifest) -> Iterator[Problem]:
    """Check that the index matches the payloads."""
    for name in find_differences(root, manifest):
        path = str(root / part_path("payloads", name))
        yield Problem(path, "the index does not agree with it", REPAIR)


def _check_superseded(root: Path, manifest: Manifest) -> Iterator[Problem]:
    """Check the digests of replaced versions."""
    for part in manifest.list_parts("superseded"):
        for event_id in find_wrong_digests(root, part):
            reason = f"the version of event {event_id} is not what was stored"
            yield Problem(str(root / part.path), reason, REPAIR)


def _list_leftovers(root: Path, manifest: Manifest) -> tuple[list[Problem], list[str]]:
    """List files that are not in the current state: parts of a later one, and leftovers."""
    live = {part.path for part in manifest.parts}
    replaced = {retired.path: retired.since for retired in manifest.retired}
    unfinished = list_unfinished(root)
    newest = max((int(path.stem) for path in list_manifests(root)), default=0)
    orphans = list_orphans(root, newest)
    later = {orphan.path for orphan in orphans}
    notes = []
    for file in list_files(root):
        path = root / file
        commit = find_commit(path.name)
        if file in replaced:
            notes.append(f"{path}: replaced at {replaced[file]}; a load an hour later removes it")
        elif file in live or path in later:
            continue
        elif TEMPORARY in file or (commit and commit.name in unfinished):
            notes.append(f"{path}: of a load that did not finish; the next load removes it")
        else:
            notes.append(f"{path}: in no manifest; nothing reads it")
    return [Problem(str(o.path), o.reason, o.remedy) for o in orphans], notes
