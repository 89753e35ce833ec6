"""Events as Arrow tables, their frames and tags unnested column by column.

What all frames of a stack have in common is written once a stack and then repeated by Arrow:
that costs a tenth of making a row of each frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any

import pyarrow as pa
from msgspec.structs import astuple

from archive.events.model import Frame
from archive.events.rows import FrameRow, Rows, TagRow
from archive.tables.schema import LAYOUTS, build_columns, build_table, cut_row_groups, find_schema

_OWNER = ("event_id", "project_id", "group_id", "timestamp")
_STACK = (*_OWNER, "source", "stack_level", "exception_type", "thread_id")
_FRAME = FrameRow._fields[FrameRow._fields.index("abs_path") :]
_TAG = TagRow._fields[len(_OWNER) :]


def build_events(batch: Sequence[Rows]) -> Iterator[pa.Table]:
    """A row an event."""
    yield build_table("events", [rows.event for rows in batch])


def build_payloads(batch: Sequence[Rows]) -> Iterator[pa.Table]:
    """A row an event, a row group at a time: there may be gigabytes of them."""
    sizes = [rows.event.size for rows in batch]
    for group in cut_row_groups(LAYOUTS["payloads"], sizes):
        yield build_table("payloads", [batch[row].payload for row in group])


def build_frames(batch: Sequence[Rows]) -> Iterator[pa.Table]:
    """A row a frame, in the order of the events, their stacks and the frames in these."""
    stacks = [
        ((*_name_owner(rows), *stack[:4]), stack.indexes, stack.frames)
        for rows in batch
        for stack in rows.stacks
    ]
    frames = [frame for _, _, inner in stacks for frame in inner]
    columns = build_columns("frames", _STACK, [parent for parent, _, _ in stacks])
    columns = _repeat(columns, [len(inner) for _, _, inner in stacks])
    places = [(index, index == indexes[-1]) for _, indexes, _ in stacks for index in indexes]
    columns |= build_columns("frames", ("frame_index", "is_last"), places)
    firsts = [(first,) for rows in batch for first in _find_firsts(rows)]
    columns |= build_columns("frames", ("first_in_event",), firsts)
    columns |= build_columns("frames", _FRAME, [_read_frame(frame) for frame in frames])
    yield _assemble("frames", columns)


def build_tags(batch: Sequence[Rows]) -> Iterator[pa.Table]:
    """A row a tag, in the order of the events and of the tags in these."""
    columns = build_columns("tags", _OWNER, [_name_owner(rows) for rows in batch])
    columns = _repeat(columns, [len(rows.tags) for rows in batch])
    columns |= build_columns("tags", _TAG, [astuple(tag) for rows in batch for tag in rows.tags])
    yield _assemble("tags", columns)


def _name_owner(rows: Rows) -> tuple[Any, ...]:
    event = rows.event
    return event.event_id, event.project_id, event.group_id, event.timestamp


def _find_firsts(rows: Rows) -> Iterator[bool]:
    """For each frame of an event, whether it is the first of its function there."""
    seen = set()
    for stack in rows.stacks:
        for frame in stack.frames:
            place = frame.filename if frame.module is None else frame.module
            function = frame.function, place, frame.in_app
            yield function not in seen
            seen.add(function)


def _read_frame(frame: Frame) -> tuple[Any, ...]:
    *members, context = astuple(frame)
    return (*members, _find_context_line(context, frame.line_no) if context else None)


def _find_context_line(context: Any, lineno: int | None) -> str | None:
    """The source line of a frame, out of the API's list of [line number, text]."""
    if lineno is not None and isinstance(context, list):
        for line in context:
            if isinstance(line, list) and len(line) == 2 and line[0] == lineno:
                return line[1] if isinstance(line[1], str) else None
    return None


def _repeat(columns: dict[str, pa.Array], counts: list[int]) -> dict[str, pa.Array]:
    """Each row so many times."""
    parents = chain.from_iterable(map(repeat, range(len(counts)), counts))
    indexes = pa.array(parents, pa.int32(), size=sum(counts))
    return {name: column.take(indexes) for name, column in columns.items()}


def _assemble(table: str, columns: dict[str, pa.Array]) -> pa.Table:
    schema = find_schema(table)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


BUILDERS = {
    "events": build_events,
    "frames": build_frames,
    "tags": build_tags,
    "payloads": build_payloads,
}
