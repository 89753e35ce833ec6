"""Texts that are too long for a column: null there, as they stand in the payload.

Sentry itself cuts a message at 8,192 characters. A text of a hundred megabytes would be held
several times over while its column is built, written and read back.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from archive.events.model import Frame
from archive.events.rows import FlatEvent, Stack

MAX_TEXT_CHARS = 1 << 20
"""Characters of a text in a column; an event of no more bytes has none that is longer."""


def drop_long_texts(rows: FlatEvent) -> FlatEvent:
    """The same rows without texts that are too long; a tag of such a key is left out."""
    tags = [tag for tag in rows.tags if not _is_long(tag.key)]
    event = replace(rows.event, tag_count=len(tags))
    stacks = [_read_stack(stack) for stack in rows.stacks]
    for row in (event, *tags, rows.payload):
        _drop_from(row)
    return FlatEvent(event, stacks, tags, rows.payload)


def _read_stack(stack: Stack) -> Stack:
    for frame in stack.frames:
        _drop_from(frame)
        _drop_context(frame)
    if _is_long(stack.exception_type):
        stack = stack._replace(exception_type=None)
    return stack._replace(thread_id=None) if _is_long(stack.thread_id) else stack


def _drop_context(frame: Frame) -> None:
    lines = frame.context if isinstance(frame.context, list) else []
    if any(_is_long(text) for line in lines if isinstance(line, list) for text in line):
        frame.context = None


def _drop_from(row: msgspec.Struct) -> None:
    for name in row.__struct_fields__:
        if _is_long(getattr(row, name)):
            setattr(row, name, None)


def _is_long(value: object) -> bool:
    return isinstance(value, str) and len(value) > MAX_TEXT_CHARS
