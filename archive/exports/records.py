"""What a stream is split into: records at their places, and what became of everything else."""

from __future__ import annotations

from dataclasses import dataclass

from archive.exports.members import Members
from archive.exports.shapes import NOTHING_TOLD, Told

KEPT_OF_REJECT = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: `line` counts from 1, `offset` in decompressed bytes from 0."""

    source: str
    member: str | None
    line: int
    offset: int

    def __str__(self) -> str:
        name = f"{self.source}!{self.member}" if self.member else self.source
        return f"{name}, line {self.line}, byte {self.offset}"


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object, its bytes as they stood in the source, and what is told beside it.

    members: where whoever split it has read them.
    """

    raw: bytes
    place: Place
    told: Told = NOTHING_TOLD
    members: Members | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read: why, where, how many bytes, and the first MiB of them."""

    place: Place
    reason: str
    raw: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that belongs to an export but is no event; `kind` says what."""

    kind: str
