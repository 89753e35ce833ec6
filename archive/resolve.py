"""Answer event IDs from the archive, as Sentry's API would."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from archive.errors import (
    ArchiveError,
    DamagedArchive,
    EventNotFound,
    IssueNotFound,
    ShortIdNotFound,
)
from archive.events.answer import Owner, answer_event, extract_event
from archive.events.identity import Key, digest_json
from archive.events.model import compact_json
from archive.events.reference import EventReference, IssueReference, parse_reference
from archive.events.views import detail_event, download_event, summarize_event
from archive.exports.shapes import Shape
from archive.jsontext import parse_loosely
from archive.storage.checksums import check_bytes
from archive.storage.manifest import Manifest, part_path
from archive.tables.lookup import IndexEntry, Lookup, Payload, list_within
from archive.tables.projects import Projects

BATCH = 2000
# The event that an issue reference means, within an organization and a project, if there is one.
FindInIssue = Callable[[IssueReference, str | None, str | None], Key | None]


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

    @property
    def event(self) -> bytes:
        """The event alone, as a member of a full list."""
        return extract_event(self.compacted, self.shape, self.event_id, self.owner)

    @property
    def summary(self) -> bytes:
        """The event as a member of a list that is not full."""
        return summarize_event(self.event)

    @property
    def download(self) -> bytes | None:
        """The event as the JSON that Sentry's interface gives; None where no export tells it."""
        return download_event(self.compacted, self.shape, self.event_id, self.owner.project_id)

    def detail(self, previous: str | None, following: str | None) -> bytes:
        """The event as event details show it, between its neighbours."""
        return detail_event(self.event, self.compacted, self.shape, previous, following)

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
    """Where an event is, and its slugs, filled in from what the archive knows."""

    found: IndexEntry
    projects: Projects
    organization_slug: str | None
    project_slug: str | None

    @property
    def event_id(self) -> str:
        return self.found.event_id

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """Of several projects' events of an ID the newest is the answer.

        An event whose project is not known comes after those whose project is.
        """
        found = self.found
        is_known = bool(found.project_id or self.project_slug)
        shape = Shape(found.shape)
        return is_known, found.timestamp or 0, shape.completeness, found.project_id or ""

    def is_in(self, organization: str | None, project: str | None) -> bool:
        """Whether the event belongs there; an organization that is not known is no obstacle."""
        known = self.organization_slug
        if organization and known and organization != known:
            return False
        is_in = self.projects.is_in
        return not project or is_in(project, self.project_slug, self.found.project_id)

    def compact(self, payload: Payload) -> bytes | None:
        """The payload's compact JSON; None if it is not the payload that the index means.

        Most exports are compact, which their digest tells.
        """
        if digest_json(payload.raw) == self.found.digest:
            return payload.raw
        compacted = compact_json(payload.raw)
        return compacted if digest_json(compacted) == self.found.digest else None

    def answer(self, payload: Payload, compacted: bytes) -> Answer:
        slugs = self.organization_slug, self.project_slug
        owner = Owner(*slugs, self.found.project_id, payload.group_id)
        return Answer(self.event_id, owner, Shape(self.found.shape), payload.raw, compacted)


