"""Slices: together they are the file, and each record is in one slice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exports import slices as slices_module
from archive.exports.limits import Limits
from archive.exports.records import Record
from archive.exports.slices import Slice, count_lines_before, cut_source, read_slice
from archive.exports.sources import Source
from archive.exports.split import split_records

LINE = b'{"eventID": "1", "text": "}\\n{"}\n'


class Case(NamedTuple):
    """A file, and the number of slices of 100 bytes it is cut into."""

    data: bytes
    slices: int


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices_module, "BLOCK", 1)
        yield


CASES = {
    "JSON lines": Case(LINE * 30, 10),
    "JSON lines, CRLF": Case(LINE.replace(b"\n", b"\r\n") * 30, 11),
    "few lines": Case(LINE * 3, 1),
    "an array": Case(b"[" + LINE.strip() + b",\n" + LINE * 30 + b"]", 1),
    "pretty-printed": Case(b'{\n "a": {\n  "b": 1\n }\n}\n' * 40, 1),
    "an envelope": Case(b'{"event_id":"1"}\n{"type":"event"}\n' + LINE * 30, 1),
    "keyed messages": Case((b"key\t" + LINE) * 30, 1),
    "HTTP dump": Case(b"HTTP/1.1 200 OK\r\n\r\n" + LINE * 30, 1),
    "CSV": Case(b'id,data\n1,"{""a"":\n' + LINE * 30, 1),
    "pg_dump": Case(b"COPY t (data) FROM stdin;\n" + LINE * 30, 1),
    "strings": Case(json.dumps(LINE.decode()).encode() + b"\n" + LINE * 30, 1),
    "a wrapper": Case(b'{"events":[\n' + LINE.strip() + b",\n" + LINE * 30, 1),
    "gzip": Case(b"\x1f\x8b" + LINE * 30, 1),
    "one long line": Case(LINE.strip() * 30, 1),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_cut(tmp_path: Path, case: Case) -> None:
    source = _write(tmp_path, case.data)
    slices = cut_source(source, 100)
    assert len(slices) == case.slices
    assert _join(slices) == case.data


def test_a_source_that_is_gone_is_left_to_its_reader(tmp_path: Path) -> None:
    source = Source(str(tmp_path / "gone"), 1 << 40)
    assert cut_source(source, 100) == [Slice(source)]


@given(
    lines=st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=40)), min_size=1),
    size=st.integers(1, 200),
)
def test_records_and_places_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, str]], size: int
) -> None:
    data = b"".join(json.dumps(line).encode() + b"\n" for line in [{"a": "b"}, *lines])
    source = _write(tmp_path_factory.mktemp("slices"), data)
    slices = cut_source(source, size)
    assert _join(slices) == data
    apart = [found for piece in slices for found in _split(piece)]
    assert apart == _split(Slice(source))


def _split(piece: Slice) -> list[tuple[bytes, int, int]]:
    before = count_lines_before(piece)
    chunks = read_slice(piece, lambda chunk: None)
    records = split_records(chunks, piece.source.path, None, Limits(), piece.start)
    return [
        (found.raw, found.place.line + before, found.place.offset)
        for found in records
        if isinstance(found, Record)
    ]


def _write(directory: Path, data: bytes) -> Source:
    path = directory / "export"
    path.write_bytes(data)
    return Source(str(path), len(data))


def _join(slices: list[Slice]) -> bytes:
    """Join the records of slices, after checking that their blocks are the same bytes."""
    blocks: list[bytes] = []
    records = b"".join(chunk for piece in slices for chunk in read_slice(piece, blocks.append))
    assert b"".join(blocks) == records
    return records
