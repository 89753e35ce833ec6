"""Nodestore rows and blobs: the event of each row, with any quoting; pickles are never loaded."""

from __future__ import annotations

import base64
import json
import pickle
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exports import compression
from archive.exports.limits import Limits
from archive.exports.records import Item, Record, Reject, Skipped
from archive.exports.shapes import Hints, Shape
from tests.builders import split

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KEY, TIME = b"3a2b" * 8, b"2026-11-20 10:00:00+00"
BODY = b'{"event_id":"%b","hashes":[],"x":NaN,"y":"\\ud83d"}' % (b"0f" * 16)
LARGE = b'{"message":"%b"}' % base64.b64encode(bytes(range(256)))
UNPROCESSED = b'\nunprocessed\n{"event_id":"0"}'
COPY = "unprocessed copy of an event"


def pack(body: bytes = BODY) -> bytes:
    return base64.b64encode(zlib.compress(body))


class Row(NamedTuple):
    """A row of a file, and the body, reject reasons and skipped kinds expected from it."""

    raw: bytes
    becomes: list[bytes | str] | None = None


def row(
    data: bytes, *becomes: bytes | str, quote: bytes = b"", by: bytes = b",", time: bytes = TIME
) -> Row:
    values = [KEY, data, time] if time else [KEY, data]
    return Row(by.join(quote + value + quote for value in values), list(becomes))


def broken(data: bytes, reason: str) -> Row:
    return row(data, "reject " + reason)


GOOD = row(pack(), BODY)
HEADER = Row(b"id,data,timestamp")
WRAPPED = base64.encodebytes(zlib.compress(LARGE)).strip()
BAD_BASE64, BAD_ZLIB = "data that is not base64", "damaged zlib data"
IS_PICKLE, NO_DATA, NO_ROW = "a pickle, which is never loaded", "no data", "not a whole row"
PICKLES = [pickle.dumps({"a": print}, protocol) for protocol in range(6)]

FILES: dict[str, list[Row]] = {
    "header": [HEADER, GOOD, GOOD],
    "no header": [GOOD, GOOD],
    "quoted header": [Row(b'"id","data","timestamp"'), GOOD],
    "header again": [HEADER, GOOD, HEADER, GOOD],
    "quoted": [HEADER, row(pack(), BODY, quote=b'"'), GOOD],
    "quoted, no header": [row(pack(), BODY, quote=b'"')],
    "line breaks in quotes": [HEADER, row(WRAPPED, LARGE, quote=b'"'), GOOD],
    "crlf in quotes": [HEADER, row(WRAPPED.replace(b"\n", b"\r\n"), LARGE, quote=b'"'), GOOD],
    "tsv": [row(pack(), BODY, by=b"\t"), row(WRAPPED.replace(b"\n", b"\\n"), LARGE, by=b"\t")],
    "tsv with header": [Row(b"id\tdata\ttimestamp"), row(pack(), BODY, by=b"\t")],
    "two columns": [Row(b"id,data"), row(pack(), BODY, time=b"")],
    "two columns, no header": [row(pack(), BODY, time=b""), row(pack(), BODY, time=b"")],
    "columns in another order": [
        Row(b"timestamp,data,id"),
        Row(b",".join((TIME, pack(), KEY)), [BODY]),
        Row(b",".join((TIME, b'"' + WRAPPED + b'"', KEY)), [LARGE]),
    ],
    "data first": [Row(b"data,id"), Row(pack() + b"," + KEY, [BODY])],
    "zstd": [HEADER, row(base64.b64encode(zstd.compress(BODY)), BODY), GOOD],
    "unprocessed": [HEADER, row(pack(BODY + UNPROCESSED), BODY, COPY), GOOD],
    "no event": [HEADER, row(pack(b"null"), "reject not JSON: 'null'"), GOOD],
    "no base64": [HEADER, broken(b"?" * 40, BAD_BASE64), GOOD],
    "base64 cut short": [HEADER, broken(pack()[:-1], BAD_BASE64), GOOD],
    "no zlib": [HEADER, broken(base64.b64encode(bytes(40)), BAD_ZLIB), GOOD],
    "damaged zlib": [HEADER, row(pack()[:-4] + b"AAAA", BODY, f"reject {BAD_ZLIB}"), GOOD],
    "truncated zlib": [HEADER, broken(pack()[:40], "truncated zlib data"), GOOD],
    "truncated zstd": [
        HEADER,
        broken(base64.b64encode(zstd.compress(BODY)[:30]), "truncated zstd data"),
        GOOD,
    ],
    "more behind the zlib": [
        HEADER,
        row(base64.b64encode(zlib.compress(BODY) + b"x"), BODY, "reject truncated zlib"),
        GOOD,
    ],
    "no JSON": [HEADER, broken(pack(b"text"), "not JSON: 'text'"), GOOD],
    "JSON cut short": [HEADER, broken(pack(BODY[:-1]), "in the middle of an object"), GOOD],
    "too large": [HEADER, broken(pack(LARGE[:-2] + bytes(99) + b'"}'), "larger than"), GOOD],
    "empty": [HEADER, broken(b"", NO_DATA), GOOD],
    "nothing packed": [HEADER, broken(pack(b" "), NO_DATA), GOOD],
    "null": [row(rb"\N", "reject " + NO_DATA, by=b"\t"), row(pack(), BODY, by=b"\t")],
    "no data": [HEADER, Row(KEY, ["reject " + NO_DATA]), GOOD],
    **{
        f"pickle of protocol {protocol}": [HEADER, broken(pack(data), IS_PICKLE), GOOD]
        for protocol, data in enumerate(PICKLES)
    },
    "quote too many": [HEADER, broken(b'"' + pack(), NO_ROW), GOOD],
    "quote too few": [HEADER, broken(pack() + b'"', NO_ROW), GOOD],
    "quote within": [HEADER, broken(b'ab"cd', NO_ROW), GOOD],
    "quoted data cut short": [
        *(HEADER, GOOD),
        Row(KEY + b',"' + WRAPPED[:99], ["reject " + NO_ROW]),
    ],
}


