"""Answer event IDs from the archive, as Sentry's API would."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import ArchiveError, DamagedArchive, EventNotFound
from archive.events.answer import Owner, answer_event
from archive.events.identity import digest_json, read_event_id
from archive.exports.shapes import Shape
from archive.jsontext import compact, parse_loosely
from archive.query.connection import connect, read_parquet, report_damage
from archive.tables.files import check_bytes
from archive.tables.manifest import Manifest, PartFile

if TYPE_CHECKING:
    import duckdb

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """A resolved event.

    raw: the exact bytes as they were exported. compacted: the same without white space outside
    strings. body: the API's answer, compact JSON in UTF-8.
    """

    event_id: str
    owner: Owner
    shape: Shape
    raw: bytes
    compacted: bytes

    @property
    def body(self) -> bytes:
        return answer_event(self.compacted, self.shape, self.event_id, self.owner)

    def json(self) -> dict[str, Any]:
        """The API's answer as Python objects."""
        answer: dict[str, Any] = parse_loosely(self.body)
        return answer


@dataclass(frozen=True, slots=True)
class Missing:
    """An ID that could not be resolved, as it was asked for, and why."""

    asked: str
    error: ArchiveError

    @property
    def body(self) -> bytes:
        """A line that says so, in the API's words."""
        said = {"eventId": self.asked, "detail": str(self.error)}
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")


@dataclass(frozen=True, slots=True)
class _Entry:
    """An index row, the slugs filled in from what the archive knows."""

    event_id: str
    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    timestamp: int
    shape: Shape
    digest: bytes
    part: str
    row: int

    @property
    def rank(self) -> tuple[int, int, str]:
        """Of several projects' events of an ID the newest is the answer."""
        return self.timestamp, self.shape.completeness, self.project_id or ""

    def is_in(self, organization: str | None, project: str | None) -> bool:
        """Whether the event belongs there; an organization that is not known is no obstacle."""
        known = self.organization_slug
        if organization and known and organization != known:
            return False
        return not project or project in (self.project_slug, self.project_id)


class Resolver:
    """Looks events up by ID; keeps its connection, and DuckDB its Parquet footers, warm."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self._root, self._manifest = root, manifest
        self._trusted: set[str] = set()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def resolve(self, event_id: str, organization: str | None, project: str | None) -> Answer:
        """The newest event of an ID, in any form that people paste.

        Raises InvalidEventId, EventNotFound, DamagedArchive.
        """
        answer = next(self.resolve_many([event_id], organization, project))
        if isinstance(answer, Missing):
            raise answer.error
        return answer

    def resolve_many(
        self, asked: Iterable[str], organization: str | None, project: str | None
    ) -> Iterator[Answer | Missing]:
        """Answers in the order of the questions, looked up in batches."""
        remaining = iter(asked)
        while batch := list(islice(remaining, BATCH)):
            yield from self._resolve_batch(batch, organization, project)

    def _resolve_batch(
        self, asked: list[str], organization: str | None, project: str | None
    ) -> Iterator[Answer | Missing]:
        normalized = [_try_read(text) for text in asked]
        wanted = sorted({text for text in normalized if isinstance(text, str)})
        newest: dict[str, _Entry] = {}
        for entry in self._find_entries(wanted):
            if entry.is_in(organization, project):
                other = newest.get(entry.event_id)
                if other is None or entry.rank > other.rank:
                    newest[entry.event_id] = entry
        self._confirm_absence([event_id for event_id in wanted if event_id not in newest])
        answers = self._read_payloads(list(newest.values()))
        for text, event_id in zip(asked, normalized, strict=True):
            if not isinstance(event_id, str):
                yield Missing(text, event_id)
            elif event_id not in newest:
                yield Missing(event_id, EventNotFound())
            else:
                yield answers[event_id]

    def _find_entries(self, event_ids: list[str]) -> Iterator[_Entry]:
        for part in self._manifest.list_parts("index"):
            within = _list_within(event_ids, part)
            if not within:
                continue
            path = self._root / part.path
            with report_damage(self._root, path):
                rows = self._execute(
                    "SELECT event_id, organization_slug, project_slug, project_id, "
                    "coalesce(epoch_us(timestamp), 0), shape, digest, part, row "
                    f"FROM {read_parquet([str(path)])} WHERE event_id IN {_bind(within)}",
                    within,
                )
                yield from [self._read_entry(row) for row in rows]

    def _read_entry(self, row: tuple[Any, ...]) -> _Entry:
        event_id, organization_slug, project_slug, project_id, timestamp, shape, *where = row
        known = self._manifest.find_project(project_id, organization_slug)
        if known:
            organization_slug = organization_slug or known.organization_slug
            project_slug = project_slug or known.project_slug
        slugs = organization_slug, project_slug
        return _Entry(event_id, *slugs, project_id, timestamp, Shape(shape), *where)

    def _confirm_absence(self, event_ids: list[str]) -> None:
        """Make sure that what is not found is not there.

        A found event proves itself by its digest; DuckDB does not check the pages' checksums, so
        that a damaged index could hide one. Each index part is checked once.
        """
        for part in self._manifest.list_parts("index"):
            if part.path not in self._trusted and _list_within(event_ids, part):
                check_bytes(self._root, part)
                self._trusted.add(part.path)

    def _read_payloads(self, entries: list[_Entry]) -> dict[str, Answer]:
        by_part: dict[str, list[_Entry]] = {}
        for entry in entries:
            by_part.setdefault(entry.part, []).append(entry)
        answers: dict[str, Answer] = {}
        for part, wanted in by_part.items():
            path = self._root / "payloads" / f"{part}.parquet"
            numbers = [entry.row for entry in wanted]
            with report_damage(self._root, path):
                rows = self._execute(
                    "SELECT file_row_number, event_id, group_id, raw "
                    f"FROM {read_parquet([str(path)])} WHERE file_row_number IN {_bind(numbers)}",
                    numbers,
                )
            found = {number: values for number, *values in rows}
            for entry in wanted:
                event_id, group_id, raw = found.get(entry.row, ("", None, b""))
                compacted = compact(raw)
                if event_id != entry.event_id or digest_json(compacted) != entry.digest:
                    reason = f"the payload of event {entry.event_id} is not what was stored"
                    raise DamagedArchive(path=path, reason=reason, archive=self._root)
                owner = Owner(
                    entry.organization_slug, entry.project_slug, entry.project_id, group_id
                )
                answers[event_id] = Answer(event_id, owner, entry.shape, raw, compacted)
        return answers

    def _execute(self, query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = connect()
        return self._connection.cursor().execute(query, parameters).fetchall()


def _list_within(event_ids: list[str], part: PartFile) -> list[str]:
    """Those of the IDs that could be in a part."""
    low, high = part.min_event_id or "", part.max_event_id or ""
    return [event_id for event_id in event_ids if low <= event_id <= high]


def _try_read(text: str) -> str | ArchiveError:
    try:
        return read_event_id(text)
    except ArchiveError as error:
        return error


def _bind(values: list[Any]) -> str:
    return f"({', '.join('?' * len(values))})"
