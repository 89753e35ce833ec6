"""Envelopes: every event item is found exactly, every other item counted, for any lengths."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exports.detect import Export, detect
from archive.exports.limits import Limits
from archive.exports.records import Item, Learned, LearnedKind, Record, Reject, Skipped
from archive.exports.shapes import Hints, Shape
from archive.exports.split import split_records
from tests.builders import split

ID, OTHER = "fc6d8c0c43fc4630ad850ee518f1b9d0", "0" * 31 + "1"
HEADER = b'{"event_id":"%b","dsn":"https://key@host/42"}\n' % ID.encode()
EVENT = b'{"message":"caf\xc3\xa9 {","level":"error"}'
PRETTY = b'{\n "message": "x",\n "level": "error"\n}'
BLOB = b'\xef\xbb\xbf\0{"type":"event"}\r\n\n{"\xff,'
LOW = Limits(event_bytes=64)
LARGE = b'{"message":"%b"}' % (b"x" * 100)


class Part(NamedTuple):
    """Bytes that become one item: a record, a reject or a skipped item."""

    raw: bytes
    kind: type[Record | Reject | Skipped | Learned]
    reason: str = ""


def event(raw: bytes = EVENT) -> Part:
    return Part(raw, Record)


def reject(raw: bytes, reason: str) -> Part:
    return Part(raw, Reject, reason)


def skip(raw: bytes, kind: str) -> Part:
    return Part(raw, Skipped, f"envelope {kind}")


def learn(raw: bytes) -> Part:
    return Part(raw, Learned)


def head(kind: object, length: object = None) -> bytes:
    """Write an item's header, including its line break."""
    header = {"type": kind} if length is None else {"type": kind, "length": length}
    return json.dumps(header).encode() + b"\n"


Parts = list[bytes | Part]
E = len(EVENT)
AN_EVENT: Parts = [head("event", E), event(), b"\n"]
SPAN = skip(head("span") + b"{}\n", "span")
BAD_JSON, NOTHING = "not valid JSON", "without an event in it"

