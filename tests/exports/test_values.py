"""Text between and around values: keys, HTTP headers, strings and large wrappers."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exports.detect import detect
from archive.exports.limits import Limits
from archive.exports.records import Record, Reject, Skipped
from archive.exports.split import split_records
from archive.exports.wrappers import LIST_PATHS, WRAPPERS
from tests.builders import split

A, B, C = b'{"a":1}', b'{"b":2}', b'{"c":3}'
LOW = Limits(event_bytes=64)
STRING = "(JSON string)"
EMPTY = "empty page"


class Part(NamedTuple):
    """Bytes that become one item: a record, verbatim or decoded, a reject or a skipped kind."""

    raw: bytes
    becomes: bytes | str
    path: str = ""


def good(raw: bytes) -> Part:
    return Part(raw, raw)


def reject(raw: bytes, reason: str) -> Part:
    return Part(raw, f"reject {reason}")


def skip(raw: bytes, kind: str) -> Part:
    return Part(raw, f"skip {kind}")


def inside(text: bytes, layers: int = 1) -> Part:
    """Put JSON in a string."""
    raw = text
    for _ in range(layers):
        raw = json.dumps(raw.decode(errors="surrogateescape")).encode()
    return Part(raw, text, ", ".join([STRING] * layers))


Parts = list[bytes | Part]
BODY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLink: <a>; b={}\r\n\r\n"
NO_BODY, TOMBSTONE = "HTTP response without a body", "Kafka message without a value"
LIMITED = b'"You are attempting to use this endpoint too frequently."'
MESSAGE = b'[2,"insert",'

STRINGS: dict[str, Parts] = {
    "lines": [inside(A), b"\n", inside(B), b"\n"],
    "in an array": [b"[", inside(A), b",", inside(B), b"]"],
    "among objects": [good(A), b"\n", inside(B), b"\n", good(C)],
    "pretty-printed inside": [inside(b'{\n "a": 1\n}'), b"\n", good(B)],
    "a string in a string": [inside(A, 2), b"\n", good(B)],
    "a string in a string in an array": [b"[", inside(A, 3), b"]"],
    "with text that is not JSON": [reject(b'"{a} and {b}"\n', "not JSON: '\"{a}"), inside(A)],
    "with text in an array": [
        b"[",
        reject(b'"{a} text"', 'not an event but "{a}'),
        b",",
        good(A),
        b"]",
    ],
    "without an object": [
        Part(b'"[null]"', "reject not an event but null", f"{STRING}, byte 1"),
        *(b"\n", inside(A)),
    ],
    "with JSON cut short": [reject(b'"{\\"a\\":"\n', "not JSON"), inside(A)],
    "with an empty list": [skip(b'"[]"', EMPTY), b"\n", inside(A)],
    "never closed": [reject(b'"{\\"a\\":1}\n', "not JSON"), inside(A)],
    "with a bad escape": [reject(b'"{\\x}"\n', "not JSON"), inside(A)],
    "of a string only": [Part(rb'"\"text\""', "reject not JSON: '\"text\"'", STRING), b"\n"],
    "too large": [reject(b'"{\\"a\\":\\"' + b"x" * 64 + b'\\"}"\n', "larger than 64"), inside(A)],
    "lone surrogate": [Part(rb'"{\"a\":\"\ud83d\"}"', rb'{"a":"\ud83d"}', STRING)],
    "escaped lone surrogate": [Part(rb'"{\"a\":\"\\ud83d\"}"', rb'{"a":"\ud83d"}', STRING)],
    "not ASCII": [Part(rb'"{\"a\":\"\u00e9\"}"', '{"a":"é"}'.encode(), STRING)],
    "an error of the API": [skip(LIMITED, "API error"), b"\n", inside(A), b"\n", good(B)],
    "errors in an array": [b"[", skip(LIMITED, "API error"), b",", good(A), b"]"],
    "behind a key": [b"key\t", inside(A), b"\n", b"key\t", inside(B)],
}

KEYED: dict[str, Parts] = {
    "key and tab": [b"k1\t", good(A), b"\nk2\t", good(B), b"\n"],
    "null and tab": [b"null\t", good(A), b"\nnull\t", good(B), b"\n"],
    "key in quotes": [b'"k 1"\t', good(A), b'\n"k 2"\t', good(B), b"\n"],
    "no key": [b"\t", good(A), b"\n\t", good(B), b"\n"],
    "timestamp and key": [b"CreateTime:17\tk\t", good(A), b"\nCreateTime:18\tk\t", good(B)],
    "all of them": [b"CreateTime:17\tPartition:0\tOffset:3\tNO_HEADERS\tk\t", good(A), b"\n"],
    "headers": [b"CreateTime:17\ta:b,c:d e\tk\t", good(A), b"\n"],
    "colon": [b"k-1:", good(A), b"\nk-2:", good(B), b"\n"],
    "event IDs": [b"8e8379fcff434080b488b56cc4832ced\t", good(A), b"\n1\t", good(B)],
    "other separators": [b"k|", good(A), b"\nk;", good(B), b"\nk=", good(C), b"\n"],
    "crlf": [b"k\t", good(A), b"\r\nk\t", good(B), b"\r\n"],
    "of the queue": [b"1\t" + MESSAGE, good(A), b",", good(B), b"]\n2\t" + MESSAGE, good(C), b"]"],
    "tombstones": [b"k\t", good(A), b"\n", skip(b"k\tnull\n", TOMBSTONE), b"k\t", good(B)],
    "tombstone last": [b"k\t", good(A), b"\n", skip(b"k\tnull", TOMBSTONE)],
    "broken message": [b"k\t", reject(b'{"a":\n', "not valid"), b"k\t", good(B), b"\n"],
    "broken message, colon": [b"k:", reject(b'{"a":[1,\n', "not valid"), b"k:", good(B), b"\n"],
    "broken, then strings": [b"k\t", reject(b'{"a":\n', "not valid"), b"k\t", inside(A), b"\n"],
    "text between": [b"k\t", good(A), b"\n", reject(b"text\n", "not JSON"), b"k\t", good(B)],
    "text first": [reject(b"text\n", "not JSON: 'text'"), b"k\t", good(B)],
    "text with a colon": [reject(b"error: {a}\n", "not JSON"), good(A)],
    "style sheet": [reject(b"body:{color:red}\n", "not JSON"), good(A)],
    "log line": [reject(b"INFO:[main] text\n", "not JSON"), good(A)],
    "name of a member": [reject(b'"a": {"b":1},\n', "not JSON"), good(A)],
}

HTTP: dict[str, Parts] = {
    "one": [BODY, good(A)],
    "several": [BODY, good(A), b"\n" + BODY + b"[", good(B), b",", good(C), b"]"],
    "without line breaks between": [BODY, good(A), BODY, good(B)],
    "HTTP/2": [b"HTTP/2 200 \r\ncontent-length: 7\r\n\r\n", good(A)],
    "unix line breaks": [b"HTTP/1.1 200 OK\nA: b\n\n", good(A), b"\n"],
    "no headers": [b"HTTP/1.0 200 OK\r\n\r\n", good(A)],
    "redirect": [skip(b"HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n", NO_BODY), BODY, good(A)],
    "no content": [BODY, good(A), b"\n", skip(b"HTTP/1.1 204 No Content\r\n\r\n", NO_BODY)],
    "headers only": [skip(b"HTTP/1.1 200 OK\r\nA: b\r\n", NO_BODY)],
    "request and response": [
        b"POST /hook?a=b HTTP/1.1\r\nHost: c\r\n\r\n",
        good(A),
        b"\n",
        BODY,
        good(B),
    ],
    "request without a body": [skip(b"GET /a HTTP/1.1\r\nHost: b\r\n\r\n", NO_BODY), BODY, good(A)],
    "error page": [BODY, reject(b"<html>\n<p>no</p>\n", "HTML"), BODY, good(A)],
    "broken body": [BODY, reject(b'{"a":\n' + BODY, "not valid"), good(A)],
    "not headers": [reject(b"HTTP is a protocol\n", "not JSON"), good(A)],
    "text in the headers": [reject(b"HTTP/1.1 200 OK\ntext\n", "not JSON"), good(A)],
}
ARRAYS: dict[str, Parts] = {
    "empty": [skip(b"[]", EMPTY)],
    "of a comma": [skip(b"[ , ]", EMPTY)],
    "empty page among pages": [b"[[", good(A), b"],", skip(b"[]", EMPTY), b",[", good(B), b"]]"],
    "empty pages, a line each": [skip(b"[]", EMPTY), b"\n", skip(b"[]", EMPTY), b"\n"],
}
BROKEN = b'{"b":"x\ny"}'
PAGES: dict[str, Parts] = {
    "whole": [good(b'{"events":[%b,%b]}' % (A, B))],
    "a broken element": [
        b'{"next":null,"events":[',
        good(A),
        b",",
        reject(BROKEN, "not valid JSON"),
        b",",
        good(B),
        b"]}",
    ],
    "a broken element, a line each": [
        b'{"results":[\n',
        good(A),
        b",\n",
        reject(b'{"b":\n', "not valid JSON"),
        good(B),
        b"\n]}\n",
        good(C),
    ],
    "in an array": [b'[{"data":[', good(A), b",", reject(BROKEN, "not valid"), b"]}]"],
    "cut in an element": [b'{"events":[', good(A), b",", reject(b'{"b":', "in the middle")],
    "cut behind an element": [b'{"events":[', good(A), b",", reject(b"", "never closed")],
}
CASES = {
    **{f"array: {name}": parts for name, parts in ARRAYS.items()},
    **{f"page: {name}": parts for name, parts in PAGES.items()},
    **{f"string: {name}": parts for name, parts in STRINGS.items()},
    **{f"keyed: {name}": parts for name, parts in KEYED.items()},
    **{f"http: {name}": parts for name, parts in HTTP.items()},
}


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "bom"])
@pytest.mark.parametrize("sizes", [[], [1], [7]], ids=["in one chunk", "by bytes", "by sevens"])
@pytest.mark.parametrize("parts", CASES.values(), ids=CASES)
def test_split(parts: Parts, sizes: list[int], bom: bytes) -> None:
    data, wanted = bom, []
    for part in parts:
        if isinstance(part, Part):
            wanted.append((part, 1 + data.count(b"\n"), len(data)))
        data += part.raw if isinstance(part, Part) else part
    found = split(data, sizes, LOW if any(b"x" * 64 in part[0].raw for part in wanted) else None)
    assert len(found) == len(wanted)
    for item, (part, line, offset) in zip(found, wanted, strict=True):
        if isinstance(item, Skipped):
            assert f"skip {item.kind}" == part.becomes
            continue
        assert (item.place.line, item.place.offset) == (line, offset)
        assert item.place.path == part.path
        if isinstance(item, Record):
            assert item.raw == part.becomes
        else:
            assert isinstance(item, Reject)
            assert str(part.becomes).removeprefix("reject ") in item.reason
            assert part.path or (item.raw, item.size) == (part.raw, len(part.raw))


def test_each_element_of_a_list_in_a_string_has_its_place_in_it() -> None:
    (first, second) = split(b"\n" + inside(b"[" + A + b"," + B + b"]").raw)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.raw, second.raw) == (A, B)
    assert str(first.place) == "export, line 2, byte 1, (JSON string), byte 1"
    assert str(second.place) == "export, line 2, byte 1, (JSON string), byte 9"


def test_strings_in_strings_are_opened_so_many_times() -> None:
    assert [type(item) for item in split(inside(A, 4).raw)] == [Record]
    assert [type(item) for item in split(inside(A, 5).raw)] == [Reject]


# -- Wrappers larger than memory -------------------------------------------------------------------

ROOM = b'"pad":"%b"' % (b"x" * 64)
LARGE = b'{"z":"%b"}' % (b"x" * 64)
TOO_LARGE = "larger than 64 bytes"
OVERSIZED: dict[str, Parts] = {
    "first": [b'{"events":[', good(A), b",", good(B), b"]," + ROOM + b"}\n", good(C)],
    "pretty-printed": [
        b'{\n  "events": [\n    ',
        good(A),
        b",\n    ",
        good(B),
        b"\n  ],\n  " + ROOM + b"\n}\n",
        good(C),
    ],
    "scalars before": [
        b'{"next":null,"n":[1],"results" : [',
        good(A),
        b",",
        good(B),
        b"]," + ROOM + b"}",
        good(C),
    ],
    "an object before": [b'{"issue":{"id":"1"},"events":[', good(A), b"]," + ROOM + b"}", good(C)],
    "two lists": [
        b'{"events":[',
        good(A),
        b"],%b," % ROOM + b'"Records":[',
        good(B),
        b"]}",
        good(C),
    ],
    "in an array": [b'[{"data":[', good(A), b"]," + ROOM + b"},", good(B), b"]"],
    "in a wrapper": [
        b'{"events":[{"data":[',
        good(A),
        b"]," + ROOM + b"},",
        good(B),
        b"]}",
        good(C),
    ],
    "lists of lists": [b'{"events":[[', good(A), b"],[", good(B), b"]]," + ROOM + b"}", good(C)],
    "strings": [b'{"events":[', inside(A), b"]," + ROOM + b"}", good(C)],
    "a bad element": [
        b'{"events":[',
        good(A),
        b",",
        reject(b"null", "not an event but null"),
        b",",
        good(B),
        b"]," + ROOM + b"}",
        good(C),
    ],
    "a large element": [
        b'{"events":[',
        good(A),
        b",",
        reject(LARGE, TOO_LARGE),
        b",",
        good(B),
        b"]}",
        good(C),
    ],
    "hits of a search": [
        b'{"took":1,"hits":{"total":{"value":2},"hits":[',
        *(good(A), b",", good(B), b"]}," + ROOM + b"}", good(C)),
    ],
    "a HAR file": [
        b'{"log":{"version":"1.2","creator":{},"entries":[',
        *(good(A), b"]," + ROOM + b"}}", good(C)),
    ],
    "a map by ID": [
        *(b'{"%032x":' % 1, good(A), b',\n"%032x":' % 2, good(B), b',"WEB-1":[', good(C), b"],"),
        *(ROOM + b"}", good(C)),
    ],
    "a map by ID with a large event": [
        *(b'{"%032x":' % 1, good(A), b',"%032x":' % 2, reject(LARGE, TOO_LARGE), b"}", good(C)),
    ],
    "hits that are no list": [reject(b'{"hits":{"hits":1,' + ROOM + b"}}", TOO_LARGE), good(C)],
    "no such list": [reject(b'{"other":[' + A + b"]," + ROOM + b"}", TOO_LARGE), good(C)],
    "a list of numbers": [reject(b'{"data":[1,2],' + ROOM + b"}", TOO_LARGE), good(C)],
    "an event": [reject(b'{"eventID":"1","data":[' + A + b"]," + ROOM + b"}", TOO_LARGE), good(C)],
    "an empty list of lists": [reject(b'{"data":[[]],' + ROOM + b"}", TOO_LARGE), good(C)],
    "cut in the list": [
        b'{"events":[',
        good(A),
        b"," + b" " * 64,
        reject(b"", "the array is never closed"),
    ],
    "cut behind the list": [
        b'{"events":[',
        good(A),
        b"]," + b" " * 64,
        reject(b"", "the object is never closed"),
    ],
    "cut in an element": [
        b'{"events":[',
        good(A),
        b"," + b" " * 64,
        reject(b'{"b":', "in the middle of an object"),
    ],
    "broken behind the list": [
        b'{"events":[',
        good(A),
        b"]," + ROOM + b",",
        reject(b"?}\n", "not JSON"),
        good(C),
    ],
}


@pytest.mark.parametrize("sizes", [[], [1], [7]], ids=["in one chunk", "by bytes", "by sevens"])
@pytest.mark.parametrize("parts", OVERSIZED.values(), ids=OVERSIZED)
def test_wrappers_over_a_limit_are_opened(parts: Parts, sizes: list[int]) -> None:
    data, wanted = b"", []
    for part in parts:
        if isinstance(part, Part):
            wanted.append((part, 1 + data.count(b"\n"), len(data)))
        data += part.raw if isinstance(part, Part) else part
    found = split(data, sizes, LOW)
    assert len(found) == len(wanted)
    for item, (part, line, offset) in zip(found, wanted, strict=True):
        assert isinstance(item, Record | Reject)
        assert (item.place.line, item.place.offset) == (line, offset)
        if isinstance(item, Record):
            assert item.raw == part.becomes
        else:
            assert str(part.becomes).removeprefix("reject ") in item.reason


def test_wrappers_are_opened_by_paths_that_recognition_knows() -> None:
    assert {path for wrapper in WRAPPERS for path in wrapper.paths} >= LIST_PATHS


def test_an_event_in_a_wrapper_in_a_string_is_at_the_place_of_the_string() -> None:
    page = b'{"events":[\n{"eventID":"%032x"},\n{"eventID":"%032x"}]}' % (1, 2)
    (record,) = split(b"\n" + inside(page).raw)
    assert isinstance(record, Record)
    places = [str(found.place) for found in detect(record) if not isinstance(found, Skipped)]
    assert places == [
        "export, line 2, byte 1, (JSON string).events[0]",
        "export, line 2, byte 1, (JSON string).events[1]",
    ]


def test_a_wrapper_within_the_limits_is_one_record() -> None:
    (found,) = split(b'{"events":[' + A + b"]}")
    assert isinstance(found, Record)


@pytest.mark.parametrize(
    ("element", "size"),
    [
        pytest.param(b'{"a":"%b"},' % (b"x" * 10_000), 120_000_000, id="few elements"),
        pytest.param(
            b'{"a":"%b"},' % (b"x" * 1000), 64_000_000, marks=pytest.mark.slow, id="large elements"
        ),
        pytest.param(
            b'{"a":"%b"},' % (b"x" * 30), 6_000_000, marks=pytest.mark.slow, id="many elements"
        ),
    ],
)
def test_a_giant_wrapper_is_not_held(element: bytes, size: int) -> None:
    count = size // len(element)

    def read() -> Iterator[bytes]:
        yield b'{"next":null,"events":['
        for _ in range(count // 1000):
            yield element * 1000
        yield b"null]}" + C

    limits = Limits(event_bytes=4 << 20, event_values=10_000)
    records = rejects = 0
    tracemalloc.start()
    try:
        for item in split_records(read(), "export", None, limits):
            records += isinstance(item, Record)
            rejects += isinstance(item, Reject)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (records, rejects) == (count // 1000 * 1000 * element.count(b"{") + 1, 1)
    assert peak < 80 << 20


# -- Bounds and properties ------------------------------------------------------------------------


# If it were read again from each line or byte, this would take hours.
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"key\t" * 500_000, id="tabs"),
        pytest.param(b"a:" * 1_000_000, id="colons"),
        pytest.param(b"k\tnull\n" * 20_000, id="tombstones"),
        pytest.param(b'"{\\"' * 50_000, id="strings that open"),
        pytest.param(b'"{\n' * 10_000, id="lines of strings that open"),
        pytest.param(b'k\t{"a":\n' * 20_000, id="messages that open"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" * 10_000, id="status lines"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 300_000, id="headers"),
        pytest.param(b"GET " + b"a" * 2_000_000, id="a long request line"),
        pytest.param(b'{"events":[' * 5_000, id="wrappers"),
        pytest.param(b'["' + b"\\" * 2_000_000, id="backslashes"),
    ],
)
def test_many_of_them(data: bytes) -> None:
    assert split(data + b"\n{}\n", [1 << 16], Limits(event_bytes=1 << 20))


PIECES = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"\t", b"|", b"null", b"key"),
        *(A, inside(A).raw, inside(A, 2).raw, b'{"events":[', b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
        *(b"\r\n", b"\nkey\t", b'"{\\"a\\":', b"\0", b" ", b"unprocessed\n"),
    ]
)


@given(
    data=st.lists(PIECES, max_size=30).map(b"".join),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    limits=st.sampled_from([LOW, Limits()]),
)
def test_chunks_make_no_difference(data: bytes, sizes: list[int], limits: Limits) -> None:
    found = split(data, sizes)
    assert found == split(data)
    end = 0
    for item in found:
        if isinstance(item, Record | Reject) and not item.place.path:
            assert item.place.offset >= end
            size = len(item.raw) if isinstance(item, Record) else item.size
            end = item.place.offset + size
            assert item.raw == data[item.place.offset : end]
            assert item.place.line == 1 + data.count(b"\n", 0, item.place.offset)
