"""Build Arrow tables from events, with their frames and tags unnested column by column.

Values that all frames of a stack share are built once per stack and repeated by Arrow, at a tenth
of the cost of one Python row per frame.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import chain, repeat
from typing import Any

import pyarrow as pa
from msgspec.structs import astuple

from archive.events.model import Frame, find_place
from archive.events.rows import FlatEvent, FrameRow, Stack, list_columns
from archive.tables.schema import build_column, build_columns, build_table, find_schema

_OWNER = ("event_id", "event_key", "project_id", "group_id", "timestamp", "release")
_STACK = (*_OWNER, "source", "stack_level", "exception_type", "thread_id")
_FRAMES = tuple(list_columns(FrameRow))
_FRAME = _FRAMES[_FRAMES.index("abs_path") :]
_TAG = ("key", "value")
_PRECEDENCE = ("threads", "stacktrace", "exception")


def build_events(batch: Sequence[FlatEvent]) -> pa.Table:
    """Build one row per event."""
    return build_table("events", [rows.event for rows in batch])


def build_frames(batch: Sequence[FlatEvent]) -> pa.Table:
    """Build one row per frame, in the order of events, stacks and frames."""
    stacks = [stack for rows in batch for stack in rows.stacks]
    parents = [(*_name_owner(rows), *stack[:4]) for rows in batch for stack in rows.stacks]
    columns = build_columns("frames", _STACK, parents)
    columns = _repeat(columns, [len(stack.frames) for stack in stacks])
    positions: dict[str, Sequence[Any]] = {
        "frame_index": [index for stack in stacks for index in stack.indexes],
        "is_last": [index == stack.indexes[-1] for stack in stacks for index in stack.indexes],
        "first_in_event": [first for rows in batch for first in _find_firsts(rows)],
        "is_crash": [crashed for rows in batch for crashed in _find_crash(rows.stacks)],
    }
    columns |= {name: build_column("frames", name, values) for name, values in positions.items()}
    frames = [frame for stack in stacks for frame in stack.frames]
    members = build_columns("frames", _FRAME[:-1], [astuple(frame)[:-1] for frame in frames])
    lines = [_find_context_line(frame) if frame.context else None for frame in frames]
    columns |= members | {"context_line": build_column("frames", "context_line", lines)}
    return _assemble("frames", columns)


def build_tags(batch: Sequence[FlatEvent]) -> pa.Table:
    """Build one row per tag, in the order of events and tags."""
    columns = build_columns("tags", _OWNER, [_name_owner(rows) for rows in batch])
    columns = _repeat(columns, [len(rows.tags) for rows in batch])
    pairs = [[(tag.key, tag.value) for tag in rows.tags] for rows in batch]
    firsts = [first for tags in pairs for first in _find_new(tags)]
    columns |= build_columns("tags", _TAG, [pair for tags in pairs for pair in tags])
    columns["first_in_event"] = build_column("tags", "first_in_event", firsts)
    return _assemble("tags", columns)


def _name_owner(rows: FlatEvent) -> tuple[Any, ...]:
    event = rows.event
    owner = event.event_id, event.event_key, event.project_id, event.group_id
    return *owner, event.timestamp, event.release


def _find_firsts(rows: FlatEvent) -> list[bool]:
    """For each frame of an event, find whether it is the first of its function."""
    return _find_new(
        [
            (frame.function, find_place(frame.module, frame.filename, frame.package), frame.in_app)
            for stack in rows.stacks
            for frame in stack.frames
        ]
    )


def _find_new(values: Sequence[Hashable]) -> list[bool]:
    """For each value, find whether no earlier one is equal."""
    seen = set(values)
    if len(seen) == len(values):
        return [True] * len(values)
    found = []
    for value in values:
        found.append(value in seen)
        seen.discard(value)
    return found


def _find_crash(stacks: Sequence[Stack]) -> list[bool]:
    """For each frame of an event, find whether the event crashed there."""
    crash = start = 0
    greatest: tuple[bool, int, int, int] | None = None
    for stack in stacks:
        in_app = [bool(frame.in_app) for frame in stack.frames]
        last = len(in_app) - 1
        if True in in_app:
            last -= in_app[::-1].index(True)
        source, level = _PRECEDENCE.index(stack.source), stack.stack_level or 0
        rank = in_app[last], source, level, stack.indexes[last]
        if greatest is None or rank > greatest:
            crash, greatest = start + last, rank
        start += len(in_app)
    return [position == crash for position in range(start)]


def _find_context_line(frame: Frame) -> str | None:
    """Find the source line of a frame in the API's list of [line number, text]."""
    lineno, context = frame.line_no, frame.context
    if lineno is not None and isinstance(context, list):
        for line in context:
            if isinstance(line, list) and len(line) == 2 and line[0] == lineno:
                return line[1] if isinstance(line[1], str) else None
    return None


def _repeat(columns: dict[str, pa.Array], counts: list[int]) -> dict[str, pa.Array]:
    """Repeat each row the given number of times."""
    parents = chain.from_iterable(map(repeat, range(len(counts)), counts))
    indexes = pa.array(parents, pa.int32(), size=sum(counts))
    return {name: column.take(indexes) for name, column in columns.items()}


def _assemble(table: str, columns: dict[str, pa.Array]) -> pa.Table:
    schema = find_schema(table)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


BUILDERS = {"events": build_events, "frames": build_frames, "tags": build_tags}