CASES: dict[str, Parts] = {
    "event": [HEADER, head("event", E), event(), b"\n"],
    "event without length": [HEADER, head("event"), event(), b"\n"],
    "transaction": [HEADER, head("transaction", E), event(), b"\n"],
    "feedback": [HEADER, head("feedback", E), event(), b"\n"],
    "no line break at the end": [HEADER, head("event", E), event()],
    "length as text": [HEADER, head("event", str(E)), event(), b"\n"],
    "crlf": [HEADER[:-1] + b"\r\n" + head("event", E)[:-1] + b"\r\n", event(), b"\r\n", SPAN],
    "crlf without length": [
        HEADER[:-1] + b"\r\n" + head("event")[:-1] + b"\r\n",
        *(event(), b"\r\n", SPAN),
    ],
    "blank lines between": [HEADER, b"\n", *AN_EVENT, b"\n\n", SPAN],
    "pretty-printed": [HEADER, head("event", len(PRETTY)), event(PRETTY), b"\n", SPAN],
    "pretty-printed without length": [HEADER, head("event"), event(PRETTY), b"\n", SPAN],
    "attachments around": [
        HEADER,
        learn(head("attachment", len(BLOB)) + BLOB + b"\n"),
        *AN_EVENT,
        learn(head("attachment", len(BLOB)) + BLOB),
    ],
    "attachment without length": [
        HEADER,
        learn(head("attachment") + b"a,b\nc\n"),
        *AN_EVENT,
    ],
    "empty attachments": [
        HEADER,
        learn(head("attachment", 0) + b"\n"),
        learn(head("attachment") + b"\n"),
        *AN_EVENT,
    ],
    "several envelopes": [HEADER, *AN_EVENT, b"{}\n", *AN_EVENT, HEADER, SPAN],
    "envelopes without items": [
        *(reject(HEADER[:-1], "without items"), b"\n", HEADER, SPAN),
        *(reject(HEADER[:-1], "without items"), b"\n"),
    ],
    "item of no known form": [HEADER, skip(head("\x1b[2J") + b"{}\n", "unknown"), *AN_EVENT],
    "item of a type that is no text": [HEADER, skip(head([]) + b"{}\n", "unknown"), *AN_EVENT],
    "empty event": [HEADER, head("event", 0), reject(b"\n", NOTHING), *AN_EVENT],
    "empty event without length": [HEADER, head("event"), reject(b"\n", NOTHING), *AN_EVENT],
    "event of a header only": [HEADER, head("event"), reject(b"", NOTHING)],
    "binary data for an event": [HEADER, head("event"), reject(b"\0\xff\n", NOTHING), *AN_EVENT],
    "event broken off": [HEADER, head("event"), reject(b'{"a":\n', BAD_JSON), *AN_EVENT],
    **{
        f"length {length}": [HEADER, head("event", length), event(), b"\n", SPAN]
        for length in (0, 1, E - 1, E + 9, -1, 1.5, 10**6, 10**17, 10**30, "x", "7", "\u0667")
    },
    "wrong length of an attachment": [
        HEADER,
        learn(head("attachment", 5) + b"abc\ndef\n"),
        *AN_EVENT,
    ],
    "attachment cut short": [
        *(HEADER, *AN_EVENT, head("attachment", 50)),
        reject(b"abc\n", "in the middle of its attachment"),
    ],
    "large attachment cut short": [
        *(HEADER, head("attachment", 10**12)),
        reject(b"abc" * 50, "in the middle of its attachment"),
    ],
    "large attachment": [
        HEADER,
        learn(head("attachment", 9 * len(BLOB)) + BLOB * 9 + b"\n"),
        *AN_EVENT,
    ],
    "large event": [
        *(HEADER, head("event", len(LARGE)), reject(LARGE, "larger than 64 bytes"), b"\n"),
        *AN_EVENT,
    ],
    "large event without length": [
        *(HEADER, head("event"), reject(LARGE, "larger than 64 bytes"), b"\n", *AN_EVENT),
    ],
    "text for a header": [HEADER, reject(b"text\nmore\n", "not the header"), *AN_EVENT],
    "an event for a header": [HEADER, SPAN, event(), b"\n", SPAN],
    "header broken off": [HEADER, *AN_EVENT, reject(b'{"type":"ev', "middle of an object")],
    "header broken off in the middle": [
        *(HEADER, *AN_EVENT, reject(b'{"type":"ev\n', BAD_JSON), *AN_EVENT),
    ],
}


def outline(found: list[Item]) -> list[tuple[object, ...]]:
    return [
        (item.kind,) if isinstance(item, Skipped) else (type(item), item.place, item.raw)
        for item in found
    ]


@pytest.mark.parametrize("sizes", [[], [1], [3]], ids=["in one chunk", "by bytes", "by threes"])
@pytest.mark.parametrize("parts", CASES.values(), ids=CASES)
def test_split(parts: Parts, sizes: list[int]) -> None:
    data, wanted = b"", []
    for part in parts:
        if isinstance(part, Part):
            wanted.append((part, 1 + data.count(b"\n"), len(data)))
        data += part.raw if isinstance(part, Part) else part
    found = split(data, sizes, LOW)
    assert [type(it) for it in found] == [part.kind for part, _, _ in wanted]
    for it, (part, line, offset) in zip(found, wanted, strict=True):
        if isinstance(it, Skipped):
            assert it.kind == part.reason
        if isinstance(it, Skipped | Learned):
            continue
        assert (it.raw, it.place.line, it.place.offset) == (part.raw, line, offset)
        if isinstance(it, Reject):
            assert part.reason in it.reason
            assert it.size == len(part.raw)


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        pytest.param(b"{}", b'{"type":"session"}', True, id="empty header"),
        pytest.param(b'{"sent_at":"x"}', b"", True, id="header only"),
        pytest.param(b'{"dsn":"x"}', b"text", True, id="header and text"),
        pytest.param(b'{"event_id":"x"}', b"", False, id="an object with an ID only"),
        pytest.param(b"{}", b"{}", False, id="empty objects"),
        pytest.param(b"{}", b'{"type":"event","event_id":"x"}', False, id="second has an ID"),
        pytest.param(b'{"event_id":"x","level":"x"}', b'{"type":"x"}', False, id="an event"),
        pytest.param(b'{"type":"STATE"}', b'{"type":"RECORD"}', False, id="connector"),
        pytest.param(b'[{"dsn":"x"}]', b"", False, id="array"),
    ],
)
def test_what_is_an_envelope(first: bytes, second: bytes, is_one: bool) -> None:
    found = split(first + b"\n" + second + b"\n")
    hints = [it.kind if isinstance(it, Skipped) else getattr(it, "reason", "") for it in found]
    assert any("envelope" in text for text in hints) is is_one


