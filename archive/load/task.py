"""Run a task: read its sources, stage their events and count the records."""

from __future__ import annotations

import gc
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.errors import InvalidEventId, OtherVersion, TooManyRejects
from archive.events.exactness import Exactness
from archive.events.flatten import flatten_event
from archive.events.learned import Origin, learn
from archive.events.rows import SourceRow
from archive.exports.budget import Budget, SourceFault
from archive.exports.containers import open_streams
from archive.exports.detect import Export, Unsupported, detect
from archive.exports.project_map import Organization, Project
from archive.exports.records import (
    REJECT_SAMPLE_BYTES,
    Learned,
    Record,
    Reject,
    Skipped,
    SourceLocation,
)
from archive.exports.slices import Slice, count_lines_before, read_slice
from archive.exports.source_hash import BlockHasher, join_digests
from archive.exports.sources import has_changed
from archive.exports.split import split_records
from archive.load.learned_rows import LearnedRows
from archive.load.owners import Owners
from archive.load.plan import Task
from archive.load.rejects import RejectFile
from archive.storage.manifest import PartFile
from archive.tables.builder import Batch
from archive.version import VERSION

PART_BYTES = 128 << 20
PART_ROWS = 400_000
PART_EVENTS = 50_000
GIANT_BYTES = 16 << 20  # an event of this size is held in memory alone
REJECT_SAMPLES = 100
UNHASHED = ""


@dataclass(frozen=True, slots=True)
class StagedPart:
    """Staged parts that hold the same events, one of each event table.

    order: the position of each event within the task.
    """

    name: str
    parts: tuple[PartFile, ...]
    order: array[int]


@dataclass(frozen=True, slots=True)
class RejectSample:
    """The location of a reject, and the reason, as text."""

    place: str
    reason: str


@dataclass(slots=True)
class TaskResult:
    """The result of a task; it can be sent between processes.

    appended: staged parts of tables that loads append to. sources: those read whole. slices: of
    others, each with the SHA-256 of its blocks. learned, skipped: number of records that
    are not events, by kind. exactness: of all events that were read, also those not stored.
    """

    parts: list[StagedPart] = field(default_factory=list)
    appended: list[PartFile] = field(default_factory=list)
    sources: list[SourceRow] = field(default_factory=list)
    slices: list[tuple[SourceRow, list[bytes]]] = field(default_factory=list)
    owners: Owners = field(default_factory=Owners)
    projects: set[Project] = field(default_factory=set)
    organizations: set[Organization] = field(default_factory=set)
    reject_samples: list[RejectSample] = field(default_factory=list)
    learned: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    exactness: Exactness = field(default_factory=Exactness)
    rejects: PartFile | None = None
    read: int = 0
    rejected: int = 0


def load_task(
    root: Path, task: Task, on_bytes_read: Callable[[int], None] = lambda size: None
) -> TaskResult:
    """Read the task's sources and stage their events as parts under `root`.

    on_bytes_read: called with the number of bytes read since the last call.

    Raises OtherVersion, TooManyRejects, StorageFailed.
    """
    if task.version != VERSION:
        raise OtherVersion(planned=task.version, found=VERSION)
    attempt = task.name_attempt()
    with RejectFile(root, attempt) as rejects, _pause_collector():
        worker = _Worker(root, task, attempt, rejects, on_bytes_read)
        for piece in task.slices:
            worker.load_slice(piece)
        worker.flush()
    worker.result.rejects = rejects.part
    return worker.result


