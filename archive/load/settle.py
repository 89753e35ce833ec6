"""Settle which version of an event stays, when several came or one was there already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from archive.events.identity import Identity
from archive.events.rows import IndexRow
from archive.exports.shapes import Shape


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version of an event: what it is compared by, and where it stands.

    ordinal: when this load read it; -1 for one that was in the archive before.
    """

    identity: Identity
    digest: bytes
    completeness: int
    received: datetime | None
    ordinal: int
    part: str
    row: int

    def beats(self, other: Candidate) -> bool:
        """The more complete wins, then the later received, then the later read."""
        if self.completeness != other.completeness:
            return self.completeness > other.completeness
        if self.received and other.received and self.received != other.received:
            return self.received > other.received
        return True


@dataclass(slots=True)
class Settlement:
    """Rows that are not to be in the archive, by part, and how the records of the load ended."""

    dead: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    stored: int = 0
    updated: int = 0
    duplicate: int = 0


def settle(
    known: Iterable[tuple[Any, ...]], rivals: Iterable[tuple[Any, ...]], uncontested: int
) -> Settlement:
    """Decide between candidates that share an event ID.

    known, rivals: index rows with their ordinal, of the archive and of this load.
    uncontested: records of this load whose event ID nothing else has.
    """
    settlement = Settlement(stored=uncontested)
    candidates = sorted(
        map(_read_candidate, (*known, *rivals)), key=lambda c: (c.identity.event_id, c.ordinal)
    )
    for _, group in groupby(candidates, key=lambda c: c.identity.event_id):
        _settle_group(group, settlement)
    return settlement


def _settle_group(group: Iterable[Candidate], settlement: Settlement) -> None:
    winners: list[Candidate] = []
    for candidate in group:
        if candidate.ordinal < 0:
            winners.append(candidate)
            continue
        matches = [w for w in winners if w.identity.matches(candidate.identity)]
        rival = next((w for w in matches if w.digest == candidate.digest), None)
        if rival:
            loser: Candidate | None = candidate
            settlement.duplicate += 1
        elif not matches:
            loser = None
            winners.append(candidate)
            settlement.stored += 1
        elif candidate.beats(matches[0]):
            loser = matches[0]
            winners[winners.index(loser)] = candidate
            settlement.updated += 1
        else:
            loser = candidate
            settlement.duplicate += 1
        if loser:
            settlement.dead[loser.part].add(loser.row)


def _read_candidate(row: tuple[Any, ...]) -> Candidate:
    values = IndexRow(*row[:-1])
    return Candidate(
        identity=Identity(
            values.event_id,
            values.organization_slug,
            values.project_slug,
            values.project_id,
        ),
        digest=values.digest,
        completeness=Shape(values.shape).completeness,
        received=values.received,  # type: ignore[arg-type]  # as DuckDB reads it
        ordinal=row[-1],
        part=values.part,
        row=values.row,
    )
