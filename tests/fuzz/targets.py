"""What is fuzzed, and what must hold of it whatever comes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple

from archive.errors import InvalidEventId
from archive.events.flatten import Defaults, flatten_event
from archive.events.responses import (
    Owner,
    answer_event,
    detail_event,
    download_event,
    summarize_event,
)
from archive.events.rows import FlatEvent
from archive.exports.budget import Budget, SourceFault
from archive.exports.containers import open_streams
from archive.exports.csv import find_table
from archive.exports.detect import Export, Unsupported, detect
from archive.exports.envelopes import is_envelope
from archive.exports.limits import Limits
from archive.exports.nodestore import is_nodestore
from archive.exports.postgres import is_dump
from archive.exports.records import Item, Learned, Record, Skipped, SourceLocation
from archive.exports.shapes import Shape
from archive.exports.split import split_records
from archive.jsontext import compact, compact_json, parse_loosely
from archive.tables.unnest import BUILDERS
from tests.builders import split
from tests.fuzz.inputs import draw_api_event, draw_container, draw_store_event, draw_text

# What may stand between what was read and what was rejected: it is the layout of an export.
_LAYOUT = re.compile(
    rb'(?:[\s,\[\]\x1e]|\xef\xbb\xbf|\[\s*\d\s*,\s*"\w+"\s*,|unprocessed\r?\n'
    rb"|[^\n{}\[\]]*\t|[^\s{}\[\]]+[,:|;=]|(?:HTTP/|[A-Z]+ )[^\n]*\n?(?:[^\n]+\n?)*)*"
)
_SEPARATORS = re.compile(rb"(?:[\s,\x1e]|\xef\xbb\xbf)*")
_API = (Shape.FULL, Shape.DETAIL, Shape.EVENTIDS, Shape.SIMPLE)
_CONVERTED = (Shape.SDK, Shape.STORE, Shape.DOWNLOAD, Shape.SPLUNK)
_PLACE = SourceLocation("fuzz", None, 1, 0)


class Target(NamedTuple):
    """Draws an input; checks one, raises what no caller expects, and gives what rows come of it."""

    draw: Callable[[Random], bytes]
    check: Callable[[bytes], Iterator[FlatEvent]]

    def check_all(self, inputs: Sequence[bytes]) -> None:
        """Check inputs, and that Arrow takes their rows, all together: that is far faster."""
        rows = [row for data in inputs for row in self.check(data)]
        for build in BUILDERS.values():
            build(rows).validate(full=True)


def check_reader(data: bytes) -> Iterator[FlatEvent]:
    """All bytes are in a record or a reject, at the place that it says; chunks change nothing."""
    size, text = data[0], data[1:]
    limits = Limits(event_bytes=64) if size & 1 else Limits()
    items = split(text, [], limits)
    if size & 6 == 0:
        assert split(text, [size // 8 + 1], limits) == items, "chunks make a difference"
    head = text[_SEPARATORS.match(text).end() :]  # type: ignore[union-attr]
    if not is_nodestore(head) and not is_dump(head):
        is_opened = re.search(rb'":\s*[\[{]', text)  # and the rest of it passed over
        is_layout = not is_envelope(head) and find_table(head) is None and not is_opened
        _check_places(text, items, _LAYOUT if is_layout else None)
    yield from ()


def _check_places(text: bytes, items: Sequence[Item], layout: re.Pattern[bytes] | None) -> None:
    """Whether items are what stands at their places, and nothing but layout between them.

    What is skipped has no place, and what is decoded is not in the text as it is.
    """
    at, may_skip = 0, layout is None
    for item in items:
        if isinstance(item, Skipped | Learned) or item.place.path:
            may_skip = True
            continue
        start, size = item.place.offset, len(item.raw) if isinstance(item, Record) else item.size
        assert start >= at, "what was read is read again"
        assert text[start : start + len(item.raw)] == item.raw, "not the bytes that stand there"
        assert item.place.line == 1 + text.count(b"\n", 0, start), "not the line"
        assert may_skip or layout is None or layout.fullmatch(text, at, start), "bytes are lost"
        at, may_skip = start + size, False
    assert may_skip or layout is None or layout.fullmatch(text, at), "the end is lost"


def check_shapes(data: bytes) -> Iterator[FlatEvent]:
    """A record is an event or a reject at its place; each event gives rows, or a reject."""
    for record in split(data[1:]):
        if isinstance(record, Record):
            for found in detect(record):
                if isinstance(found, Export | Unsupported):
                    yield from _check_found(record, found)


def _check_found(record: Record, found: Export | Unsupported) -> Iterator[FlatEvent]:
    start = found.place.offset - record.place.offset
    if record.raw[start : start + 1] != b'"':  # in a string, the text is not what is in the file
        assert record.raw[start : start + len(found.raw)] == found.raw, "not what is there"
    if isinstance(found, Export):
        yield from _flatten(found)


def check_flatten(data: bytes) -> Iterator[FlatEvent]:
    """An event of the API's is answered with its own bytes."""
    shape, raw = _API[data[0] % len(_API)], data[1:]
    for rows in _flatten(Export(shape, raw, _PLACE)):
        body = _answer(rows)
        if shape in (Shape.EVENTIDS, Shape.FULL):
            exported = compact(raw)
            assert body == exported if shape is Shape.EVENTIDS else body.endswith(exported + b"}")
        yield rows