@pytest.mark.parametrize(
    ("dsn", "project_id"),
    [
        ("https://key@host/42", "42"),
        ("https://key:secret@host:9000/sentry/prefix/42/", "42"),
        ("https://key@host", None),
        ("https://key@host/", None),
        ("https://key@host/web", None),
        ("https://key@[host/42", None),
        ("https://key@host/\u0664\u0662", None),
        (None, None),
    ],
)
def test_the_dsn_tells_the_project(dsn: object, project_id: str | None) -> None:
    header = json.dumps({"event_id": ID, "dsn": dsn}).encode() + b"\n"
    (found,) = split(header + head("event") + EVENT)
    assert isinstance(found, Record)
    assert found.hints == Hints(shape=Shape.SDK, event_id=ID, project_id=project_id)


def test_the_header_s_id_is_that_of_its_first_event() -> None:
    again = HEADER.replace(ID.encode(), OTHER.encode())
    items = SPAN.raw + (head("event", E) + EVENT + b"\n") * 2
    found = [
        it.hints.event_id for it in split(HEADER + items + again + items) if isinstance(it, Record)
    ]
    assert found == [ID, None, OTHER, None]


# -- Learned --------------------------------------------------------------------------------------


class Attachment(NamedTuple):
    """The header and payload of an attachment, and members of its row."""

    header: dict[str, object]
    payload: bytes
    row: dict[str, object]
    is_kept: bool = True


NAMED: dict[str, object] = {"filename": "a.log", "content_type": "text/plain"}
ATTACHMENTS = {
    "with all members": Attachment(
        {**NAMED, "attachment_type": "event.minidump", "length": len(BLOB)},
        BLOB,
        {"type": "event.minidump", "name": "a.log", "mimetype": "text/plain"},
    ),
    "with none": Attachment(
        {"length": 3}, b"{}\n", {"type": "event.attachment", "name": None, "mimetype": None}
    ),
    "without length": Attachment(NAMED, b"a,b\nc", {"name": "a.log"}),
    "empty": Attachment({**NAMED, "length": 0}, b"", {"name": "a.log"}),
    "as large as may be": Attachment({"length": 100}, b"x" * 100, {}),
    "larger": Attachment({"length": 101}, b"x" * 101, {}, is_kept=False),
    "larger, without length": Attachment({}, b"x" * 101, {}, is_kept=False),
    "much larger": Attachment({"length": 70_001}, b"\0{\n" * 23_333 + b"xy", {}, is_kept=False),
    "a name that is no text": Attachment({"filename": [], "length": 1}, b"x", {"name": None}),
}


@pytest.mark.parametrize("sizes", [[], [1], [3]], ids=["in one chunk", "by bytes", "by threes"])
@pytest.mark.parametrize("case", ATTACHMENTS.values(), ids=ATTACHMENTS)
def test_attachments_are_learned(case: Attachment, sizes: list[int]) -> None:
    start = HEADER + head("event", E) + EVENT + b"\n"
    start += json.dumps({"type": "attachment", **case.header}).encode() + b"\n"
    data = start + case.payload + b"\n" + SPAN.raw
    event, found, span = split(data, sizes, Limits(attachment_bytes=100))
    assert (type(event), type(span)) == (Record, Skipped)
    assert isinstance(found, Learned)
    assert found.kind == LearnedKind.ATTACHMENT
    assert found.data == (case.payload if case.is_kept else None)
    assert found.hints == Hints(event_id=ID, project_id="42")
    assert found.place.offset == len(start)
    row = json.loads(found.raw)
    sha1 = hashlib.sha1(case.payload).hexdigest()
    wanted = {"event_id": ID, "size": len(case.payload), "sha1": sha1, **case.row}
    assert row == {**row, **wanted}
    assert list(row) == ["event_id", "type", "name", "mimetype", "size", "sha1"]