@contextmanager
def _pause_collector() -> Iterator[None]:
    """Keep the garbage collector from scanning a million rows repeatedly."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Worker:
    """A running task: the events not yet staged, and the counts so far."""

    def __init__(
        self,
        root: Path,
        task: Task,
        attempt: str,
        rejects: RejectFile,
        on_bytes_read: Callable[[int], None],
    ) -> None:
        self._root, self._task, self._attempt, self._rejects = root, task, attempt, rejects
        self._on_bytes_read = on_bytes_read
        self._batch = Batch()
        self._buffer = LearnedRows(root, attempt)
        self._staged = 0
        self._slice = task.slices[0]
        self._lines_before: int | None = None
        self.result = TaskResult()

    def load_slice(self, piece: Slice) -> None:
        """Read a slice of a source. Raises TooManyRejects, StorageFailed."""
        hasher, size = BlockHasher(), 0

        def on_chunk(chunk: bytes) -> None:
            nonlocal size
            hasher.update(chunk)
            size += len(chunk)
            self._on_bytes_read(len(chunk))

        result = self.result
        before = result.read, result.rejected, result.skipped.total()
        self._slice, self._lines_before = piece, None
        self._budget = Budget(self._task.options.limits)
        for item in _read_records(piece, self._budget, on_chunk):
            if isinstance(item, Record):
                self._take(item)
            elif isinstance(item, Reject):
                self._reject(item)
            elif isinstance(item, Learned):
                self._learn(item)
            else:
                self._skip(item)
        after = result.read, result.rejected, result.skipped.total()
        read, rejected, skipped = (new - old for new, old in zip(after, before, strict=True))
        path, digests = piece.source.path, hasher.list_digests()
        defaults = self._task.options.defaults
        row = SourceRow(
            load_id=self._task.load_id,
            path=path,
            size=size,
            sha256=join_digests(digests) if piece.is_whole else UNHASHED,
            read=read,
            rejected=rejected,
            skipped=skipped,
            organization_slug=defaults.organization_slug,
            project_slug=defaults.project_slug,
        )
        if piece.is_whole:
            result.sources.append(row)
        else:
            result.slices.append((row, digests))

    def flush(self) -> None:
        """Stage the events and rows read so far."""
        self._buffer.flush()
        self.result.appended = self._buffer.parts
        if not len(self._batch):
            return
        name = f"{self._attempt}-{len(self.result.parts) + 1:04}"
        parts, rows = self._batch.stage(self._root, name, self._task.keys[self._staged :])
        order = array("q", [self._staged + row for row in rows])
        self.result.parts.append(StagedPart(name, tuple(parts), order))
        self._staged += len(order)
        self._batch = Batch()
        gc.collect()

    def _take(self, record: Record) -> None:
        for item in detect(record, self._task.options.limits):
            if isinstance(item, Skipped):
                self._skip(item)
            elif isinstance(item, Learned):
                self._learn(item)
            elif isinstance(item, Unsupported):
                self._reject(_reject(item.place, item.reason, item.raw))
            else:
                self._flatten(item)

    def _flatten(self, export: Export) -> None:
        if len(export.raw) > GIANT_BYTES:
            self.flush()
        try:
            rows = flatten_event(export, self._task.load_id, self._task.options.defaults)
        except InvalidEventId:
            return self._reject(_reject(export.place, "no valid event ID (eventID)", export.raw))
        except RecursionError:
            return self._reject(_reject(export.place, "nested too deeply", export.raw))
        except ValueError as error:
            return self._reject(_reject(export.place, f"not valid JSON: {error}", export.raw))
        self.result.read += 1
        self.result.exactness.count(export.shape)
        self.result.exactness.without_issue += rows.payload.group_id is None
        self.result.owners.add(rows)
        batch = self._batch
        batch.add(rows)
        if batch.bytes >= PART_BYTES or batch.rows >= PART_ROWS or len(batch) >= PART_EVENTS:
            self.flush()
        return None

    def _learn(self, record: Learned) -> None:
        source, result = self._slice.source, self.result
        as_of = (source.modified or time.time_ns()) // 1000  # standard input has no other time
        origin = Origin(self._task.load_id, as_of, self._task.options.defaults)
        try:
            facts = learn(record, origin)
        except RecursionError:
            return self._reject(_reject(record.place, "nested too deeply", record.raw))
        except ValueError as error:
            return self._reject(_reject(record.place, str(error), record.raw))
        result.read += 1
        result.learned[record.kind.value] += 1
        result.projects.update(facts.projects)
        result.organizations.update(facts.organizations)
        self._buffer.add(facts, len(record.raw) + len(record.data or b""))
        return None

    def _skip(self, item: Skipped) -> None:
        self.result.read += 1
        self.result.skipped[item.kind] += 1

    def _reject(self, reject: Reject) -> None:
        reject = replace(reject, place=self._count_line(reject.place))
        result, limit = self.result, self._task.options.max_rejects
        result.read += 1
        result.rejected += 1
        self._budget.reject()
        if limit is not None and result.rejected > limit:
            raise TooManyRejects(place=reject.place, reason=reject.reason)
        if len(result.reject_samples) < REJECT_SAMPLES:
            result.reject_samples.append(RejectSample(str(reject.place), reject.reason))
        self._rejects.write(reject)

    def _count_line(self, place: SourceLocation) -> SourceLocation:
        """Convert a line within the slice to a line within the source."""
        if self._slice.is_whole:
            return place
        if self._lines_before is None:
            try:
                self._lines_before = count_lines_before(self._slice)
            except OSError:  # the file was removed; the byte offset is still right
                self._lines_before = 0
        return replace(place, line=place.line + self._lines_before)


def _read_records(
    piece: Slice, budget: Budget, on_chunk: Callable[[bytes], None]
) -> Iterator[Record | Reject | Skipped | Learned]:
    limits, path, member = budget.limits, piece.source.path, None
    chunks = read_slice(piece, on_chunk)
    try:
        for stream in open_streams(chunks, budget):
            if isinstance(stream, Skipped):
                yield stream
                continue
            member = stream.member
            for item in split_records(stream.chunks, path, member, limits, piece.start):
                yield item
                if budget.spent and not budget.is_cut:
                    place = SourceLocation(path, member, 1, 0)
                    place = place if isinstance(item, Skipped) else item.place
                    yield _reject(place, f"{budget.spent}: the rest is not read", b"")
                    break
            if budget.spent:
                break
    except SourceFault as fault:
        yield _reject(SourceLocation(path, member, 1, 0), str(fault), b"")
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        yield _reject(SourceLocation(path, None, 1, piece.start), reason, b"")
        return
    for _ in chunks:  # read the rest, so that the SHA-256 is that of the whole file
        pass
    if piece.stop is None and has_changed(piece.source):
        reason = "the file changed while it was read; load it again when it is complete"
        yield _reject(SourceLocation(path, None, 1, piece.start), reason, b"")


def _reject(place: SourceLocation, reason: str, raw: bytes) -> Reject:
    return Reject(place, reason, raw[:REJECT_SAMPLE_BYTES], len(raw))
