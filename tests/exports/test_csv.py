"""CSV with JSON in a column, Sentry's own CSV, and dumps by pg_dump."""

from __future__ import annotations

import base64
import csv
import io
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exports.limits import Limits
from archive.exports.records import Record, Reject, Skipped
from archive.exports.shapes import Shape
from archive.exports.split import split_records
from tests.builders import split

A, B, C = b'{"a":1}', b'{"b":"x, \\"y\\" and z"}', b'{"c":3}'
PRETTY = b'{\n  "a": 1,\n  "b": "x"\n}'
AIRBYTE = b"_airbyte_ab_id,_airbyte_data,_airbyte_emitted_at"
TIME = b"2026-11-20 10:00:00+00"
EMPTY = "CSV table without rows"
NO_ROW = "not a whole row of CSV"


class Row(NamedTuple):
    """A row of a file, and the records, reject reasons and skipped kinds expected from it."""

    raw: bytes
    becomes: list[bytes | str] | None = None


def quote(cell: bytes) -> bytes:
    return b'"' + cell.replace(b'"', b'""') + b'"'


def row(data: bytes, *becomes: bytes | str) -> Row:
    return Row(b"0f3c," + quote(data) + b"," + TIME, list(becomes or [data]))


def make_table(*columns: bytes, by: bytes = b",", becomes: bytes = A) -> Row:
    return Row(by.join(columns), [becomes])


