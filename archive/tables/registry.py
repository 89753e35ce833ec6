"""The tables of an archive: one descriptor each, from which all that handles tables follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from archive.events.rows import (
    CONTENT_COUNTS,
    AttachmentRow,
    Column,
    EventRow,
    FeedbackRow,
    FrameCountRow,
    FrameRow,
    IndexRow,
    IssueRow,
    PayloadRow,
    Row,
    SourceRow,
    SupersededRow,
    TagRow,
    list_columns,
)


class Kind(StrEnum):
    """How the parts of a table come about.

    CARRIED: a load writes parts of one name in each of these tables, holding the same events;
    a part that is rewritten without some of its events carries over the rows of the others.
    COUNTED: likewise, but the rows are counted again from those of `frames`.
    INDEXED: a projection of the payload parts, merged by every commit that changes these.
    APPENDED: a load adds a part, if it has rows for it; no event is lost with a row of these.
    """

    CARRIED = "carried"
    COUNTED = "counted"
    INDEXED = "indexed"
    APPENDED = "appended"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is laid out in Parquet.

    row_group: rows in a row group; small where single rows are looked up, and there as many as
    come to `row_group_bytes` of exported JSON, for a lookup reads a whole row group.
    plain: columns whose values hardly repeat, so that a dictionary only costs.
    opaque: columns that nobody searches by order, so that their least and greatest only cost.
    sorted_by: columns in whose order the rows stand.
    bloom: whether each row group has a Bloom filter on event_id.
    level: of zstd.
    """

    row_group: int = 65_536
    plain: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    sorted_by: tuple[str, ...] = ()
    bloom: bool = False
    level: int = 1
    row_group_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its row class, how its parts come about, and their layout.

    key, newest: of rows that are equal in all columns of `key`, only the one is shown that is the
    greatest in those of `newest`, of equals the one that was loaded first. Without a key, all are.
    later: columns that came after the first version of their format. Parts of before lack them
    and read as if they held nulls there; if any other column is missing, the part is damaged.
    """

    row: type[Row]
    kind: Kind
    layout: Layout
    key: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    later: frozenset[str] = field(default=frozenset())

    @property
    def columns(self) -> dict[str, Column]:
        """Its columns, in order."""
        return list_columns(self.row)

    @property
    def description(self) -> str:
        """What a row is."""
        return self.row.__doc__ or ""


_GIVEN = frozenset({"organization_given", "project_given"})

TABLES: dict[str, Table] = {
    "events": Table(
        EventRow,
        Kind.CARRIED,
        Layout(plain=("event_id", "timestamp", "received", "trace_id", "span_id"), bloom=True),
        later=_GIVEN,
    ),
    "frames": Table(FrameRow, Kind.CARRIED, Layout(131_072, bloom=True)),
    "functions": Table(FrameCountRow, Kind.COUNTED, Layout(131_072)),
    "tags": Table(TagRow, Kind.CARRIED, Layout(131_072, bloom=True)),
    "payloads": Table(
        PayloadRow,
        Kind.CARRIED,
        Layout(
            1_024,
            plain=("event_id", "timestamp", "received", "digest", "raw"),
            opaque=("event_id", "digest", "raw"),
            level=8,
            row_group_bytes=2 << 20,
        ),
        later=_GIVEN | frozenset(CONTENT_COUNTS),
    ),
    "index": Table(
        IndexRow,
        Kind.INDEXED,
        Layout(
            2_048,
            plain=("event_id", "timestamp", "received", "digest", "row"),
            sorted_by=("event_id",),
        ),
        later=_GIVEN | frozenset(CONTENT_COUNTS),
    ),
    "superseded": Table(
        SupersededRow,
        Kind.APPENDED,
        Layout(
            1_024,
            plain=("event_id", "digest", "raw"),
            opaque=("digest", "raw"),
            level=8,
            row_group_bytes=2 << 20,
        ),
    ),
    "sources": Table(
        SourceRow,
        Kind.APPENDED,
        Layout(plain=("path", "sha256")),
        later=frozenset({"organization_slug", "project_slug"}),
    ),
    "issues": Table(
        IssueRow,
        Kind.APPENDED,
        Layout(plain=("permalink",)),
        key=("project_id", "group_id"),
        newest=("last_seen", "as_of"),
    ),
    "feedback": Table(
        FeedbackRow,
        Kind.APPENDED,
        Layout(plain=("event_id", "comments")),
        key=("event_id", "comments"),
        newest=("id", "timestamp"),
    ),
    "attachments": Table(
        AttachmentRow,
        Kind.APPENDED,
        Layout(
            1_024,
            plain=("event_id", "sha1", "data"),
            opaque=("sha1", "data"),
            row_group_bytes=16 << 20,
        ),
        key=("event_id", "id", "name", "sha1"),
        newest=("data IS NOT NULL", "timestamp"),
    ),
}


def list_tables(*kinds: Kind) -> tuple[str, ...]:
    """The names of the tables of these kinds."""
    return tuple(name for name, table in TABLES.items() if table.kind in kinds)


CARRIED_TABLES = list_tables(Kind.CARRIED)
EVENT_TABLES = list_tables(Kind.CARRIED, Kind.COUNTED)
KEYED_TABLES = tuple(name for name, table in TABLES.items() if table.key)