@pytest.mark.parametrize("sizes", [[], [1], [7]], ids=["in one chunk", "by bytes", "by sevens"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("rows", FILES.values(), ids=FILES)
def test_split(rows: list[Row], end: bytes, sizes: list[int]) -> None:
    data, wanted = b"", []
    for item in rows:
        wanted += [(it, 1 + data.count(b"\n"), len(data), item.raw) for it in item.becomes or ()]
        data += item.raw + end
    found = split(data, sizes, Limits(event_bytes=400))
    assert len(found) == len(wanted)
    for got, (becomes, line, offset, raw) in zip(found, wanted, strict=True):
        if isinstance(got, Skipped):
            assert got.kind == becomes
            continue
        assert (got.place.line, got.place.offset) == (line, offset)
        if isinstance(got, Record):
            assert (got.raw, got.hints) == (becomes, Hints(shape=Shape.STORE))
        else:
            assert isinstance(got, Reject)
            assert str(becomes).removeprefix("reject ") in got.reason
            assert got.raw.strip() == raw.strip()


@pytest.mark.parametrize("end", [b"", b"\n"], ids=["no line break", "line break"])
def test_the_last_row(end: bytes) -> None:
    (found,) = split(GOOD.raw + end)
    assert isinstance(found, Record)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"id,title\n" + GOOD.raw, id="another table"),
        pytest.param(b"id,data,title\n1,x,y\n", id="a column too many"),
        pytest.param(b"data,timestamp\nx,y\n", id="no id"),
        pytest.param(KEY + b"\n" + KEY, id="a list of IDs"),
        pytest.param(KEY[1:] + b"," + pack(), id="id too short"),
    ],
)
def test_what_is_no_export_of_the_table(data: bytes) -> None:
    assert not any(isinstance(item, Record) for item in split(data))
    assert not any("nodestore" in item.reason for item in split(data) if isinstance(item, Reject))


BLOBS = {
    "event": (BODY, [BODY]),
    "with its unprocessed copy": (BODY + UNPROCESSED, [BODY, COPY]),
    "crlf": (BODY + UNPROCESSED.replace(b"\n", b"\r\n") + b"\r\n", [BODY, COPY]),
    "broken": (BODY[:-1] + UNPROCESSED, ["reject not valid JSON", b'{"event_id":"0"}']),
    "broken copy": (BODY + UNPROCESSED[:-1], [BODY, "reject in the middle of an object"]),
    "other text": (BODY + b"\nprocessed\n" + BODY, [BODY, "reject not JSON: 'processed'", BODY]),
    "the word first": (b"unprocessed\n" + BODY, ["reject not JSON: 'unprocessed'", BODY]),
}


@pytest.mark.parametrize("sizes", [[], [1]], ids=["in one chunk", "by bytes"])
@pytest.mark.parametrize(("data", "becomes"), BLOBS.values(), ids=BLOBS)
def test_blobs(data: bytes, becomes: list[bytes | str], sizes: list[int]) -> None:
    """An object of the bucket `nodestore`, decompressed."""
    found = split(data, sizes)
    assert len(found) == len(becomes)
    for got, wanted in zip(found, becomes, strict=True):
        if isinstance(got, Skipped):
            assert got.kind == wanted
        elif isinstance(got, Record):
            assert got.raw == wanted
        else:
            assert isinstance(got, Reject)
            assert str(wanted).removeprefix("reject ") in got.reason


