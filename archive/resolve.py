"""Resolve event IDs to the answers of Sentry's API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from archive.errors import (
    ArchiveError,
    DamagedArchive,
    EventNotFound,
    IssueNotFound,
    ShortIdNotFound,
)
from archive.events.identity import Key, digest_json
from archive.events.reference import EventReference, IssueReference, parse_reference
from archive.events.responses import (
    Owner,
    answer_event,
    detail_event,
    download_event,
    extract_event,
    summarize_event,
)
from archive.exports.shapes import Shape
from archive.jsontext import compact_json, dump, parse
from archive.storage.manifest import Manifest, part_path
from archive.tables.index import IndexEntry
from archive.tables.lookup import Lookup
from archive.tables.projects import Ownership, Projects

BATCH = 10_000
# Finds the event of an issue reference, within an organization and a project.
FindInIssue = Callable[[IssueReference, str | None, str | None], Key | None]


class Answer(NamedTuple):
    """A resolved event.

    raw: the exported bytes. compacted: the same without white space outside strings.
    """

    event_id: str
    owner: Owner
    shape: Shape
    raw: bytes
    compacted: bytes

    @property
    def body(self) -> bytes:
        """The API's answer: compact JSON in UTF-8."""
        return answer_event(self.compacted, self.shape, self.event_id, self.owner)

    @property
    def event(self) -> bytes:
        """The event without the envelope, as in a full list."""
        return extract_event(self.compacted, self.shape, self.event_id, self.owner)

    @property
    def summary(self) -> bytes:
        """The event as in a list that is not full."""
        return summarize_event(self.event)

    @property
    def download(self) -> bytes | None:
        """The event as Sentry's UI downloads it; None if the export does not contain enough."""
        return download_event(self.compacted, self.shape, self.event_id, self.owner.project_id)

    def detail(self, previous: str | None, following: str | None) -> bytes:
        """Build the event details, with the IDs of the previous and the next event."""
        return detail_event(self.event, self.compacted, self.shape, previous, following)

    def json(self) -> dict[str, Any]:
        """The API's answer as Python objects."""
        answer: dict[str, Any] = parse(self.body)
        return answer


class Missing(NamedTuple):
    """A reference that could not be resolved, and why."""

    reference: str
    error: ArchiveError

    @property
    def body(self) -> bytes:
        """The error as compact JSON in UTF-8."""
        answer = {"eventId": self.reference, "detail": str(self.error)}
        return dump(answer)


class _Entry(NamedTuple):
    """An index entry, with slugs completed from the archive's projects."""

    location: IndexEntry
    projects: Projects
    organization_slug: str | None
    project_slug: str | None

    @property
    def event_id(self) -> str:
        return self.location.event_id

    @property
    def rank(self) -> tuple[bool, bool, int, int, str]:
        """The sort key of events with the same ID: the newest of a known project is the answer.

        A project that the export names comes before one that only an option named.
        """
        location = self.location
        is_known = bool(location.project_id or self.project_slug)
        is_named = bool(location.project_id or not location.project_given)
        completeness = Shape(location.shape).completeness
        return is_known, is_named, location.timestamp or 0, completeness, location.project_id or ""

    def is_in(self, organization: str | None, project: str | None) -> bool:
        """Whether the event is in a project; an unknown organization matches any."""
        known = self.organization_slug
        if organization and known and organization != known:
            return False
        is_in = self.projects.is_in
        return not project or is_in(project, self.project_slug, self.location.project_id)

    def answer(self, raw: bytes) -> Answer | None:
        """Return the answer; None if the bytes do not match the index's digest."""
        location = self.location
        compacted = raw  # most exports are compact
        if digest_json(raw) != location.digest:
            compacted = compact_json(raw)
            if digest_json(compacted) != location.digest:
                return None
        slugs = self.organization_slug, self.project_slug
        owner = Owner(*slugs, location.project_id, location.group_id)
        return Answer(self.event_id, owner, Shape(location.shape), raw, compacted)


