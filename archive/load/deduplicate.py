"""Decide which version of an event to keep."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from archive.events.identity import Identity
from archive.exports.shapes import Shape
from archive.tables.conflicts import Conflicts
from archive.tables.index import IndexEntry

CLOCK_SKEW = 3_600_000_000  # microseconds by which Sentry's clock may be ahead
_NEVER = -(1 << 63)

_Rows = defaultdict[str, "array[int]"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version of an event: the values by which it is compared, and its location.

    hints: its identity without slugs that come from options, or may (older archives do not
    record it). content: numbers of frames with a function, tags, entries and columns with a value.
    received: in microseconds since 1970. ordinal: position in this load; -1 if it is from the
    archive. is_superseded: whether the table `superseded` has its bytes.
    """

    identity: Identity
    hints: Identity
    digest: bytes
    content: tuple[int, ...]
    completeness: int
    received: int
    ordinal: int
    part: str
    row: int
    is_superseded: bool

    def replaces(self, other: Candidate) -> bool:
        """Whether this version, which was read later, replaces the other.

        It must not have less content of any kind. Then the more complete shape wins, then the one
        with more content, then the one received later, then the one read later. A copy replaces
        one whose owner was unknown or came from an option.
        """
        if self.digest == other.digest:
            return self._knows_owner_better(other)
        if other.has_more_than(self):
            return False
        if self.completeness != other.completeness:
            return self.completeness > other.completeness
        return self.content != other.content or self.received >= other.received

    def has_more_than(self, other: Candidate) -> bool:
        """Whether it has more content of any kind."""
        return any(mine > theirs for mine, theirs in zip(self.content, other.content, strict=True))

    def is_copy_of(self, other: Candidate) -> bool:
        """Whether both have the same digest, and no conflicting owners in the data."""
        return self.digest == other.digest and self.hints.agrees_with(other.hints)

    def _knows_owner_better(self, other: Candidate) -> bool:
        """Whether it adds a slug or project ID, and has all that are in the other's data."""
        return any(
            mine and mine != theirs and not hint
            for mine, theirs, hint in zip(self.identity, other.identity, other.hints, strict=True)
        ) and all(mine or not hint for mine, hint in zip(self.identity, other.hints, strict=True))


@dataclass(slots=True)
class Deduplication:
    """The result of a deduplication: rows by part, and counts of the events of the load.

    removed: rows to remove. superseded: those of them to keep in the table `superseded`.
    """

    removed: _Rows = field(default_factory=lambda: defaultdict(lambda: array("q")))
    superseded: _Rows = field(default_factory=lambda: defaultdict(lambda: array("q")))
    stored: int = 0
    updated: int = 0
    duplicate: int = 0


def deduplicate(events: int, conflicts: Conflicts, now: int) -> Deduplication:
    """Decide which version of each event to keep.

    events: number of events in the load. now: in microseconds since 1970; a later date of receipt
    is ignored.
    """
    deduplication = Deduplication()
    for part, row in conflicts.copies:
        deduplication.removed[part].append(row)
        deduplication.duplicate += 1
    candidates = (_read_candidate(row, now + CLOCK_SKEW) for row in conflicts.versions)
    for _, group in groupby(candidates, key=lambda candidate: candidate.identity.event_id):
        _deduplicate_group(group, deduplication)
    duplicated_ids = deduplication.stored + deduplication.updated + deduplication.duplicate
    deduplication.stored += events - duplicated_ids
    return deduplication


def _deduplicate_group(group: Iterable[Candidate], deduplication: Deduplication) -> None:
    winners: list[Candidate] = []
    kept: set[tuple[str | None, bytes]] = set()

    def drop(candidate: Candidate, keep_bytes: bool) -> None:
        deduplication.removed[candidate.part].append(candidate.row)
        version = candidate.identity.project_id, candidate.digest
        if keep_bytes and not candidate.is_superseded and version not in kept:
            kept.add(version)
            deduplication.superseded[candidate.part].append(candidate.row)

    for candidate in group:
        if candidate.ordinal < 0:
            winners.append(candidate)
            continue
        existing = _find_existing(candidate, winners)
        if existing is None:
            winners.append(candidate)
            deduplication.stored += 1
        elif candidate.replaces(existing):
            winners[winners.index(existing)] = candidate
            drop(existing, keep_bytes=candidate.digest != existing.digest)
            deduplication.updated += 1
        else:
            drop(candidate, keep_bytes=candidate.has_more_than(existing))
            deduplication.duplicate += 1


def _find_existing(candidate: Candidate, winners: list[Candidate]) -> Candidate | None:
    """Find the version of the same event that is kept so far."""
    for winner in winners:
        if winner.identity.matches(candidate.identity):
            return winner
    for winner in winners:
        if winner.is_copy_of(candidate):
            return winner
    return None


def _read_candidate(row: tuple[Any, ...], latest: int) -> Candidate:
    *stored, ordinal, is_superseded = row
    values = IndexEntry(*stored)
    received = _NEVER if values.delay is None else (values.timestamp or 0) + values.delay
    content = values.function_count, values.tag_count, values.entry_count, values.column_count
    owner = values.organization_slug, values.project_slug, values.project_id
    return Candidate(
        identity=Identity(values.event_id, *owner),
        hints=Identity(
            values.event_id,
            values.organization_slug if values.organization_given is False else None,
            values.project_slug if values.project_given is False else None,
            values.project_id,
        ),
        digest=values.digest,
        content=tuple(count or 0 for count in content),
        completeness=Shape(values.shape).completeness,
        received=received if received <= latest else _NEVER,
        ordinal=ordinal,
        part=values.part,
        row=values.row,
        is_superseded=is_superseded,
    )
