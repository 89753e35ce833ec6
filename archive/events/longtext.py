"""Drop texts that are too long for a column; the payload still contains them.

Sentry itself truncates messages to 8,192 characters. A text of a hundred megabytes would be in
memory several times while its column is built, written and read back.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from archive.events.model import Frame
from archive.events.rows import FlatEvent, Stack

MAX_TEXT_CHARS = 1 << 20
"""The maximum length of a text in a column; events of at most this many bytes need no check."""


def drop_long_texts(rows: FlatEvent) -> FlatEvent:
    """Return the rows without texts that are too long; a tag with such a key is dropped."""
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
