"""The tables of an archive: one descriptor per table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from archive.events.rows import (
    AttachmentRow,
    Column,
    EventRow,
    FeedbackRow,
    FrameCountRow,
    FrameRow,
    IssueRow,
    LoadRow,
    PayloadRow,
    Row,
    SourceRow,
    SupersededRow,
    TagRow,
    list_columns,
)


class Kind(StrEnum):
    """How the parts of a table are made.

    CARRIED: a load writes parts of one name in each of these tables, with the same events. If a
    part is rewritten without some of its events, the rows of the others are carried over.
    COUNTED: as CARRIED, but the rows are counted again from those of `frames`.
    APPENDED: a load adds a part if it has rows for it; no event depends on these rows.
    """

    CARRIED = "carried"
    COUNTED = "counted"
    APPENDED = "appended"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is laid out in Parquet.

    row_group: maximum number of rows per row group.
    row_group_bytes: maximum size of the exported JSON in a row group; small if single rows are
    looked up, because a lookup reads a whole row group.
    distinct: columns whose values hardly repeat: delta-encoded by type, without a dictionary.
    opaque: columns without statistics, because queries do not compare them.
    sorted_by: columns by which the rows are sorted.
    bloom: number of event IDs of a row group for which its Bloom filter is made; 0 for none.
    level: of zstd.
    """

    row_group: int = 65_536
    distinct: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    sorted_by: tuple[str, ...] = ()
    bloom: int = 0
    level: int = 1
    row_group_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its row class, how its parts are made, and their layout.

    key, newest: of rows with the same `key`, queries see only the one with the greatest `newest`,
    and of equal ones the first loaded. Without a key they see all rows.
    packed: the layout that `compact` writes, which takes more time and less space.
    """

    row: type[Row]
    kind: Kind
    layout: Layout
    key: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    packed: Layout | None = None

    def find_layout(self, is_packed: bool) -> Layout:
        """Return the layout of a part."""
        return (self.packed if is_packed else None) or self.layout

    @property
    def columns(self) -> dict[str, Column]:
        """The columns, in order."""
        return list_columns(self.row)

    @property
    def description(self) -> str:
        """What a row of the table is."""
        return self.row.__doc__ or ""


_EVENT = ("event_id", "event_key", "timestamp")
_OF_EVENTS = Layout(131_072, distinct=_EVENT, bloom=32_768)
_PAYLOADS = Layout(
    1_024,
    distinct=("event_id", "event_key", "digest", "raw"),
    opaque=tuple(name for name in list_columns(PayloadRow) if name != "event_key"),
    level=2,
    row_group_bytes=1 << 20,
)

TABLES: dict[str, Table] = {
    "events": Table(
        EventRow,
        Kind.CARRIED,
        Layout(
            distinct=(
                *(*_EVENT, "received", "trace_id", "span_id", "replay_id"),
                *("title", "message", "exception_value", "size", "http_referer", "ip_address"),
                *("user", "user_id", "user_name", "user_email"),
            ),
            bloom=65_536,
        ),
    ),
    "frames": Table(FrameRow, Kind.CARRIED, _OF_EVENTS),
    "frame_counts": Table(FrameCountRow, Kind.COUNTED, Layout(131_072, distinct=("last_seen",))),
    "tags": Table(TagRow, Kind.CARRIED, _OF_EVENTS),
    "payloads": Table(
        PayloadRow,
        Kind.CARRIED,
        _PAYLOADS,
        packed=replace(_PAYLOADS, level=12, row_group_bytes=2 << 20),
    ),
    "superseded": Table(
        SupersededRow,
        Kind.APPENDED,
        Layout(
            1_024,
            distinct=("event_id", "digest", "raw"),
            opaque=("digest", "raw"),
            level=8,
            row_group_bytes=2 << 20,
        ),
    ),
    "sources": Table(
        SourceRow,
        Kind.APPENDED,
        Layout(distinct=("path", "sha256")),
    ),
    "loads": Table(LoadRow, Kind.APPENDED, Layout()),
    "issues": Table(
        IssueRow,
        Kind.APPENDED,
        Layout(distinct=("permalink",)),
        key=("project_id", "group_id"),
        newest=("last_seen", "as_of"),
    ),
    "feedback": Table(
        FeedbackRow,
        Kind.APPENDED,
        Layout(distinct=("event_id", "comments")),
        key=("event_id", "comments"),
        newest=("id", "timestamp"),
    ),
    "attachments": Table(
        AttachmentRow,
        Kind.APPENDED,
        Layout(
            1_024,
            distinct=("event_id", "sha1", "data"),
            opaque=("sha1", "data"),
            row_group_bytes=16 << 20,
        ),
        key=("event_id", "id", "name", "sha1"),
        newest=("data IS NOT NULL", "timestamp"),
    ),
}


def list_tables(*kinds: Kind) -> tuple[str, ...]:
    """List the names of the tables of these kinds."""
    return tuple(name for name, table in TABLES.items() if table.kind in kinds)


CARRIED_TABLES = list_tables(Kind.CARRIED)
EVENT_TABLES = list_tables(Kind.CARRIED, Kind.COUNTED)
KEYED_TABLES = tuple(name for name, table in TABLES.items() if table.key)