def test_user_reports_are_learned() -> None:
    report = b'{"event_id":"%b","name":"Ann","email":"a@b.c","comments":"Oh"}' % ID.encode()
    event, found = split(HEADER + head("event", E) + EVENT + b"\n" + head("user_report") + report)
    assert isinstance(event, Record)
    assert isinstance(found, Learned)
    assert (found.kind, found.raw) == (LearnedKind.FEEDBACK, report)
    assert found.hints == Hints(event_id=ID, project_id="42")


def test_a_user_report_that_is_not_an_object_is_rejected() -> None:
    (found,) = split(HEADER + head("user_report", 4) + b"text")
    assert isinstance(found, Reject)


def test_an_attachment_is_of_the_event_before_it_where_the_header_has_no_id() -> None:
    event = b'{"event_id":"%b","message":"x"}' % OTHER.encode()
    found = split(b'{"dsn":"x"}\n' + head("event") + event + b"\n" + head("attachment", 1) + b"x")
    assert [it.hints.event_id for it in found if isinstance(it, Learned)] == [OTHER]


# -- Bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        pytest.param(b'{"type":"attachment","length":200000000}\n', Learned, id="attachment"),
        pytest.param(b'{"type":"attachment"}\n', Learned, id="attachment without length"),
        pytest.param(
            b'{"type":"event","length":200000000}\n{"a":"',
            Reject,
            marks=pytest.mark.slow,
            id="event",
        ),
        pytest.param(b'{"type":"', Reject, id="header"),
        pytest.param(b"text", Reject, id="text"),
    ],
)
def test_what_never_ends_is_not_held(start: bytes, kind: type[Reject | Learned]) -> None:
    def read() -> Iterator[bytes]:
        yield HEADER + start
        left = 200_000_000 - 6 * start.endswith(b'{"a":"')
        while left:
            yield b"x" * min(left, 1 << 20)
            left -= min(left, 1 << 20)

    tracemalloc.start()
    try:
        (found,) = split_records(read(), "export", None, Limits(event_bytes=4 << 20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(found, kind)
    assert peak < 40 << 20


# If the lines were searched again from each item, this would take hours.
@pytest.mark.parametrize("line", [b'{"type":"a"}\n', b'{"type":"a","length":9}\n', b"{}\n", b"x\n"])
def test_many_lines(line: bytes) -> None:
    assert split(HEADER + SPAN.raw + line * 50_000)


# -- Properties -----------------------------------------------------------------------------------

TEXT = st.text(max_size=12) | st.sampled_from(['{"type":"event"}', "\n{", '"}', "\\"])
PAYLOADS = st.builds(
    lambda members, indent: json.dumps(members, indent=indent, ensure_ascii=False).encode(),
    st.dictionaries(st.sampled_from(["message", "extra", "\n"]), TEXT, min_size=1),
    st.sampled_from([None, 1]),
)
ITEMS = st.lists(
    st.tuples(st.sampled_from(["event", "transaction", "feedback"]), PAYLOADS, st.booleans())
    | st.tuples(st.sampled_from(["attachment", "session"]), st.binary(max_size=20), st.just(True)),
    min_size=1,
    max_size=5,
)
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)


def write(items: list[tuple[str, bytes, bool]]) -> tuple[bytes, list[tuple[bytes, int]]]:
    """Write an envelope; return it with the payloads of its events and their offsets."""
    data, events = HEADER, []
    for kind, payload, has_length in items:
        data += head(kind, len(payload) if has_length else None)
        if kind not in ("attachment", "session"):
            events.append((payload, len(data)))
        data += payload + b"\n"
    return data, events


def events_of(found: list[Item]) -> list[tuple[bytes, int]]:
    return [(item.raw, item.place.offset) for item in found if isinstance(item, Record)]


@given(items=ITEMS, sizes=SIZES)
def test_any_items_in_any_chunks(items: list[tuple[str, bytes, bool]], sizes: list[int]) -> None:
    data, events = write(items)
    found = split(data, sizes)
    assert events_of(found) == events
    assert len(found) == len(items)
    for record in found:
        if isinstance(record, Record):
            assert record.place.line == 1 + data.count(b"\n", 0, record.place.offset)


@given(items=ITEMS, sizes=SIZES, at=st.floats(0, 1, exclude_max=True))
def test_truncation_is_never_silent(
    items: list[tuple[str, bytes, bool]], sizes: list[int], at: float
) -> None:
    data, events = write(items)
    cut = int(at * len(data))
    found = split(data[:cut], sizes)
    whole = [(raw, offset) for raw, offset in events if offset + len(raw) <= cut]
    assert events_of(found) == whole
    if any(offset <= cut < offset + len(raw) for raw, offset in events) or cut < len(HEADER):
        assert any(isinstance(item, Reject) for item in found)


@given(
    parts=st.lists(
        st.sampled_from([*b'{}[]:,"\\x\n', HEADER, EVENT, head("event"), b"\n{", b"\0", BLOB])
        | st.builds(head, st.sampled_from(["event", "a"]), st.none() | st.integers(0, 20))
    ),
    sizes=SIZES,
)
def test_chunks_make_no_difference(parts: list[bytes | int], sizes: list[int]) -> None:
    pieces = [bytes([part]) if isinstance(part, int) else part for part in parts]
    data = HEADER + b"".join(pieces)
    found, end = split(data, sizes), 0
    assert outline(found) == outline(split(data))
    for it in found:
        if not isinstance(it, Skipped | Learned):
            assert it.place.offset >= end
            end = it.place.offset + (it.size if isinstance(it, Reject) else len(it.raw))
            assert it.raw == data[it.place.offset : end]


# -- Real envelopes -------------------------------------------------------------------------------

REAL: dict[str, tuple[int, list[str]]] = {
    "Capture.Message.txt": (1, []),
    "envelope_angular.txt": (1, []),
    "envelope_binary.bin": (1, ["attachment"]),
    "envelope_empty_payload.txt": (0, ["attachment"] * 2),
    "envelope_java.txt": (1, []),
    "envelope_java_formatted_message.txt": (1, []),
    "envelope_javascript.txt": (1, []),
    "envelope_no_len_w_eof.txt": (0, ["attachment"]),
    "envelope_no_len_w_eof_empty_headers.txt": (0, ["envelope session"]),
    "envelope_no_len_w_new_line.txt": (0, ["attachment"]),
    "envelope_php.txt": (1, []),
    "envelope_php_error.txt": (1, []),
    "envelope_php_wordpress.txt": (1, []),
    "envelope_python.txt": (1, []),
    "envelope_with_json.txt": (1, ["attachment"]),
    "envelope_with_nextjs_ansi_escapes.txt": (1, []),
    "envelope_with_only_span.txt": (0, ["envelope span"]),
}


@pytest.mark.parametrize("name", REAL)
def test_real_envelopes(corpus: Path, name: str) -> None:
    events, others = REAL[name]
    found = split((corpus / "envelopes" / name).read_bytes())
    exports = [it for record in found if isinstance(record, Record) for it in detect(record)]
    assert [type(export) for export in exports] == [Export] * events
    assert [item.kind for item in found if isinstance(item, Skipped | Learned)] == others
    assert not [item for item in found if isinstance(item, Reject)]


def test_every_real_envelope_is_in_the_table(corpus: Path) -> None:
    names = {path.name for path in (corpus / "envelopes").iterdir()}
    assert names == {*REAL, "envelope_empty.txt"}  # it contains an empty object: {}