HEADER = Row(AIRBYTE)
CSVS: dict[str, tuple[str, list[Row]]] = {
    "Airbyte": ("_airbyte_data", [HEADER, row(A), row(B)]),
    "Airbyte's newer columns": (
        "_airbyte_data",
        [
            Row(b"_airbyte_raw_id,_airbyte_extracted_at,_airbyte_loaded_at,_airbyte_data"),
            Row(b"0f,,," + quote(A), [A]),
        ],
    ),
    "Snowflake": (
        "_airbyte_data",
        [Row(b'"_AIRBYTE_AB_ID","_AIRBYTE_DATA"'), Row(b'"0f",' + quote(B), [B])],
    ),
    "all quoted": (
        "_airbyte_data",
        [Row(b",".join(map(quote, AIRBYTE.split(b",")))), Row(b'"1",%b,"x"' % quote(A), [A])],
    ),
    "JSON in several lines": ("_airbyte_data", [HEADER, row(PRETTY), row(C)]),
    "header only": ("", [Row(AIRBYTE, [f"skip {EMPTY}"])]),
    "header again": ("_airbyte_data", [HEADER, row(A), HEADER, row(B)]),
    "no JSON": ("_airbyte_data", [HEADER, row(b"text", "reject not JSON: 'text'"), row(A)]),
    "nothing": (
        "_airbyte_data",
        [HEADER, Row(b"1,,2", ["reject no JSON in _airbyte_data"]), row(A)],
    ),
    "broken JSON": ("_airbyte_data", [HEADER, row(b'{"a":', "reject in the middle of"), row(A)]),
    "a list": ("_airbyte_data", [HEADER, row(b"[%b,%b]" % (A, C), A, C), row(B)]),
    "too few cells": ("_airbyte_data", [HEADER, Row(b"1", [f"reject {NO_ROW}"]), row(A)]),
    "quote never closed": (
        "_airbyte_data",
        [HEADER, Row(b'1,"{""a"":1},x', [f"reject {NO_ROW}"]), row(A), row(B)],
    ),
    "quote too many": (
        "_airbyte_data",
        [HEADER, row(A), Row(b'1,"{""a"":1}"",x', [f"reject {NO_ROW}"]), row(B), row(PRETTY)],
    ),
    "quote never closed at the end": (
        "_airbyte_data",
        [HEADER, row(A), Row(b'1,"{""a"":1},x', [f"reject {NO_ROW}"])],
    ),
    "NUL and binary": (
        "_airbyte_data",
        [HEADER, row(A), Row(b"\0\xff\xfe,\0", ["reject binary data"]), row(B)],
    ),
    "another table": ("payload", [Row(b"id,payload"), Row(b"1," + quote(A), [A])]),
    "another table with other JSON later": (
        "event",
        [Row(b"id,event,extra"), Row(b"1,%b,%b" % (quote(A), quote(B)), [A])],
    ),
    "no header": ("column 2", [Row(b"1," + quote(A), [A]), Row(b"2," + quote(B), [B])]),
    "one column": ("data", [Row(b"data"), Row(quote(A), [A]), Row(quote(B), [B])]),
    "one column, no header": ("column 1", [Row(quote(A), [A]), Row(quote(B), [B])]),
    "semicolons": ("data", [Row(b"id;data;x"), Row(b"1;%b;2" % quote(A), [A])]),
    "tabs": ("data", [Row(b"id\tdata\tx"), Row(b"\t%b\t2" % quote(A), [A])]),
    "an index by pandas": ("data", [Row(b",data,x"), Row(b"0,%b,1" % quote(A), [A])]),
    "spaces in names": ("the data", [Row(b"an id,the data"), Row(b"0," + quote(A), [A])]),
}


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "bom"])
@pytest.mark.parametrize("sizes", [[], [1], [7]], ids=["in one chunk", "by bytes", "by sevens"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("name", "rows"), CSVS.values(), ids=CSVS)
def test_csv(name: str, rows: list[Row], end: bytes, sizes: list[int], bom: bytes) -> None:
    data, wanted = bom, []
    for item in rows:
        wanted += [(it, 1 + data.count(b"\n"), len(data)) for it in item.becomes or ()]
        data += item.raw + end
    found = split(data, sizes)
    assert len(found) == len(wanted)
    for got, (becomes, line, offset) in zip(found, wanted, strict=True):
        if isinstance(got, Skipped):
            assert f"skip {got.kind}" == becomes
            continue
        assert isinstance(got, Record | Reject)
        assert (got.place.line, got.place.offset) == (line, offset)
        if isinstance(got, Record):
            assert got.raw == becomes
            assert got.place.path.startswith(name)
        else:
            assert str(becomes).removeprefix("reject ") in got.reason


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"], ids=["no line break", "lf", "crlf"])
def test_the_last_row(end: bytes) -> None:
    (found,) = split(AIRBYTE + b"\n" + row(A).raw + end)
    assert isinstance(found, Record)


@pytest.mark.parametrize("sizes", [[], [1]], ids=["in one chunk", "by bytes"])
def test_a_row_that_is_too_large_costs_only_itself(sizes: list[int]) -> None:
    large = row(b'{"a":"%b",\n"b":1}' % (b"x" * 200))
    data = b"\n".join((AIRBYTE, row(A).raw, large.raw, row(C).raw))
    first, reject, last = split(data, sizes, Limits(event_bytes=100))
    assert isinstance(reject, Reject)
    assert reject.reason == "larger than 100 bytes"
    assert reject.size == len(large.raw) + 1
    assert [item.raw for item in (first, last) if isinstance(item, Record)] == [A, C]


@pytest.mark.parametrize("cell", [b'"{""', b'"{""a"":""', b"x"], ids=["quote", "string", "plain"])
def test_a_row_that_never_ends_is_not_held(cell: bytes) -> None:
    def read() -> Iterator[bytes]:
        yield AIRBYTE + b"\n" + row(A).raw + b"\n1," + cell
        for _ in range(300):
            yield b"x" * (1 << 20)

    tracemalloc.start()
    try:
        found = list(split_records(read(), "export", None, Limits(event_bytes=4 << 20)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [type(item) for item in found] == [Record, Reject]
    assert peak < 40 << 20


@pytest.mark.parametrize(
    "line", [b'1,"{\n', b'1,"{"\n', b'"\n', b"1,2,3\n", b'"{""\n', b'1,"{""a"":1}\n']
)
def test_many_lines(line: bytes) -> None:
    head = AIRBYTE + b"\n" + row(A).raw + b"\n"
    found = split(head + line * 10_000, [1 << 16], Limits(event_bytes=1 << 20))
    assert isinstance(found[0], Record)
    assert any(isinstance(item, Reject) for item in found)


VALUES: st.SearchStrategy[Any] = st.dictionaries(
    st.text(max_size=5), st.text(max_size=9) | st.sampled_from(['1,"{', "\n", '"', '""', "\r\n,"])
)


@given(
    events=st.lists(VALUES, min_size=1, max_size=4),
    others=st.text(max_size=6).filter(lambda text: "\r" not in text and "\n" not in text),
    by=st.sampled_from([",", ";", "\t"]),
    indent=st.sampled_from([None, 1]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_what_the_csv_module_writes(
    events: list[Any], others: str, by: str, indent: int | None, quoting: Any, sizes: list[int]
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=by, quoting=quoting)
    texts = [json.dumps({"a": 1, **event}, indent=indent) for event in events]
    writer.writerow(["id", "_airbyte_data", "x"])
    writer.writerows([1, text, others] for text in texts)
    found = split(file.getvalue().encode(), sizes)
    assert [getattr(item, "raw", item) for item in found] == [text.encode() for text in texts]


@given(
    parts=st.lists(
        st.sampled_from([row(A).raw, row(PRETTY).raw, AIRBYTE, b"\n", b"\r\n", b'"', b",", b"{"])
        | st.sampled_from([b"}", b'""', b"\0", b'1,"{""a"":', b"x"]),
        max_size=20,
    ),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_chunks_make_no_difference(parts: list[bytes], sizes: list[int]) -> None:
    data = AIRBYTE + b"\n" + b"".join(parts)
    assert split(data, sizes) == split(data)


# -- Sentry's own ---------------------------------------------------------------------------------

SENTRY = [
    b"id,title,timestamp,event.type,project.name\n",
    b'"id","title","event.type","project","user.display","timestamp"\n',
    b"title,event.type,count(),count_unique(user)\n",
    b"Event ID,Title,Timestamp\n",
    b"value,times_seen,last_seen,first_seen\n",
    b"value,id,email,username,ip_address,times_seen,last_seen,first_seen\r\n",
    b"issue,title,project,count()\n",
]


@pytest.mark.parametrize("sizes", [[], [1]], ids=["in one chunk", "by bytes"])
@pytest.mark.parametrize("header", SENTRY)
def test_csv_of_sentry_is_skipped_once(header: bytes, sizes: list[int]) -> None:
    (found,) = split(header + b'"8e83","a, ""b""","x\n{}",error,web\n' * 3, sizes)
    assert isinstance(found, Skipped)
    assert found.kind.startswith("CSV table of Sentry")
    assert "`resolve -`" in found.kind


@pytest.mark.parametrize("header", [b"id,title\n", b"name,price\n", b"8e83\n8e84\n", b"title\n"])
def test_other_csv_is_rejected(header: bytes) -> None:
    (found,) = split(header + b"1,x\n")
    assert isinstance(found, Reject)


# -- pg_dump --------------------------------------------------------------------------------------

BODY = b'{"event_id":"%b","hashes":[]}' % (b"0f" * 16)
ID = b"3a2b" * 8
START = b"""--
-- PostgreSQL database dump
--

\\restrict aB3

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.nodestore_node (
    id character varying(40) NOT NULL,
    data text NOT NULL
);

"""
OTHER = b"""--
-- Data for Name: auth_user; Type: TABLE DATA
--

COPY public.auth_user (id, "name") FROM stdin;
1\tCOPY public.nodestore_node (id, data) FROM stdin;
2\t{"event_id": 1}
\\.


"""
END = b"\nALTER TABLE ONLY public.nodestore_node ADD CONSTRAINT x PRIMARY KEY (id);\n"
COPY = b'COPY public.nodestore_node (id, data, "timestamp") FROM stdin;\n'
SKIP = "skip other table of a database dump"
PACKED = base64.b64encode(zlib.compress(BODY))
WRAPPED = base64.encodebytes(zlib.compress(BODY)).replace(b"\n", b"\\n")


def node(data: bytes, *becomes: bytes | str) -> Row:
    return Row(b"\t".join((ID, data, TIME)) + b"\n", list(becomes or [BODY]))


LAST = Row(b"\\.\n")
DUMPS: dict[str, list[Row]] = {
    "whole": [
        *(Row(START), Row(OTHER, [SKIP]), Row(COPY), node(PACKED), node(WRAPPED), LAST),
        *(Row(OTHER, [SKIP]), Row(END)),
    ],
    "from COPY on": [Row(COPY), node(PACKED), LAST],
    "the other table first": [
        Row(OTHER[OTHER.index(b"COPY") :], [SKIP]),
        Row(COPY),
        node(PACKED),
        LAST,
    ],
    "columns in another order": [
        Row(START),
        Row(b'COPY "nodestore_node" ("timestamp", "data", "id") FROM stdin;\n'),
        Row(TIME + b"\t" + WRAPPED + b"\t" + ID + b"\n", [BODY]),
        LAST,
    ],
    "two columns": [
        Row(b"COPY nodestore_node (id, data) FROM stdin;\n"),
        Row(ID + b"\t" + PACKED + b"\n", [BODY]),
        LAST,
    ],
    "no columns": [Row(b"COPY nodestore_node FROM stdin;\n"), node(PACKED), LAST],
    "empty table": [Row(START), Row(COPY), LAST, Row(END)],
    "null": [Row(START), Row(COPY), node(rb"\N", "reject there is no data"), node(PACKED), LAST],
    "not base64": [Row(COPY), node(b"\\\\x00", "reject not base64"), node(PACKED), LAST],
    "too few columns": [Row(COPY), Row(ID + b"\n", ["reject not a whole row"]), node(PACKED), LAST],
    "cut short": [Row(COPY), node(PACKED), Row(b"", ["reject never closed"])],
    "cut in another table": [Row(COPY), node(PACKED), LAST, Row(OTHER[:-5], [SKIP])],
    "INSERT": [
        Row(START),
        Row(b"INSERT INTO public.nodestore_node VALUES ('a', 'b', 'c');", ["reject INSERT"]),
        Row(b"\n" + COPY),
        *(node(PACKED), LAST),
    ],
    "without the table": [Row(START), Row(OTHER, [SKIP])],
    "too large": [
        Row(COPY),
        Row(b"x" * 500 + b"\n", ["reject larger than 400"]),
        node(PACKED),
        LAST,
    ],
}


@pytest.mark.parametrize("sizes", [[], [1], [7]], ids=["in one chunk", "by bytes", "by sevens"])
@pytest.mark.parametrize("rows", DUMPS.values(), ids=DUMPS)
def test_dump(rows: list[Row], sizes: list[int]) -> None:
    data, wanted = b"", []
    for item in rows:
        wanted += [(it, 1 + data.count(b"\n"), len(data)) for it in item.becomes or ()]
        data += item.raw
    found = split(data, sizes, Limits(event_bytes=400))
    assert len(found) == len(wanted)
    for got, (becomes, line, offset) in zip(found, wanted, strict=True):
        if isinstance(got, Skipped):
            assert f"skip {got.kind}" == becomes
            continue
        assert isinstance(got, Record | Reject)
        assert (got.place.line, got.place.offset) == (line, offset)
        if isinstance(got, Record):
            assert (got.raw, got.hints.shape) == (becomes, Shape.STORE)
        else:
            assert str(becomes).removeprefix("reject ") in got.reason


def test_a_dump_of_a_large_table_is_not_held() -> None:
    def read() -> Iterator[bytes]:
        yield START + OTHER[: OTHER.index(b"2\t")]
        for _ in range(300):
            yield b"x" * (1 << 20)
        yield b"\n\\.\n" + COPY + node(PACKED).raw + b"\\.\n"

    tracemalloc.start()
    try:
        found = list(split_records(read(), "export", None, Limits()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [type(item) for item in found] == [Skipped, Record]
    assert peak < 20 << 20


def test_the_custom_format_of_pg_dump_is_named() -> None:
    (found,) = split(b"PGDMP\x01\x0e\x00\x04\x08" + bytes(99))
    assert isinstance(found, Reject)
    assert "pg_restore" in found.reason
