"""Check an archive against its manifest: every file, every byte, every page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.errors import DamagedArchive
from archive.tables.directory import TABLES
from archive.tables.manifest import Manifest, PartFile, list_manifests, read_manifest
from archive.tables.parts import hash_file, read_part

RESTORE = "restore it from a backup, or load the sources again into a new archive"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be: in which file, what, and what to do."""

    path: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found.

    content: a digest of which events the archive holds, in which version; two archives with
    the same content have the same, however they came about.
    """

    problems: list[Problem]
    notes: list[str]
    manifests: int
    parts: int
    bytes: int
    events: int
    content: str | None

    @property
    def ok(self) -> bool:
        return not self.problems

    def dict(self) -> dict[str, Any]:
        """As plain objects, for JSON."""
        return {"ok": self.ok, **asdict(self)}


def verify_archive(
    root: Path, manifest: Manifest, progress: Callable[[int, int], None] = lambda done, total: None
) -> Verification:
    """Check the chain of manifests, and of every part its size, SHA-256, pages and rows.

    `progress` is told the bytes done and the bytes in all.
    """
    problems = [*_check_chain(root)]
    total = sum(part.size for part in manifest.parts)
    done = 0
    for part in manifest.parts:
        problems += _check_part(root, part)
        done += part.size
        progress(done, total)
    problems += _check_counts(root, manifest)
    damaged = any(problem.path.startswith(str(root / "index")) for problem in problems)
    return Verification(
        problems=problems,
        notes=_list_orphans(root, manifest),
        manifests=len(list_manifests(root)),
        parts=len(manifest.parts),
        bytes=total,
        events=sum(part.rows for part in manifest.list_parts("events")),
        content=None if damaged else digest_content(root, manifest),
    )


def digest_content(root: Path, manifest: Manifest) -> str:
    """A digest of the archive's events and their versions, whatever order they came in."""
    import pyarrow as pa

    columns = ["event_id", "project_id", "digest"]
    rows = [read_part(root / p.path, columns, root=root) for p in manifest.list_parts("index")]
    digest = hashlib.sha256()
    if rows:
        order = [(column, "ascending") for column in columns]
        for row in pa.concat_tables(rows).sort_by(order).to_pylist():
            project = (row["project_id"] or "").encode()
            digest.update(b"%b %b %b\n" % (row["event_id"].encode(), project, row["digest"]))
    return digest.hexdigest()


def _check_chain(root: Path) -> Iterator[Problem]:
    before: str | None = None
    expected: int | None = None
    for path in list_manifests(root):
        try:
            manifest = read_manifest(path, root)
        except DamagedArchive as error:
            yield Problem(str(path), str(error.fields.get("reason", error)), RESTORE)
            before = expected = None
            continue
        if expected is not None and manifest.number != expected:
            yield Problem(str(path), f"manifest {expected} is missing before it", RESTORE)
        elif before is not None and manifest.previous_sha256 != before:
            yield Problem(str(path), "it does not follow from the manifest before it", RESTORE)
        if manifest.number != int(path.stem):
            yield Problem(str(path), f"it is the manifest {manifest.number}, renamed", RESTORE)
        before, expected = manifest.sha256, manifest.number + 1


def _check_part(root: Path, part: PartFile) -> list[Problem]:
    path = root / part.path
    try:
        size = path.stat().st_size
        if size != part.size:
            reason = f"{size:,} bytes, and should have {part.size:,}"
        elif hash_file(path) != part.sha256:
            reason = "its SHA-256 is not the one recorded"
        else:
            read_part(path, None, part.rows, root)
            return []
    except OSError as error:
        reason = error.strerror or str(error)
    except DamagedArchive as error:
        reason = str(error.fields["reason"])
    return [Problem(str(path), reason, RESTORE)]


def _check_counts(root: Path, manifest: Manifest) -> list[Problem]:
    """One payload and one index row an event, and every record of every load accounted for."""
    problems = []
    rows = {
        table: sum(part.rows for part in manifest.list_parts(table))
        for table in ("events", "payloads", "index")
    }
    if len(set(rows.values())) > 1:
        counted = ", ".join(f"{count:,} {table}" for table, count in rows.items())
        problems.append(Problem(str(root), f"the tables do not agree: {counted}", RESTORE))
    stored = sum(load.stored for load in manifest.loads)
    if stored != rows["events"]:
        reason = f"the loads stored {stored:,} events and there are {rows['events']:,}"
        problems.append(Problem(str(root), reason, RESTORE))
    for load in manifest.loads:
        ended = load.stored + load.updated + load.duplicate + load.rejected
        if load.read != ended:
            reason = f"load {load.load_id} read {load.read:,} records and accounts for {ended:,}"
            problems.append(Problem(str(root), reason, RESTORE))
    return problems


def _list_orphans(root: Path, manifest: Manifest) -> list[str]:
    live = {part.path for part in manifest.parts}
    return [
        f"{path}: in no manifest; the next load removes it"
        for table in TABLES
        for path in sorted((root / table).glob("*"))
        if f"{table}/{path.name}" not in live
    ]