class Resolver:
    """Resolves references; files stay open until it is closed."""

    def __init__(self, root: Path, manifest: Manifest, find_in_issue: FindInIssue) -> None:
        self._root, self._find_in_issue = root, find_in_issue
        self._lookup = Lookup(root, manifest)
        self._projects = Projects(manifest.projects)

    def close(self) -> None:
        """Close the files."""
        self._lookup.close()

    def resolve(self, reference: str, organization: str | None, project: str | None) -> Answer:
        """Resolve an event ID, an issue or a link.

        Raises InvalidEventId, EventNotFound, DamagedArchive.
        """
        answer = next(self.resolve_many([reference], organization, project))
        if isinstance(answer, Missing):
            raise answer.error
        return answer

    def find(
        self, reference: str, organization: str | None, project: str | None
    ) -> list[tuple[IndexEntry, Answer]]:
        """Find all events of a reference, in any project; `resolve` returns the first.

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
            raise EventNotFound()
        answers = self._read_answers(entries)
        entries.sort(key=lambda entry: _prefer(entry, key), reverse=True)
        return [(entry.location, answers[entry]) for entry in entries]

    def resolve_many(
        self, references: Iterable[str], organization: str | None, project: str | None
    ) -> Iterator[Answer | Missing]:
        """Resolve references in order, looked up in batches."""
        remaining = iter(references)
        while batch := list(islice(remaining, BATCH)):
            yield from self._resolve_batch(batch, organization, project)

    def resolve_keys(self, keys: Iterable[Key]) -> list[Answer]:
        """Read the events of keys from this archive, in order. Raises DamagedArchive."""
        keys = list(keys)
        by_project: dict[tuple[str | None, str | None], list[str]] = {}
        for event_id, organization, project in keys:
            by_project.setdefault((organization, project), []).append(event_id)
        answers: dict[Key, Answer] = {}
        for owner, event_ids in by_project.items():
            for answer in self.resolve_many(event_ids, *owner):
                if isinstance(answer, Missing):
                    raise answer.error
                answers[Key(answer.event_id, *owner)] = answer
        return [answers[key] for key in keys]

    def _resolve_batch(
        self, references: list[str], organization: str | None, project: str | None
    ) -> Iterator[Answer | Missing]:
        keys = [self._try_read(text, organization, project) for text in references]
        event_ids = sorted({key.event_id for key in keys if isinstance(key, Key)})
        entries: dict[str, list[_Entry]] = {event_id: [] for event_id in event_ids}
        for entry in map(self._read_entry, self._lookup.find(event_ids)):
            if entry.is_in(organization, project):
                entries[entry.event_id].append(entry)
        chosen = {
            key: _choose(entries[key.event_id], key)
            for key in keys
            if isinstance(key, Key) and entries[key.event_id]
        }
        answers = self._read_answers(set(chosen.values()))
        for text, key in zip(references, keys, strict=True):
            if not isinstance(key, Key):
                yield Missing(text, key)
            elif key not in chosen:
                yield Missing(key.event_id, EventNotFound())
            else:
                yield answers[chosen[key]]

    def _try_read(
        self, text: str, organization: str | None, project: str | None
    ) -> Key | ArchiveError:
        """Parse a reference to a key, or return the error."""
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

    def _read_entry(self, location: IndexEntry) -> _Entry:
        owner = Ownership(
            location.organization_slug,
            location.project_slug,
            location.project_id,
            location.organization_given,
            location.project_given,
        )
        return _Entry(location, self._projects, *self._projects.name(owner))

    def _read_answers(self, entries: Iterable[_Entry]) -> dict[_Entry, Answer]:
        by_part: dict[str, list[_Entry]] = defaultdict(list)
        for entry in entries:
            by_part[entry.location.part].append(entry)
        answers: dict[_Entry, Answer] = {}
        for part, part_entries in by_part.items():
            payloads = self._lookup.read(part, [entry.location.row for entry in part_entries])
            for entry in part_entries:
                raw = payloads.get(entry.location.row)
                answer = None if raw is None else entry.answer(raw)
                if answer is None:
                    path = self._root / part_path("payloads", part)
                    reason = f"the payload of event {entry.event_id} is not what was stored"
                    raise DamagedArchive(path=path, reason=reason, archive=self._root)
                answers[entry] = answer
        return answers


def _choose(entries: list[_Entry], key: Key) -> _Entry:
    """Choose the newest, preferably from the link's project, which may have been renamed."""
    return max(entries, key=lambda entry: _prefer(entry, key))


def _prefer(entry: _Entry, key: Key) -> tuple[bool, tuple[bool, bool, int, int, str]]:
    return entry.is_in(key.organization, key.project), entry.rank
