"""Exports made to cost more than they weigh: real loads, their memory bounded, the rest stored."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import archive
from tests.builders import PROJECT, make_event
from tests.faults.conftest import Count

GOOD = json.dumps(make_event(2)).encode() + b"\n"
MEBIBYTE = 1 << 20
BOUND_KILOBYTES = 700_000  # of all memory, most of which is PyArrow's and DuckDB's own

Export = Callable[[], Iterable[bytes]]


def _event(member: bytes) -> Iterator[bytes]:
    yield b'{"eventID":"%032x","entries":[],%b}\n' % (1, member)


def _repeat(member: bytes, value: bytes, times: int) -> Iterator[bytes]:
    """An event with a list of so many values."""
    yield b'{"eventID":"%032x","entries":[],%b' % (1, member)
    for _ in range(times // 1000):
        yield value * 1000
    yield b"null]}\n"


def _frames(times: int) -> Iterator[bytes]:
    yield b'{"eventID":"%032x","entries":[{"type":"stacktrace","data":{"frames":[' % 1
    for _ in range(times // 1000):
        yield b"{}," * 1000
    yield b"null]}}]}\n"


def _members(times: int) -> Iterator[bytes]:
    yield b'{"eventID":"%032x","entries":[]' % 1
    yield from (b',"%x":0' % number for number in range(times))
    yield b"}\n"


def _string(mebibytes: int) -> Iterator[bytes]:
    yield b'{"eventID":"%032x","entries":[],"message":"' % 1
    yield from [b"x" * MEBIBYTE] * mebibytes
    yield b'"}\n'


def _zstd(data: bytes) -> bytes:
    compressed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return compressed


def _zip_overlapping() -> bytes:
    """A zip of 400 members that are all the same bytes, 25 GB when they are read."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("a", bytes(60 * MEBIBYTE))
        first = bundle.infolist()[0]
        for number in range(400):
            copy = zipfile.ZipInfo("a")
            for name in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(copy, name, getattr(first, name))
            copy.comment = b"%d" % number
            bundle.filelist.append(copy)
        bundle._didModify = True  # type: ignore[attr-defined]
    return file.getvalue()


SPACES = b" " * (64 * MEBIBYTE)
TOO_MANY, TOO_LARGE, TOO_FAR = "more than 1,000,000 values", "larger than", "expands more than"
EXPORTS: dict[str, tuple[Export, str]] = {
    "10 million tags": (lambda: _repeat(b'"tags":[', b'{"key":"a","value":"b"},', 10**7), TOO_MANY),
    "10 million tags without anything": (lambda: _repeat(b'"tags":[', b"{},", 10**7), TOO_MANY),
    "30 million frames": (lambda: _frames(30 * 10**6), TOO_MANY),
    "2 million errors": (lambda: _repeat(b'"errors":[', b"[],", 2 * 10**6), TOO_MANY),
    "8 million members": (lambda: _members(8 * 10**6), TOO_MANY),
    "a string of 1 GiB": (lambda: _string(1024), TOO_LARGE),
    "10 GiB of spaces in gzip": (lambda: [gzip.compress(SPACES)] * 160, TOO_FAR),
    "10 GiB of spaces in zstd": (lambda: [_zstd(SPACES)] * 160, TOO_FAR),
    "10 GiB of spaces in bzip2": (lambda: [bz2.compress(SPACES)] * 160, TOO_FAR),
    "10 GiB of spaces in xz": (lambda: [lzma.compress(SPACES, preset=0)] * 160, TOO_FAR),
    "zstd in zstd in zstd": (lambda: [_zstd(_zstd(_zstd(SPACES) * 1000) * 100)], TOO_FAR),
    "members that overlap": (lambda: [_zip_overlapping()], TOO_FAR),
}


@pytest.mark.parametrize(("export", "reason"), EXPORTS.values(), ids=EXPORTS)
def test_what_costs_too_much_is_rejected(
    export: Export, reason: str, tmp_path: Path, count: Count
) -> None:
    """And the good event in the next file is stored."""
    hostile, good = tmp_path / "hostile", tmp_path / "next.json"
    with hostile.open("wb") as stream:
        stream.writelines(export())
    good.write_bytes(GOOD)
    code, kilobytes = _load(tmp_path / "archive", hostile, good)
    assert code == 3
    with archive.open(tmp_path / "archive") as events:
        assert [*events.sql("SELECT count(*) FROM events")] == [(1,)]
        assert events.resolve(f"{2:032x}").raw + b"\n" == GOOD
        assert any(reason in found for found in _read_reasons(events))
    assert kilobytes < BOUND_KILOBYTES
    hostile.unlink()
    count("exports that cost too much and were rejected", 1)


def test_a_giant_text_is_stored(tmp_path: Path, count: Count) -> None:
    """A message is a column, which holds no text so long; the payload has it to the byte."""
    with (tmp_path / "export").open("wb") as stream:
        stream.writelines(_string(93))
    code, kilobytes = _load(tmp_path / "archive", tmp_path / "export")
    assert (code, kilobytes < BOUND_KILOBYTES) == (0, True)
    with archive.open(tmp_path / "archive") as events:
        assert [*events.sql("SELECT message, size FROM events")] == [(None, 97_517_640)]
        raw = events.resolve(f"{1:032x}").raw
    assert raw + b"\n" == (tmp_path / "export").read_bytes()
    count("giant texts stored", 1)


def _load(root: Path, *sources: Path) -> tuple[int, int]:
    """The exit code of a load, and the most memory that it held, in kB."""
    command = [sys.executable, "-m", "archive", "-a", str(root), "load", "--workers", "1"]
    process = subprocess.Popen(
        [*command, *map(str, sources)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss


def _read_reasons(events: archive.Archive) -> list[str]:
    (path,) = (events.path / "rejects").iterdir()
    with pa.input_stream(path, compression="zstd") as stream:
        return [json.loads(line)["reason"] for line in stream.read().splitlines()]
