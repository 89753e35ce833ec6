"""Containers: detected by their bytes, read up to a fault, never silently truncated."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exports import compression, containers, zip_tar
from archive.exports.budget import Budget, SourceFault
from archive.exports.containers import Stream, open_streams
from archive.exports.limits import Limits
from archive.exports.records import Skipped

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Codec = Callable[[bytes], bytes]
Files = list[tuple[str, bytes]]

LINES = [b'{"n":%d,"x":"%d"}\n' % (n, n**9) for n in range(40)]
TEXT = b"".join(LINES)
CODECS: dict[str, Codec] = {
    "gzip": gzip.compress,
    "zstd": zstd.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
SKIPPABLE = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
all_codecs = pytest.mark.parametrize(
    "compress", [pytest.param(codec, id=name) for name, codec in CODECS.items()]
)


class Got(NamedTuple):
    """The data of a member, and the fault at its end."""

    name: str | None
    data: bytes
    fault: str | None


def read(data: bytes, size: int = 1 << 20, limits: Limits | None = None) -> list[Got]:
    """Read everything in a source; a fault outside a member is a member without a name."""
    got: list[Got] = []
    try:
        for stream in open_streams(cut(data, size), Budget(limits or Limits())):
            if isinstance(stream, Skipped):
                got.append(Got(None, b"", None))
                continue
            pieces: list[bytes] = []
            fault = None
            try:
                pieces.extend(stream.chunks)
            except SourceFault as error:
                fault = str(error)
            got.append(Got(stream.member, b"".join(pieces), fault))
    except SourceFault as error:
        got.append(Got(None, b"", str(error)))
    return got


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def reject_samples(got: list[Got]) -> list[str]:
    return [member.fault for member in got if member.fault]


def pack_zip(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as bundle:
        for name, data in files:
            bundle.writestr(name, data)
    return file.getvalue()


def pack_tar(files: Files, tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tar_format) as bundle:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            bundle.addfile(info, io.BytesIO(data))
    return file.getvalue()


A, B = b'{"a":1}\n', b'{"b":2}\n'
AB: Files = [("a.json", A), ("dir/b", B)]
LONG = "long/" * 60 + "name"


class Case(NamedTuple):
    """A source and its members."""

    data: bytes
    files: list[tuple[str | None, bytes]]


WHOLE = {
    "plain": Case(TEXT, [(None, TEXT)]),
    "empty": Case(b"", [(None, b"")]),
    "one byte": Case(b"{", [(None, b"{")]),
    **{name: Case(codec(TEXT), [(None, TEXT)]) for name, codec in CODECS.items()},
    **{f"{name}, nothing in it": Case(codec(b""), [(None, b"")]) for name, codec in CODECS.items()},
    **{
        f"{name}, several members": Case(codec(A) + codec(b"") + codec(B), [(None, A + B)])
        for name, codec in CODECS.items()
    },
    "zstd after a skippable frame": Case(SKIPPABLE + zstd.compress(A), [(None, A)]),
    "zstd with a skippable frame between": Case(
        zstd.compress(A) + SKIPPABLE + zstd.compress(B), [(None, A + B)]
    ),
    "gzip with zeros after it": Case(gzip.compress(A) + bytes(1_000), [(None, A)]),
    "xz with zeros after it": Case(lzma.compress(A) + bytes(8), [(None, A)]),
    "gzip in zstd in bzip2": Case(bz2.compress(zstd.compress(gzip.compress(A))), [(None, A)]),
    "zip": Case(pack_zip(AB), [("a.json", A), ("dir/b", B)]),
    "zip, stored": Case(pack_zip(AB, zipfile.ZIP_STORED), [("a.json", A), ("dir/b", B)]),
    "zip, bzip2": Case(pack_zip(AB, zipfile.ZIP_BZIP2), [("a.json", A), ("dir/b", B)]),
    "zip, lzma": Case(pack_zip(AB, zipfile.ZIP_LZMA), [("a.json", A), ("dir/b", B)]),
    "zip of nothing": Case(pack_zip([]), []),
    "zip with a directory": Case(pack_zip([("dir/", b""), ("dir/a", A)]), [("dir/a", A)]),
    "zip with names that lead out": Case(
        pack_zip([("../../x", A), ("/etc/x", B)]), [("../../x", A), ("/etc/x", B)]
    ),
    "gzip in zip": Case(pack_zip([("a.gz", gzip.compress(A)), ("b", B)]), [("a.gz", A), ("b", B)]),
    "zip in zip": Case(
        pack_zip([("in.zip", pack_zip(AB))]), [("in.zip!a.json", A), ("in.zip!dir/b", B)]
    ),
    "zip in tar": Case(
        pack_tar([("in.zip", pack_zip(AB)), ("b", B)]),
        [("in.zip!a.json", A), ("in.zip!dir/b", B), ("b", B)],
    ),
    "zip in gzip": Case(gzip.compress(pack_zip(AB)), [("a.json", A), ("dir/b", B)]),
    "tar": Case(pack_tar(AB), [("a.json", A), ("dir/b", B)]),
    "tar, GNU": Case(pack_tar([(LONG, A)], tarfile.GNU_FORMAT), [(LONG, A)]),
    "tar, pax": Case(pack_tar([(LONG, A), ("é", B)]), [(LONG, A), ("é", B)]),
    "tar in tar": Case(
        pack_tar([("in.tar", pack_tar(AB))]), [("in.tar!a.json", A), ("in.tar!dir/b", B)]
    ),
    **{
        f"tar, {name}": Case(codec(pack_tar(AB)), [("a.json", A), ("dir/b", B)])
        for name, codec in CODECS.items()
    },
}


@pytest.mark.parametrize(
    "size", [1 << 20, 100, 1], ids=["in one chunk", "by 100 bytes", "by bytes"]
)
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in WHOLE.items()])
def test_open(case: Case, size: int) -> None:
    assert read(case.data, size) == [Got(name, data, None) for name, data in case.files]


def test_only_files_of_a_tar_are_opened() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as bundle:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("name")
            info.type, info.linkname = kind, "/etc/passwd"
            bundle.addfile(info)
    assert read(file.getvalue()) == []


def test_members_need_not_be_read() -> None:
    streams = open_streams(iter([pack_tar(AB)]), Budget(Limits()))
    names = [stream.member for stream in streams if isinstance(stream, Stream)]
    assert names == ["a.json", "dir/b"]


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        pytest.param("__MACOSX/dir/._a.json", True, id="resource fork"),
        pytest.param("dir/__MACOSX/a.json", True, id="deeper"),
        pytest.param("dir/.DS_Store", True, id="hidden file"),
        pytest.param(".git/config", True, id="in a hidden directory"),
        pytest.param("./dir/a.json", False, id="from here"),
        pytest.param("../a.json", False, id="from above"),
        pytest.param("a.b/c.json", False, id="a dot within"),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "tar", "tar in a zip"])
def test_hidden_members_are_skipped(kind: str, name: str, hidden: bool) -> None:
    files = [(name, A), ("b", B)]
    data = pack_zip(files) if kind == "zip" else pack_tar(files)
    if kind == "tar in a zip":
        data = pack_zip([("c", data)])
    first, second = open_streams(iter([data]), Budget(Limits()))
    assert (first == Skipped("hidden file")) is hidden
    assert isinstance(second, Stream)
    assert b"".join(second.chunks) == B


# -- Truncated -----------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [1 << 20, 64], ids=["large pieces", "small pieces"])
def test_truncated_gzip_gives_all_that_zlib_can(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (zip_tar, compression):
        monkeypatch.setattr(module, "PIECE", piece)
    data = gzip.compress(TEXT)
    for length in range(3, len(data)):
        known = zlib.decompressobj(wbits=31).decompress(data[:length])
        (got,) = read(data[:length], size=50)
        assert got.data == known, f"cut at {length}"
        assert got.fault == "truncated gzip data: it ends in the middle", f"cut at {length}"


def _flush_lines_gzip() -> tuple[list[bytes], bytes]:
    compressor = zlib.compressobj(wbits=31)
    flushed = [compressor.compress(line) + compressor.flush(zlib.Z_FULL_FLUSH) for line in LINES]
    return flushed, compressor.flush()


def _flush_lines_zstd() -> tuple[list[bytes], bytes]:
    compressor = zstd.ZstdCompressor()
    flushed = [compressor.compress(line, compressor.FLUSH_BLOCK) for line in LINES]
    return flushed, compressor.flush()


@pytest.mark.parametrize(
    ("kind", "flush_lines"), [("gzip", _flush_lines_gzip), ("zstd", _flush_lines_zstd)]
)
def test_truncated_at_the_end_of_a_line(
    kind: str, flush_lines: Callable[[], tuple[list[bytes], bytes]]
) -> None:
    flushed, trailer = flush_lines()
    for count in range(1, len(LINES) + 1):
        data, text = b"".join(flushed[:count]), b"".join(LINES[:count])
        fault = f"truncated {kind} data: it ends in the middle"
        assert read(data) == [Got(None, text, fault)], f"after {count} lines"
    assert read(b"".join(flushed) + trailer) == [Got(None, TEXT, None)]


@all_codecs
def test_truncated_anywhere(compress: Codec) -> None:
    data = compress(A) + compress(TEXT)
    for length in range(8, len(data)):
        (got,) = read(data[:length], size=30)
        assert (A + TEXT).startswith(got.data), f"cut at {length}"
        assert (got.fault is None) == (got.data == A and length == len(compress(A)))


def test_truncated_tar() -> None:
    data = pack_tar(AB)
    end = len(data.rstrip(b"\0")) // 512 * 512 + 1024  # of the last member, and a block of zeros
    for length in range(512, end, 16):
        got = read(data[:length])
        assert len(reject_samples(got)) == 1, f"cut at {length}"
        assert b"".join(member.data for member in got) == (
            data[512 : min(length, 520)] + data[1536 : min(length, 1544)]
        )


@all_codecs
def test_truncated_tar_that_is_compressed(compress: Codec) -> None:
    data = compress(pack_tar([("a", A), ("lines", TEXT)]))
    for length in range(60, len(data), 3):
        got = read(data[:length], size=30)
        assert len(reject_samples(got)) == 1, f"cut at {length}"
        text = b"".join(member.data for member in got if member.name)
        assert (A + TEXT).startswith(text), f"cut at {length}"


def test_truncated_tar_gzip_gives_whole_lines() -> None:
    flushed, tail = [], b""
    compressor = zlib.compressobj(wbits=31)
    whole = pack_tar([("lines", TEXT)])
    for line in (whole[:512], *LINES):
        flushed.append(compressor.compress(line) + compressor.flush(zlib.Z_FULL_FLUSH))
    tail = compressor.compress(whole[512 + len(TEXT) :]) + compressor.flush()
    for count in range(1, len(LINES) + 1):
        (got,) = read(b"".join(flushed[: count + 1]))[:1]
        assert got.data == b"".join(LINES[:count])
    assert read(b"".join(flushed) + tail) == [Got("lines", TEXT, None)]


@pytest.mark.parametrize("length", [10, 60, -30, -1])
def test_truncated_zip(length: int) -> None:
    assert [(got.data, got.fault) for got in read(pack_zip(AB)[:length])] == [
        (b"", "damaged zip: File is not a zip file")
    ]


# -- Damaged -------------------------------------------------------------------------------------


def flip(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


DAMAGED_TAR_HEADER = flip(pack_tar(AB), 1024 + 148)  # in its checksum
DAMAGED_IN_ZIP = {
    "bytes": lambda: flip(pack_zip([("a", TEXT), ("b", B)]), 100),
    "gzip": lambda: pack_zip([("a", flip(gzip.compress(TEXT), 100)), ("b", B)]),
    "truncated gzip": lambda: pack_zip([("a", gzip.compress(TEXT)[:-1]), ("b", B)]),
    "zip": lambda: pack_zip([("a", b"PK\x03\x04 and no more"), ("b", B)]),
    "tar": lambda: pack_zip([("a", DAMAGED_TAR_HEADER), ("b", B)]),
    "truncated tar.gz": lambda: pack_zip([("a", gzip.compress(pack_tar(AB))[:80]), ("b", B)]),
    "layers": lambda: pack_zip([("a", wrap(A, containers.MAX_LAYERS + 1)), ("b", B)]),
}


def wrap(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = gzip.compress(data)
    return data


@pytest.mark.parametrize(
    ("data", "text", "fault"),
    [
        pytest.param(flip(gzip.compress(TEXT), -5), TEXT, "incorrect data check", id="gzip CRC"),
        pytest.param(flip(gzip.compress(TEXT), -1), TEXT, "incorrect length", id="gzip length"),
        pytest.param(gzip.compress(A) + b"junk", A, "damaged gzip", id="junk after gzip"),
        pytest.param(gzip.compress(A) + b"j", A, "truncated gzip", id="a byte after gzip"),
        pytest.param(gzip.compress(A) + b"\0\0j", A, "damaged gzip", id="junk after zeros"),
        pytest.param(zstd.compress(A) + b"junk", A, "damaged zstd", id="junk after zstd"),
        pytest.param(bz2.compress(A) + b"junk", A, "damaged bzip2", id="junk after bzip2"),
        pytest.param(lzma.compress(A) + b"long junk here", A, "damaged xz", id="junk after xz"),
        pytest.param(b"BZh9 and no more", b"", "damaged bzip2", id="only a mark"),
        pytest.param(wrap(A, containers.MAX_LAYERS), A, None, id="as many layers as may be"),
        pytest.param(wrap(A, 9), b"", "compressed more than 8 times over", id="too many layers"),
    ],
)
def test_damaged(data: bytes, text: bytes, fault: str | None) -> None:
    (got,) = read(data)
    assert got.data == text
    assert (fault or "") in (got.fault or "")
    assert bool(got.fault) == bool(fault)


@pytest.mark.parametrize(
    "build", [pytest.param(build, id=name) for name, build in DAMAGED_IN_ZIP.items()]
)
def test_a_damaged_member_does_not_cost_the_others(build: Callable[[], bytes]) -> None:
    *damaged, last = read(build())
    assert last == Got("b", B, None)
    assert len(reject_samples(damaged)) == 1


def test_a_damaged_member_of_a_tar_does_not_cost_the_others() -> None:
    *damaged, last = read(pack_tar([("a", pack_zip(AB)[:-1]), ("b", B)]))
    assert last == Got("b", B, None)
    assert len(reject_samples(damaged)) == 1


def test_a_damaged_header_of_a_tar_is_not_its_end() -> None:
    got = read(DAMAGED_TAR_HEADER)
    assert got[0] == Got("a.json", A, None)
    assert reject_samples(got) == ["damaged or truncated tar: invalid header"]


def test_an_encrypted_member_is_rejected() -> None:
    data = bytearray(pack_zip([("a", A)]))
    data[6] |= 1  # the flag, in the member's header and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (got,) = read(bytes(data))
    assert got.fault is not None
    assert "encrypted" in got.fault


CONTAINERS = [*(codec(TEXT) for codec in CODECS.values()), pack_zip(AB), pack_tar(AB)]


@given(
    data=st.sampled_from([*CONTAINERS, gzip.compress(pack_tar(AB))]),
    seed=st.integers(0, 1 << 32),
    edits=st.integers(1, 4),
)
def test_damage_anywhere_is_a_fault_at_worst(data: bytes, seed: int, edits: int) -> None:
    chance = random.Random(seed)
    for _ in range(edits):
        data = flip(data, chance.randrange(len(data)))
    read(data, size=100)


# -- Bombs ---------------------------------------------------------------------------------------

BOMB = bytes(32 << 20)


@pytest.mark.parametrize(
    ("build", "fault"),
    [
        pytest.param(lambda: gzip.compress(BOMB), "gzip data expands more than 10-fold", id="gzip"),
        pytest.param(lambda: zstd.compress(BOMB), "zstd data expands more than 10-fold", id="zstd"),
        pytest.param(
            lambda: pack_zip([("a", BOMB)]), "zip member expands more than 10-fold", id="zip"
        ),
        pytest.param(
            lambda: gzip.compress(zstd.compress(BOMB)),
            "zstd data expands more than 10-fold",
            id="zstd in gzip",
        ),
    ],
)
def test_a_bomb_is_stopped_in_bounded_memory(
    build: Callable[[], bytes], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "RATIO_FLOOR", 1 << 20)
    data, given_out = build(), 0
    (stream,) = open_streams(iter([data]), Budget(Limits(ratio=10)))
    assert isinstance(stream, Stream)
    tracemalloc.start()
    try:
        with pytest.raises(SourceFault, match=fault):
            for chunk in stream.chunks:
                given_out += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert given_out <= 4 << 20
    assert peak < 16 << 20


def _pack_holes() -> bytes:
    """Pack a 1 KiB tar whose only file is an 8 GiB hole (GNU's old sparse format)."""
    header = bytearray(tarfile.TarInfo("a").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:410] = b"%011o\0%011o\0" % ((8 << 30) - 1, 0)
    header[483:495] = b"%011o\0" % ((8 << 30) - 1)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


def _pack_overlapping() -> bytes:
    """Pack a zip of 50 members that share the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("a", bytes(1 << 20))
        bundle.filelist *= 50
        bundle._didModify = True  # type: ignore[attr-defined]
    return file.getvalue()


@pytest.mark.parametrize(
    ("pack", "fault"),
    [
        (_pack_holes, "tar expands more than"),
        (_pack_overlapping, "zip expands more than|Overlapped entries"),  # since Python 3.13
    ],
    ids=["holes in a tar", "members of a zip that overlap"],
)
def test_members_are_bounded_by_what_holds_them(
    pack: Callable[[], bytes], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "RATIO_FLOOR", 1 << 20)
    got = [member.fault for member in _read_counted(pack())]
    assert re.search(fault, str(got[-1]))


def _read_counted(data: bytes) -> list[Got]:
    """Read the size and fault of each member; at most 100 MiB in total."""
    got, given = [], 0
    for stream in open_streams(iter([data]), Budget(Limits(ratio=1_000))):
        assert isinstance(stream, Stream)
        fault = None
        try:
            for chunk in stream.chunks:
                given += len(chunk)
                assert given < 100 << 20
        except SourceFault as error:
            fault = str(error)
        got.append(Got(stream.member, b"", fault))
    return got


def _pack_xz_of_much_memory() -> bytes:
    """Pack an xz whose header requests a 4 GiB dictionary."""
    data = bytearray(lzma.compress(A))
    size = (data[12] + 1) * 4
    data[16] = 40  # the properties of LZMA2: 4 GiB - 1
    data[12 + size - 4 : 12 + size] = zlib.crc32(data[12 : 12 + size - 4]).to_bytes(4, "little")
    return bytes(data)


def test_xz_may_not_ask_for_much_memory() -> None:
    (got,) = read(_pack_xz_of_much_memory())
    assert "Memory usage limit exceeded" in str(got.fault)


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_a_source_is_bounded_in_size(compress: Codec) -> None:
    (got,) = read(compress(TEXT), limits=Limits(source_bytes=len(TEXT) - 1))
    assert got.fault is not None
    assert f"expands to more than {len(TEXT) - 1:,} bytes" in got.fault
    assert read(compress(TEXT), limits=Limits(source_bytes=len(TEXT))) == [Got(None, TEXT, None)]


@pytest.mark.parametrize("pack", [pack_zip, pack_tar], ids=["zip", "tar"])
def test_members_are_bounded_together(pack: Callable[[Files], bytes]) -> None:
    data, size = pack([("a", A), ("b", B), ("c", A)]), len(A) + len(B)
    first, second, third = read(data, limits=Limits(source_bytes=size))
    assert (first.data, second.data, third.data) == (A, B, b"")
    assert (first.fault, second.fault) == (None, None)
    assert third.fault is not None
    assert f"expands to more than {size:,} bytes" in third.fault


def test_a_high_ratio_is_no_bomb_while_it_is_small() -> None:
    assert read(gzip.compress(bytes(1 << 20)), limits=Limits(ratio=10))[0].fault is None