class Resolver:
    """Looks events up by ID; what it has opened and read of the index stays warm."""

    def __init__(self, root: Path, manifest: Manifest, find_in_issue: FindInIssue) -> None:
        self._root, self._manifest, self._find_in_issue = root, manifest, find_in_issue
        self._lookup = Lookup(root, manifest)
        self._projects = Projects(manifest.projects)
        self._trusted: set[str] = set()

    def resolve(self, reference: str, organization: str | None, project: str | None) -> Answer:
        """The newest event of an ID, or the event that an issue or a link means.

        Raises InvalidEventId, EventNotFound, DamagedArchive.
        """
        answer = next(self.resolve_many([reference], organization, project))
        if isinstance(answer, Missing):
            raise answer.error
        return answer

    def find(
        self, reference: str, organization: str | None, project: str | None
    ) -> list[tuple[IndexEntry, Answer]]:
        """Every event of an ID, also those of other projects; `resolve` answers the first.

        Raises InvalidEventId, EventNotFound, DamagedArchive.
        """
        key = self._try_read(reference, organization, project)
        if not isinstance(key, Key):
            raise key
        entries = [
            entry
            for entry in map(self._read_entry, self._lookup.find([key.event_id]))
            if entry.is_in(organization, project)
        ]
        if not entries:
            self._confirm_absence([key.event_id])
            raise EventNotFound()
        answers = self._read_answers(entries)
        entries.sort(key=lambda entry: _prefer(entry, key), reverse=True)
        return [(entry.found, answers[entry]) for entry in entries]

    def resolve_many(
        self, asked: Iterable[str], organization: str | None, project: str | None
    ) -> Iterator[Answer | Missing]:
        """Answers in the order of the questions, looked up in batches."""
        remaining = iter(asked)
        while batch := list(islice(remaining, BATCH)):
            yield from self._resolve_batch(batch, organization, project)

    def resolve_keys(self, keys: Iterable[Key]) -> list[Answer]:
        """The events that keys of this archive find, in their order. Raises DamagedArchive."""
        wanted = list(keys)
        by_project: dict[tuple[str | None, str | None], list[str]] = {}
        for event_id, *where in wanted:
            by_project.setdefault((where[0], where[1]), []).append(event_id)
        found: dict[Key, Answer] = {}
        for place, event_ids in by_project.items():
            for answer in self.resolve_many(event_ids, *place):
                if isinstance(answer, Missing):
                    raise answer.error
                found[Key(answer.event_id, *place)] = answer
        return [found[key] for key in wanted]

    def _resolve_batch(
        self, asked: list[str], organization: str | None, project: str | None
    ) -> Iterator[Answer | Missing]:
        keys = [self._try_read(text, organization, project) for text in asked]
        wanted = sorted({key.event_id for key in keys if isinstance(key, Key)})
        found: dict[str, list[_Entry]] = {event_id: [] for event_id in wanted}
        for entry in map(self._read_entry, self._lookup.find(wanted)):
            if entry.is_in(organization, project):
                found[entry.event_id].append(entry)
        self._confirm_absence([event_id for event_id in wanted if not found[event_id]])
        chosen = {
            key: _choose(found[key.event_id], key)
            for key in keys
            if isinstance(key, Key) and found[key.event_id]
        }
        answers = self._read_answers(set(chosen.values()))
        for text, key in zip(asked, keys, strict=True):
            if not isinstance(key, Key):
                yield Missing(text, key)
            elif key not in chosen:
                yield Missing(key.event_id, EventNotFound())
            else:
                yield answers[chosen[key]]

    def _try_read(
        self, text: str, organization: str | None, project: str | None
    ) -> Key | ArchiveError:
        """What finds the event that is asked for, as far as the question contains it."""
        try:
            reference = parse_reference(text)
        except ArchiveError as error:
            return error
        if isinstance(reference, EventReference):
            return Key(reference.event_id, None, reference.project)
        key = self._find_in_issue(reference, organization, project)
        if key is not None:
            return key
        missing = IssueNotFound if reference.short_id is None else ShortIdNotFound
        return missing(issue=reference.issue)

    def _read_entry(self, found: IndexEntry) -> _Entry:
        return _Entry(found, self._projects, *self._projects.name(found.owner))

    def _confirm_absence(self, event_ids: list[str]) -> None:
        """Make sure that what is not found is not there.

        A found event proves itself by its digest; but a damaged footer could hide one. Each index
        part is checked once.
        """
        for part in self._manifest.list_parts("index"):
            if part.path not in self._trusted and list_within(event_ids, part):
                check_bytes(self._root, part)
                self._trusted.add(part.path)

    def _read_answers(self, entries: Iterable[_Entry]) -> dict[_Entry, Answer]:
        by_part: dict[str, list[_Entry]] = defaultdict(list)
        for entry in entries:
            by_part[entry.found.part].append(entry)
        answers: dict[_Entry, Answer] = {}
        for part, wanted in by_part.items():
            payloads = self._lookup.read(part, [entry.found.row for entry in wanted])
            for entry in wanted:
                payload = payloads.get(entry.found.row)
                compacted = entry.compact(payload) if payload else None
                if not payload or compacted is None:
                    path = self._root / part_path("payloads", part)
                    reason = f"the payload of event {entry.event_id} is not what was stored"
                    raise DamagedArchive(path=path, reason=reason, archive=self._root)
                answers[entry] = entry.answer(payload, compacted)
        return answers


def _choose(entries: list[_Entry], key: Key) -> _Entry:
    """The newest, but first those where a link says: a project that is renamed hides nothing."""
    return max(entries, key=lambda entry: _prefer(entry, key))


def _prefer(entry: _Entry, key: Key) -> tuple[bool, tuple[bool, int, int, str]]:
    return entry.is_in(key.organization, key.project), entry.rank