def check_serializer(data: bytes) -> Iterator[FlatEvent]:
    """An event of an SDK or of Sentry's store gives strict JSON, in whatever view."""
    shape, raw = _CONVERTED[data[0] % len(_CONVERTED)], data[1:]
    for rows in _flatten(Export(shape, raw, _PLACE)):
        answer = json.loads(_answer(rows), parse_constant=_refuse)
        event = json.dumps(answer["event"], separators=(",", ":")).encode()
        exported = compact_json(raw)
        for view in (
            summarize_event(event),
            detail_event(event, exported, shape, None, "x"),
            download_event(exported, shape, rows.event.event_id, "1"),
        ):
            assert view is None or isinstance(parse_loosely(view), dict)
        yield rows


def check_containers(data: bytes) -> Iterator[FlatEvent]:
    """What is damaged is a fault, what came before it is handed out, and all is bounded."""
    limits = Limits(event_bytes=1 << 16, source_bytes=1 << 20)
    given = 0
    with suppress(SourceFault):
        for stream in open_streams(iter([data[:7], data[7:]]), Budget(limits)):
            if not isinstance(stream, Skipped):
                for item in split_records(stream.chunks, "fuzz", stream.member, limits):
                    given += len(item.raw) if isinstance(item, Record) else 0
    assert given <= limits.source_bytes
    yield from ()


def _flatten(export: Export) -> Iterator[FlatEvent]:
    """An event's rows; none where a load makes a reject of it, or the reader gives no such."""
    if not export.raw.startswith(b"{"):
        return
    with suppress(InvalidEventId, ValueError, RecursionError):
        rows = flatten_event(export, "load", Defaults())
        assert rows.payload.raw == export.raw
        yield rows


def _answer(rows: FlatEvent) -> bytes:
    """The API's answer, which is JSON."""
    payload = rows.payload
    owner = Owner("org", "project", payload.project_id, payload.group_id)
    exported = compact_json(payload.raw)
    body = answer_event(exported, Shape(payload.shape), rows.event.event_id, owner)
    assert isinstance(parse_loosely(body), dict)
    return body


def _refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is no JSON")


TARGETS = {
    "reader": Target(draw_text, check_reader),
    "shapes": Target(draw_text, check_shapes),
    "flatten": Target(draw_api_event, check_flatten),
    "serializer": Target(draw_store_event, check_serializer),
    "containers": Target(draw_container, check_containers),
}
