"""Settle which version of an event stays, when several came or one was there already."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from archive.events.identity import Identity
from archive.events.rows import IndexRow
from archive.exports.shapes import Shape
from archive.tables.contest import Contest

_NEVER = -(1 << 63)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version of an event: what it is compared by, and where it stands.

    received: in microseconds since 1970. ordinal: when this load read it; -1 for one that was in
    the archive before.
    """

    identity: Identity
    digest: bytes
    completeness: int
    received: int | None
    ordinal: int
    part: str
    row: int

    def beats(self, other: Candidate) -> bool:
        """The more complete wins, then the later received, then the later read.

        A copy wins only if it tells its owner differently: so a wrong --org can be put right.
        """
        if self.digest == other.digest:
            return self.identity.has_project and self.identity != other.identity
        if self.completeness != other.completeness:
            return self.completeness > other.completeness
        if self.received != other.received:
            return self._instant > other._instant
        return True

    @property
    def _instant(self) -> int:
        return _NEVER if self.received is None else self.received


@dataclass(slots=True)
class Settlement:
    """Rows that are not to be in the archive, by part, and how the records of the load ended."""

    dead: dict[str, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    stored: int = 0
    updated: int = 0
    duplicate: int = 0


def settle(events: int, contest: Contest) -> Settlement:
    """Decide which version of each event stays, of so many events of a load."""
    settlement = Settlement()
    for part, row in contest.copies:
        settlement.dead[part].append(row)
        settlement.duplicate += 1
    candidates = map(_read_candidate, contest.versions)
    for _, group in groupby(candidates, key=lambda candidate: candidate.identity.event_id):
        _settle_group(group, settlement)
    contested = settlement.stored + settlement.updated + settlement.duplicate
    settlement.stored += events - contested
    return settlement


def _settle_group(group: Iterable[Candidate], settlement: Settlement) -> None:
    winners: list[Candidate] = []
    for candidate in group:
        if candidate.ordinal < 0:
            winners.append(candidate)
            continue
        rival = _find_rival(candidate, winners)
        if rival is None:
            winners.append(candidate)
            settlement.stored += 1
        elif candidate.beats(rival):
            winners[winners.index(rival)] = candidate
            settlement.dead[rival.part].append(rival.row)
            settlement.updated += 1
        else:
            settlement.dead[candidate.part].append(candidate.row)
            settlement.duplicate += 1


def _find_rival(candidate: Candidate, winners: list[Candidate]) -> Candidate | None:
    """The version that is kept of the same event so far.

    A copy is the same event, too, where one of the two does not know its project.
    """
    for winner in winners:
        if winner.identity.matches(candidate.identity):
            return winner
    for winner in winners:
        both_known = winner.identity.has_project and candidate.identity.has_project
        if winner.digest == candidate.digest and not both_known:
            return winner
    return None


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
        received=values.received,
        ordinal=row[-1],
        part=values.part,
        row=values.row,
    )
