"""The items that a stream is split into: records, rejects, and records of other kinds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from archive.exports.raw_members import Members
from archive.exports.shapes import NO_HINTS, Hints

REJECT_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where a record begins: `line` counts from 1, `offset` in decompressed bytes from 0.

    path: where it is inside the object that wraps it, such as `events[3].data`; the line and offset
    are then those of the innermost text that is in the file verbatim.
    """

    source: str
    member: str | None
    line: int
    offset: int
    path: str = ""

    def __str__(self) -> str:
        name = f"{self.source}!{self.member}" if self.member else self.source
        inside = f", {self.path}" if self.path else ""
        return f"{name}, line {self.line}, byte {self.offset}{inside}"


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object: its exact bytes, its place, and hints from its surroundings.

    members: None if the splitter has not read them.
    """

    raw: bytes
    place: SourceLocation
    hints: Hints = NO_HINTS
    members: Members | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read.

    raw: its first MiB. size: its size in bytes.
    """

    place: SourceLocation
    reason: str
    raw: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record of a known kind that is not an event and has nothing to learn from."""

    kind: str


class LearnedKind(StrEnum):
    """Kinds of records that are not events but that the archive learns from."""

    ORGANIZATION = "organization"
    PROJECT = "project"
    TEAM = "team"
    RELEASE = "release"
    ISSUE = "issue"
    FEEDBACK = "feedback"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Learned:
    """A record to learn from: its JSON as the API writes it, and hints from its surroundings.

    data: an attachment's bytes; None if the export contains only its description, or if they
    exceed the limit.
    """

    kind: LearnedKind
    raw: bytes
    place: SourceLocation
    hints: Hints = NO_HINTS
    data: bytes | None = None


Item = Record | Reject | Skipped | Learned
