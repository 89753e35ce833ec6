"""Splitting: every object is found exactly, everything else is rejected, in any mixture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.exports.limits import Limits
from archive.exports.records import REJECT_SAMPLE_BYTES, Record, Reject
from archive.exports.split import split_records
from tests.builders import split as split_stream

BOM = b"\xef\xbb\xbf"
HIGH = Limits()
LOW = Limits(event_bytes=64)

Item = tuple[str, bytes | str, int, int]


class Case(NamedTuple):
    """A stream and the items it is split into."""

    data: bytes
    items: list[Item]
    limits: Limits = HIGH


def record(raw: bytes, line: int, offset: int) -> Item:
    return "record", raw, line, offset


def reject(reason: str, line: int, offset: int) -> Item:
    return "reject", reason, line, offset


def split(
    data: bytes, sizes: Sequence[int] = (), limits: Limits = HIGH, fault: str | None = None
) -> list[Record | Reject]:
    items = split_stream(data, sizes, limits, fault)
    return [item for item in items if isinstance(item, Record | Reject)]


def records_of(items: list[Record | Reject]) -> list[tuple[bytes, int, int]]:
    return [
        (item.raw, item.place.line, item.place.offset) for item in items if isinstance(item, Record)
    ]


def rejects_of(items: list[Record | Reject]) -> list[Reject]:
    return [item for item in items if isinstance(item, Reject)]


A, B, C = b'{"a":1}', b'{"b":2}', b'{"c":3}'
UNFINISHED = "the file ends in the middle of an object"
UNCLOSED_ARRAY = "the array is never closed"
TOO_LARGE = "larger than 64 bytes"
LARGE = b'{"b":"%b"}' % (b'[{\\"}]' * 20)

WHOLE = {
    "object": Case(A, [record(A, 1, 0)]),
    "array": Case(b"[" + A + b"," + B + b"]", [record(A, 1, 1), record(B, 1, 9)]),
    "array, a line each": Case(
        b"[\n" + A + b",\n" + B + b"\n]\n", [record(A, 2, 2), record(B, 3, 11)]
    ),
    "ndjson": Case(A + b"\n" + B + b"\n", [record(A, 1, 0), record(B, 2, 8)]),
    "ndjson without the last newline": Case(A + b"\n" + B, [record(A, 1, 0), record(B, 2, 8)]),
    "ndjson with blank lines": Case(A + b"\n\n \n" + B, [record(A, 1, 0), record(B, 4, 11)]),
    "crlf": Case(A + b"\r\n" + B + b"\r\n", [record(A, 1, 0), record(B, 2, 9)]),
    "concatenated": Case(A + B + b" " + C, [record(A, 1, 0), record(B, 1, 7), record(C, 1, 15)]),
    "pretty-printed": Case(
        b'{\n  "a": [\n    1\n  ]\n}\n{\n  "b": 2\n}\n',
        [record(b'{\n  "a": [\n    1\n  ]\n}', 1, 0), record(b'{\n  "b": 2\n}', 6, 23)],
    ),
    "pretty-printed without indent": Case(
        b'{\n"a": [\n{\n"x": 1\n},\n{\n"y":\n{}\n}\n]\n}\n{\n"b": 2\n}',
        [
            record(b'{\n"a": [\n{\n"x": 1\n},\n{\n"y":\n{}\n}\n]\n}', 1, 0),
            record(b'{\n"b": 2\n}', 12, 37),
        ],
    ),
    "bom": Case(BOM + A, [record(A, 1, 3)]),
    "bom between": Case(A + b"\n" + BOM + B, [record(A, 1, 0), record(B, 2, 11)]),
    "bom in a string": Case(b'{"a":"' + BOM + b'"}', [record(b'{"a":"' + BOM + b'"}', 1, 0)]),
    "record separators": Case(
        b"\x1e" + A + b"\n\x1e" + B + b"\n", [record(A, 1, 1), record(B, 2, 10)]
    ),
    "messages of a queue": Case(
        b'[2,"insert",' + A + b"," + B + b']\n[ 0 , "end_merge" , ' + C + b"]\n",
        [record(A, 1, 12), record(B, 1, 20), record(C, 2, 49)],
    ),
    "stray commas": Case(b"[," + A + b",," + B + b",]", [record(A, 1, 2), record(B, 1, 11)]),
    "ndjson with commas": Case(A + b",\n" + B + b",\n", [record(A, 1, 0), record(B, 2, 9)]),
    "nested arrays": Case(b"[[" + A + b"],[],[[" + B + b"]]]", [record(A, 1, 2), record(B, 1, 16)]),
    "arrays one after the other": Case(
        b"[" + A + b"]\n[" + B + b"]", [record(A, 1, 1), record(B, 2, 11)]
    ),
    "empty array": Case(b"[]", []),
    "array of a comma": Case(b"[,]", []),
    "empty object": Case(b"{}", [record(b"{}", 1, 0)]),
}

# Text that strict parsers reject or change: kept byte for byte.
ODD = {
    "NaN": b'{"b":NaN}',
    "infinities": b'{"b":[Infinity,-Infinity]}',
    "lone surrogate": b'{"b":"\\ud83d"}',
    "float too large": b'{"b":1e400}',
    "integer of 23 digits": b'{"b":12345678901234567890123}',
    "duplicate keys": b'{"b":1,"b":2}',
    "line separator": '{"b":"\u2028\u2029\x85"}'.encode(),
    "escaped NUL": b'{"b":"\\u0000"}',
    "raw NUL": b'{"b":"\x00"}',
    "invalid UTF-8": b'{"b":"\xff\xfe"}',
    "brackets in strings": b'{"}]\\"{[":"\\\\"}',
    "white space": b'{ "b" :\t[ 1 , 2 ] }',
    "1,100 deep": b'{"b":' + b"[" * 1_100 + b"]" * 1_100 + b"}",
    "100,000 deep": b'{"b":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
VERBATIM = {
    name: Case(
        A + b"\n" + raw + b"\n" + C,
        [record(A, 1, 0), record(raw, 2, 8), record(C, 3, 9 + len(raw))],
    )
    for name, raw in ODD.items()
}

BROKEN = {
    "empty": Case(b"", [reject("the file is empty", 1, 0)]),
    "blank": Case(b" \n\r\n\t", [reject("the file is empty", 3, 5)]),
    "bom only": Case(BOM, [reject("the file is empty", 1, 3)]),
    "null in an array": Case(
        b"[null," + A + b"]", [reject("not an event but null", 1, 1), record(A, 1, 6)]
    ),
    "number in an array": Case(
        b"[" + A + b",-1.5e3]", [record(A, 1, 1), reject("not an event but -1.5e3", 1, 9)]
    ),
    "message of a queue without more": Case(
        b'[2,"insert"]' + A,
        [
            *(reject("not an event but 2", 1, 1), reject('not an event but "insert"', 1, 3)),
            record(A, 1, 12),
        ],
    ),
    "message of a queue cut short": Case(
        b'[2,"insert",{"b":\n[2,"insert",' + A + b"]",
        [
            *(reject("never closed", 1, 12), record(A, 2, 30)),
            reject(UNCLOSED_ARRAY, 2, 38),
        ],
    ),
    "string in an array": Case(
        b'["{\\"x\\":[1]}, \\\\",' + A + b"]",
        [reject('not an event but "{\\"x\\":[1]}, \\\\"', 1, 1), record(A, 1, 19)],
    ),
    "unclosed string in an array": Case(
        b'["x\n' + A + b"]", [reject('not an event but "x', 1, 1), record(A, 2, 4)]
    ),
    "text before": Case(
        b"Exporting ...\n" + A, [reject("not JSON: 'Exporting ...'", 1, 0), record(A, 2, 14)]
    ),
    "text before an indented line": Case(
        b"Exporting:\n \t " + A, [reject("not JSON: 'Exporting:'", 1, 0), record(A, 2, 14)]
    ),
    "text between": Case(
        A + b"\nretrying {1}\nagain\n[" + B + b"]",
        [record(A, 1, 0), reject("not JSON: 'retrying {1}'", 2, 8), record(B, 4, 28)],
    ),
    "string": Case(b'"text"\n' + A, [reject("not JSON: '\"text\"'", 1, 0), record(A, 2, 7)]),
    "html": Case(b"\n<!DOCTYPE html>\n{}\n", [reject("HTML or XML: '<!DOCTYPE html>'", 2, 1)]),
    "html between": Case(
        A + b"\n<hr>\n" + B,
        [record(A, 1, 0), reject("HTML or XML: '<hr>'", 2, 8), record(B, 3, 13)],
    ),
    "csv": Case(b"id,title\n1,x\n", [reject("not JSON: 'id,title'", 1, 0)]),
    "binary": Case(b"\x89PNG\r\n\x1a\n\0\0\n{}", [reject("binary data: b'\\x89PNG", 1, 0)]),
    "zeros between": Case(
        A + b"\n" + bytes(20) + b"\n" + B,
        [record(A, 1, 0), reject("binary data", 2, 8), record(B, 3, 29)],
    ),
    "utf-16": Case('\ufeff{"a":1}'.encode("utf-16-le"), [reject("iconv -f UTF-16", 1, 0)]),
    "truncated": Case(A + b'\n{"b":', [record(A, 1, 0), reject(UNFINISHED, 2, 8)]),
    "truncated without indent": Case(
        b'{\n"a":\n{},\n"b": [\n{\n"c": 1\n},\n{\n"d"', [reject(UNFINISHED, 1, 0)]
    ),
    "newline in a string": Case(
        A + b'\n{"b":"x\ny"}\n' + C,
        [record(A, 1, 0), reject("not valid JSON", 2, 8), record(C, 4, 20)],
    ),
    "newline in a string in an array of one line": Case(
        b'[{"b":["x\ny}"]},' + A + b"," + C + b"]",
        [reject("not valid JSON", 1, 1), record(A, 2, 16), record(C, 2, 24)],
    ),
    "broken line": Case(
        A + b'\n{"b":"x\n' + C,
        [record(A, 1, 0), reject("not valid JSON", 2, 8), record(C, 3, 16)],
    ),
    "broken line that ends in a colon": Case(
        A + b'\n{"b":\n' + C + b"\n",
        [record(A, 1, 0), reject("not valid JSON", 2, 8), record(C, 3, 14)],
    ),
    "broken line in an array": Case(
        b'[\n{"a":[1,\n' + B + b",\n" + C + b"\n]",
        [reject("not valid JSON", 2, 2), record(B, 3, 11), record(C, 4, 20)],
    ),
    "object closed as an array": Case(
        b"[" + A + b',{"b":2],' + C,
        [record(A, 1, 1), reject("not valid JSON", 1, 9), record(C, 1, 17)],
    ),
    "unclosed array": Case(b"[" + A + b",", [record(A, 1, 1), reject(UNCLOSED_ARRAY, 1, 9)]),
    "array of nothing, unclosed": Case(b"[[]", [reject(UNCLOSED_ARRAY, 1, 3)]),
    "stray ]": Case(
        A + b"]\n" + B, [record(A, 1, 0), reject("not JSON: ']'", 1, 7), record(B, 2, 9)]
    ),
    "stray }": Case(
        A + b"}\n" + B, [record(A, 1, 0), reject("not JSON: '}'", 1, 7), record(B, 2, 9)]
    ),
    "stray } in an array": Case(
        b"[" + A + b"}," + B + b"]",
        [record(A, 1, 1), reject("not an event but }", 1, 8), record(B, 1, 10)],
    ),
    "too large": Case(
        b"[" + A + b"," + LARGE + b"," + C + b"]",
        [record(A, 1, 1), reject(TOO_LARGE, 1, 9), record(C, 1, 10 + len(LARGE))],
        LOW,
    ),
    "too large, a line each": Case(
        A + b"\n" + LARGE + b"\n" + C,
        [record(A, 1, 0), reject(TOO_LARGE, 2, 8), record(C, 3, 9 + len(LARGE))],
        LOW,
    ),
    "too large and NaN": Case(
        b"[" + LARGE[:-1] + b',"c":NaN},' + C + b"]",
        [reject(TOO_LARGE, 1, 1), record(C, 1, 10 + len(LARGE))],
        LOW,
    ),
    "too large and nested": Case(
        b'[{"b":[' + LARGE + b',{"\\\\":[]}]},' + C + b"]",
        [reject(TOO_LARGE, 1, 1), record(C, 1, 20 + len(LARGE))],
        LOW,
    ),
    "too large and unfinished": Case(b"[" + LARGE[:-2], [reject(TOO_LARGE, 1, 1)], LOW),
    "as large as may be": Case(
        b'{"a":"' + b"x" * 56 + b'"}', [record(b'{"a":"' + b"x" * 56 + b'"}', 1, 0)], LOW
    ),
    "giant string in an object": Case(
        b'[{"b":"' + b"x" * 1_000 + b'"},' + C + b"]",
        [reject(TOO_LARGE, 1, 1), record(C, 1, 1_010)],
        LOW,
    ),
}


@pytest.mark.parametrize("size", [None, 1, 3], ids=["in one chunk", "by bytes", "by threes"])
@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name) for name, case in (WHOLE | VERBATIM | BROKEN).items()],
)
def test_split(case: Case, size: int | None) -> None:
    items = split(case.data, [size] if size else [], case.limits)
    assert len(items) == len(case.items)
    for item, (kind, hints, line, offset) in zip(items, case.items, strict=True):
        assert (item.place.line, item.place.offset) == (line, offset)
        assert kind == type(item).__name__.lower()
        assert hints == item.raw if isinstance(item, Record) else str(hints) in item.reason


@pytest.mark.parametrize("size", [7, 64, 1_000, 100_000])
def test_a_giant_string_in_an_array_costs_only_itself(size: int) -> None:
    data = b"[" + A + b',"' + b'{\\"x\\":[' * 200 + b'",' + C + b"]"
    items = split(data, [size], LOW)
    assert records_of(items) == [(A, 1, 1), (C, 1, len(data) - 8)]
    assert [(item.place.offset, item.size) for item in rejects_of(items)] == [(9, len(data) - 18)]


def test_a_reject_keeps_its_size_and_the_first_mebibyte() -> None:
    data = b"<" + b"x" * (2 * REJECT_SAMPLE_BYTES)
    (item,) = rejects_of(split(data, [REJECT_SAMPLE_BYTES]))
    assert (item.size, item.raw) == (len(data), data[:REJECT_SAMPLE_BYTES])


def test_a_place_reads_as_people_write_it() -> None:
    chunks = iter([b"\n" + A])
    (item,) = split_records(chunks, "export.zip", "a/b.json", HIGH)
    assert isinstance(item, Record)
    assert str(item.place) == "export.zip!a/b.json, line 2, byte 1"


@pytest.mark.parametrize(
    ("data", "records"),
    [
        pytest.param(b"", 0, id="before anything"),
        pytest.param(A + b"\n", 1, id="at the end of a line"),
        pytest.param(A + b'\n{"b"', 1, id="in an object"),
        pytest.param(b"[" + A + b",", 1, id="in an array"),
        pytest.param(b'[{"a":[\n{"b":', 0, id="in a nested object"),
        pytest.param(A + b"\nsome text", 1, id="in stray text"),
        pytest.param(LARGE + b'{"b":"' + b"x" * 100, 0, id="in what is too large"),
    ],
)
def test_a_fault_of_the_source_is_reported_once(data: bytes, records: int) -> None:
    items = split(data, [5], LOW, fault="truncated gzip data")
    assert len(records_of(items)) == records
    assert [item.reason for item in rejects_of(items)].count("truncated gzip data") == 1


# If the brackets were followed again from each line, this would take hours.
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"a":\n', id="objects"),
        pytest.param(b'{"a":[1,\n', id="arrays"),
        pytest.param(b'{"a":"\n', id="strings"),
    ],
)
def test_many_lines_that_are_never_closed(line: bytes) -> None:
    data = line * 20_000
    items = split(data + b"{}\n{}")
    assert sum(item.size for item in rejects_of(items)) == len(data)
    assert [raw for raw, _, _ in records_of(items)] == [b"{}", b"{}"]


# -- Properties ----------------------------------------------------------------------------------


class Layout(NamedTuple):
    """The layout of objects in a file."""

    before: bytes
    between: bytes
    after: bytes
    indent: int | None = None
    newline: bytes = b"\n"

    def write(self, objects: list[Any], ascii_only: bool = True) -> tuple[bytes, list[bytes]]:
        """Write a file; return it with the bytes of each object."""
        raws = [self._dump(value, ascii_only) for value in objects]
        return self.before + self.between.join(raws) + self.after, raws

    def expect(self, data: bytes, raws: list[bytes]) -> list[tuple[bytes, int, int]]:
        """Return the records expected from a file with a layout."""
        steps = accumulate((len(raw) + len(self.between) for raw in raws), initial=len(self.before))
        return [
            (raw, 1 + data.count(b"\n", 0, offset), offset)
            for raw, offset in zip(raws, steps, strict=False)
        ]

    def _dump(self, value: Any, ascii_only: bool) -> bytes:
        separators = (",", ":") if self.indent is None else None
        text = json.dumps(value, ensure_ascii=ascii_only, indent=self.indent, separators=separators)
        return text.encode().replace(b"\n", self.newline)


LAYOUTS = {
    "array": Layout(b"[", b",", b"]"),
    "array, a line each": Layout(b"[\n", b",\n", b"\n]\n"),
    "array, pretty": Layout(b"[\n  ", b",\n  ", b"\n]", indent=2),
    "array, crlf": Layout(b"[\r\n", b",\r\n", b"\r\n]\r\n", indent=4, newline=b"\r\n"),
    "ndjson": Layout(b"", b"\n", b"\n"),
    "ndjson, crlf": Layout(b"", b"\r\n", b"\r\n"),
    "ndjson, no last newline": Layout(b"", b"\n", b""),
    "concatenated": Layout(b"", b"", b""),
    "pretty": Layout(b"", b"\n", b"\n", indent=2),
    "text sequence": Layout(b"\x1e", b"\n\x1e", b"\n"),
}
# Truncated, these may end with something like a separate line, or with half a mark.
UNCUT_LAYOUTS = {
    "without indent": Layout(b"", b"\n", b"\n", indent=0),
    "bom": Layout(BOM, b"\n", b"\n"),
    "bom, array": Layout(BOM + b"[", b",", b"]"),
    "bom each": Layout(BOM, b"\n" + BOM, b""),
}

TEXTS = st.text(
    st.sampled_from('{}[]",:\\/\n\r\t\0 abcé\u2028\U0001f600')
    | st.characters(exclude_categories=["Cs"]),
    max_size=8,
)
# An envelope's members would make a file of objects an envelope.
KEYS = TEXTS.filter(lambda key: key not in ("type", "dsn", "sent_at"))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=3), min_size=1, max_size=4)
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)
TRICKY: list[Any] = [
    {'}],{"': '\\"}\\\\', "x": [[], {}, [{"[": "]"}]]},
    {"": "é\u2028\U0001f600\ufeff", "n": [float("nan"), -1e300, 10**22]},
    {"deep": {"er": [[[[{"\n{": "\n["}]]]]}, "e": "\ud83d"},
    {},
]
all_layouts = pytest.mark.parametrize(
    "layout", [pytest.param(layout, id=name) for name, layout in (LAYOUTS | UNCUT_LAYOUTS).items()]
)


@all_layouts
@given(objects=OBJECTS, ascii_only=st.booleans(), sizes=SIZES)
def test_any_objects_in_any_layout(
    layout: Layout, objects: list[Any], ascii_only: bool, sizes: list[int]
) -> None:
    data, raws = layout.write(objects, ascii_only)
    items = split(data, sizes)
    assert records_of(items) == layout.expect(data, raws)
    assert not rejects_of(items)


@all_layouts
def test_cut_in_two_at_every_byte(layout: Layout) -> None:
    data, raws = layout.write(TRICKY)
    expected = layout.expect(data, raws)
    for cut in range(1, len(data)):
        items = split(data, [cut, len(data)])
        assert records_of(items) == expected, f"cut at {cut}"
        assert not rejects_of(items), f"cut at {cut}"


@pytest.mark.parametrize("fault", [None, "truncated gzip data"], ids=["clean", "fault"])
@pytest.mark.parametrize(
    "layout", [pytest.param(layout, id=name) for name, layout in LAYOUTS.items()]
)
def test_truncated_at_every_byte(layout: Layout, fault: str | None) -> None:
    data, raws = layout.write(TRICKY)
    records = layout.expect(data, raws)
    end_of_array = data.rfind(b"]") + 1 if layout.before.startswith(b"[") else 0
    for cut in range(len(data)):
        items = split(data[:cut], [16], fault=fault)
        whole = [record for record in records if record[2] + len(record[0]) <= cut]
        is_cut_off = (
            cut < end_of_array
            or any(offset < cut < offset + len(raw) for raw, _, offset in records)
            or not whole
            or fault is not None
        )
        assert records_of(items) == whole, f"cut at {cut}"
        assert len(rejects_of(items)) == is_cut_off, f"cut at {cut}"


PIECES = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"\n{", b"\n[", b" ", b"\t"),
        *(b'{"a":1}', b'"x"', b"null", b"1", b"NaN", b"\r\n", b"\x1e", b"\0", b"<"),
        *(BOM, b"\xef", b"\xff\xfe"),
    ]
)
NEARLY_JSON = st.lists(PIECES, max_size=40).map(b"".join)


@given(data=st.binary(max_size=80) | NEARLY_JSON, sizes=SIZES)
@example(data=b'[\n{"a":1,\n{"b":2}\n]]}', sizes=[1])
def test_any_bytes(data: bytes, sizes: list[int]) -> None:
    items = split(data, sizes)
    end = 0
    for item in items:
        size = len(item.raw) if isinstance(item, Record) else item.size
        assert item.place.offset >= end
        end = item.place.offset + size
        assert item.raw == data[item.place.offset : end]
        assert item.place.line == 1 + data.count(b"\n", 0, item.place.offset)
    assert end <= len(data)
    assert items or b"[" in data


@given(data=NEARLY_JSON, sizes=SIZES)
def test_chunks_make_no_difference(data: bytes, sizes: list[int]) -> None:
    def outline(items: list[Record | Reject]) -> list[tuple[type, object, bytes]]:
        return [(type(item), item.place, item.raw) for item in items]

    assert outline(split(data, sizes)) == outline(split(data))


@given(objects=OBJECTS, after=OBJECTS, edit=st.data())
def test_a_damaged_line_costs_only_itself(
    objects: list[Any], after: list[Any], edit: st.DataObject
) -> None:
    layout = LAYOUTS["ndjson"]
    before, raws = layout.write(objects)
    rest, rest_raws = layout.write(after)
    line, _ = layout.write([edit.draw(st.dictionaries(KEYS, VALUES, max_size=3))])
    start = edit.draw(st.integers(0, len(line) - 1))
    stop = edit.draw(st.integers(start, len(line) - 1))
    patch = edit.draw(st.binary(max_size=4) | st.lists(PIECES, max_size=3).map(b"".join))
    data = before + line[:start] + patch + line[stop:] + rest

    found = records_of(split(data))
    assert found[: len(raws)] == layout.expect(data, raws)
    assert [raw for raw, _, _ in found[-len(rest_raws) :]] == rest_raws
    assert found[-1][2] == len(data) - len(rest_raws[-1]) - 1