# -- Bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bomb", "ratio", "reason"),
    [
        pytest.param(b" " * 20_000_000, 500, "expands more than", id="of white space"),
        pytest.param(b'{"a":"' + b" " * 20_000_000, 10**6, "larger than", id="in a string"),
    ],
)
@pytest.mark.parametrize("compress", [zlib.compress, zstd.compress], ids=["zlib", "zstd"])
def test_a_bomb_costs_only_itself(
    compress: Callable[[bytes], bytes],
    bomb: bytes,
    ratio: int,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compression, "RATIO_FLOOR", 1 << 20)
    data = HEADER.raw + b"\n" + row(base64.b64encode(compress(bomb))).raw + b"\n" + GOOD.raw
    tracemalloc.start()
    try:
        *rejects, last = split(data, [1 << 16], Limits(event_bytes=1 << 20, ratio=ratio))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(rejects[0], Reject)
    assert reason in rejects[0].reason
    assert isinstance(last, Record)
    assert peak < 16 << 20


# If each row's end were searched from its beginning at every line, this would take hours.
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(KEY + b',"' + b"AAAA\n" * 100_000 + b'",x\n', id="line breaks in quotes"),
        pytest.param(KEY + b',"' + b"AAAA\n" * 100_000, id="never closed"),
        pytest.param((KEY + b',"\n') * 50_000, id="quotes never closed"),
        pytest.param((KEY + b",\n") * 50_000, id="rows without data"),
        pytest.param(KEY + b"," * 2_000_000, id="commas"),
    ],
)
def test_many_lines(data: bytes) -> None:
    found = split(data, [1 << 12])
    assert found
    assert all(isinstance(item, Reject) for item in found)


# -- Properties -----------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(
        st.dictionaries(st.text(max_size=3), st.text(max_size=9) | st.none(), max_size=3),
        st.sampled_from([base64.b64encode, base64.encodebytes]),
        st.sampled_from([zlib.compress, zstd.compress]),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)
SIZES = st.lists(st.integers(1, 80), min_size=1, max_size=4)


Code = Callable[[bytes], bytes]
Rows = list[tuple[dict[str, str | None], Code, Code, bool]]


def write(rows: Rows) -> tuple[bytes, list[tuple[bytes, int]], list[int]]:
    """Write a file; return it with its events, their offsets, and the ends of the rows' data."""
    data, events, ends = HEADER.raw + b"\n", [], []
    for value, encode, compress, has_quotes in rows:
        body = json.dumps(value).encode()
        quote = b'"' if has_quotes or encode is base64.encodebytes else b""
        events.append((body, len(data)))
        data += KEY + b"," + quote + encode(compress(body)) + quote
        ends.append(len(data))
        data += b"," + TIME + b"\n"
    return data, events, ends


def events_of(found: list[Item]) -> list[tuple[bytes, int]]:
    return [(item.raw, item.place.offset) for item in found if isinstance(item, Record)]


@given(rows=ROWS, sizes=SIZES)
def test_any_rows_in_any_chunks(rows: Rows, sizes: list[int]) -> None:
    data, events, _ = write(rows)
    found = split(data, sizes)
    assert events_of(found) == events
    assert len(found) == len(events)


@given(rows=ROWS, sizes=SIZES, at=st.floats(0, 1, exclude_max=True))
def test_truncation_is_never_silent(rows: Rows, sizes: list[int], at: float) -> None:
    data, events, ends = write(rows)
    cut = int(at * len(data))
    found = split(data[:cut], sizes)
    whole = [event for event, end in zip(events, ends, strict=True) if end <= cut]
    assert events_of(found)[: len(whole)] == whole
    if any(event[1] < cut < end for event, end in zip(events, ends, strict=True)):
        assert any(isinstance(item, Reject) for item in found) or len(events_of(found)) > len(whole)


@given(rows=ROWS, other=ROWS, damage=st.binary(min_size=1, max_size=9), at=st.floats(0, 1))
def test_a_damaged_row_costs_only_itself(rows: Rows, other: Rows, damage: bytes, at: float) -> None:
    data, events, _ = write(rows)
    place = len(KEY) + 1 + int(at * 40)
    bad = GOOD.raw[:place] + damage.replace(b"\n", b"") + GOOD.raw[place + 1 :] + b"\n"
    rest, others, _ = write(other)
    found = events_of(split(data + bad + rest))
    assert found[: len(events)] == events
    shifted = [(raw, offset + len(data) + len(bad)) for raw, offset in others]
    assert found[-len(others) :] == shifted
